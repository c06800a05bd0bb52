"""After a pseudonymised run no id of a person stands anywhere but in the files that came."""

import gzip
import json
import os
import signal
import sqlite3
import zipfile
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

from crossrec import jobs
from crossrec.cli import main
from crossrec.data import IdMap
from crossrec.data.privacy.naming import named
from crossrec.data.privacy.plan import KEY_ENVIRONMENT, PrivacyPlan, load_key
from crossrec.errors import ColumnMissing, CrossRecError, DataError, TooManyRejects, UnknownId
from crossrec.intake import RunInputs, default_key_file, import_data, read_inputs
from crossrec.jobs.store import Store
from crossrec.pipeline import RunConfig, explain, recommend, run
from crossrec.workspace import Run, Workspace
from crossrec.workspace.feedback import Feedback, FeedbackStore, Verdict
from tests.conftest import make_small_log

MARK = "persona-"
"""Every raw id begins so, and nothing else does."""


@dataclass(frozen=True)
class Place:
    """Where the test works: the files that came, and everything that is made of them."""

    came: Path
    made: Path

    def inputs(self, **changes) -> RunInputs:
        files = {name: self.came / f"{name}.csv" for name in ("interactions", "items", "users")}
        privacy = PrivacyPlan(pseudonymise=True, least=1)
        return RunInputs(**{**files, "privacy": privacy, **changes})

    @property
    def options(self) -> list[str]:
        files = ("interactions", "items", "users")
        named = [word for one in files for word in (f"--{one}", str(self.came / f"{one}.csv"))]
        return [*named, "--pseudonymise", "--least-group", "1"]


@pytest.fixture(scope="module")
def files(tmp_path_factory) -> Path:
    """A log in which people's ids stand in good, malformed, rejected and repeated rows."""
    folder = tmp_path_factory.mktemp("came")
    log = make_small_log().to_frame().drop(columns="weight")
    log["user_id"] = MARK + log["user_id"]
    text = log.assign(is_click=1).to_csv(index=False)
    first = text.splitlines()[1]
    text += f"{first}\n{first}\n"  # stand twice
    text += f"{MARK}shown,b01,books,1600000000,0\n"  # of somebody who never clicked
    text += f"{MARK}lost,b01,books\n"  # too few values
    text += f"{MARK}lost,b01,books,soon,1,{MARK}more\n"  # too many
    text += f"{MARK}lost,,books,1600000000,1\n"  # no item
    text += f"{MARK}lost,b02,books,{MARK}time,1\n"  # no time
    text += f",b02,books,{MARK}again,1\n"
    (folder / "interactions.csv").write_text(text)
    users = pd.DataFrame({"user_id": sorted(log["user_id"].unique())})
    users = users.assign(age=30, login=users["user_id"], friend=users["user_id"].shift(-1))
    users["friends"] = [f"{MARK}u00{at % 7}, {MARK}afar{at % 9}" for at in range(len(users))]
    content = users.to_csv(index=False) + f"{MARK}lost,1,2,3,4,5,6\n,4,{MARK}x,{MARK}y,{MARK}z\n"
    (folder / "users.csv").write_text(content)
    items = pd.DataFrame({"item_id": sorted(log["item_id"].unique())})
    items = items.assign(
        title="space " + items["item_id"], made_by=users["user_id"].iloc[: len(items)]
    )
    (folder / "items.csv").write_text(items.to_csv(index=False) + f",{MARK}title,{MARK}maker\n")
    said = pd.DataFrame(
        [
            (f"{MARK}u001", "b27", "books", 1.0),
            (f"{MARK}u002", "f11", "films", 0.0),
            (f"{MARK}newcomer", "b03", "books", 1.0),
        ],
        columns=["user_id", "item_id", "scenario", "weight"],
    )
    said.assign(event="like", timestamp=1_700_000_000).to_csv(folder / "said.csv", index=False)
    asked = [f"{MARK}u001,books", f"{MARK}stranger,films"]
    (folder / "asked.csv").write_text("\n".join(["user_id,scenario", *asked]) + "\n")
    rows = ["user_id,scenario,item_id", f"{MARK}u003,books,b04", f"{MARK}stranger,films,f04"]
    (folder / "rows.csv").write_text("\n".join(rows) + "\n")
    return folder


@pytest.fixture
def place(files, tmp_path, monkeypatch) -> Place:
    monkeypatch.delenv(KEY_ENVIRONMENT, raising=False)
    made = tmp_path / "made"
    monkeypatch.setenv("CROSSREC_WORKSPACE", str(made / "workspace"))
    monkeypatch.setenv("CROSSREC_CACHE", str(made / "cache"))
    return Place(files, made)


@pytest.fixture(scope="module")
def trained(files, tmp_path_factory) -> tuple[Path, Path]:
    """A finished pseudonymised run with feedback, and its key."""
    folder = tmp_path_factory.mktemp("trained")
    inputs = Place(files, folder).inputs(key_file=folder / "key")
    config = RunConfig(encoder="tfidf", seed=1)
    return run(inputs, folder / "run", config, feedback=files / "said.csv"), folder / "key"


def traces(folder: Path) -> list[str]:
    """Where the mark stands in a folder: names, bytes, and what is packed inside of files."""
    found = []
    content = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    for path, data in sorted(content.items()):  # opening a database takes files beside it away
        parts = {"name": path.name.encode(), "bytes": data}
        if data.startswith(b"PAR1"):
            table = pq.read_table(path)
            cells = {name: str(table[name].to_pylist()) for name in table.column_names}
            text = f"{cells}{table.schema.metadata}{pq.read_metadata(path).metadata}"
            parts["columns"] = text.encode()
        elif data.startswith(b"SQLite"):
            with closing(sqlite3.connect(path)) as base:
                parts["rows"] = "".join(base.iterdump()).encode()
        elif data.startswith(b"\x1f\x8b"):
            parts["unpacked"] = gzip.decompress(data)
        found += [f"{path.relative_to(folder)} ({part})" for part, text in parts.items()
                  if MARK.encode() in text]  # fmt: skip
    return found


def test_a_trace_is_found_wherever_it_is(tmp_path):
    """The search itself: a hidden id is found in plain, in Parquet, in SQLite and in gzip."""
    pd.DataFrame({"user_id": [f"{MARK}1"] * 50}).to_parquet(tmp_path / "a", compression="zstd")
    (tmp_path / "b").write_bytes(gzip.compress(MARK.encode()))
    with closing(sqlite3.connect(tmp_path / "c")) as base, base:
        base.execute("CREATE TABLE t(x)")
        base.execute("INSERT INTO t VALUES (?)", (MARK,))
    (tmp_path / "d.txt").write_text(f"x{MARK}x")
    assert {one[0] for one in traces(tmp_path)} == set("abcd")


def test_no_id_is_left_by_the_commands(place, capsys):
    out, made = str(place.made / "run"), place.made
    said, asked, rows = (str(place.came / f"{name}.csv") for name in ("said", "asked", "rows"))
    commands = [
        ["audit", *place.options, "--rejects", str(made / "rejects.csv")],
        ["audit", *place.options, "--json", "--test", str(place.came / "interactions.csv")],
        ["run", *place.options, "--out", out, "--encoder", "tfidf", "--feedback", said],
        ["recommend", "--run", out, "--users", asked, "--rows", rows, "--out", str(made / "r.csv")],
        ["explain", "--run", out, "--users", asked, "--out", str(made / "why.parquet")],
        ["explain", "--run", out, "--user", f"{MARK}u001", "--scenario", "books"],
        ["explain", "--run", out, "--user", f"{MARK}u001", "--scenario", "books", "--json"],
        ["report", out, "--out", str(made / "report.html")],
        ["export", "--run", out, "--out", str(made / "lists.parquet")],
        ["export", "--run", out, "--out", str(made / "lists.csv")],
        ["runs", "show", out],
        ["pairs", "--run", out, "--out", str(made / "pairs.csv")],
        ["map", "--run", out, "--what", "users", "--out", str(made / "users.csv")],
    ]
    log = made / "said.log"
    for command in commands:
        assert main(command) in (0, 3), command
        told = capsys.readouterr()
        with log.open("a") as file:
            file.write(told.out + told.err)
    assert (made / "workspace" / "keys" / "pseudonym.key").is_file()
    assert traces(made) == []
    finished = Run(out)
    assert finished.info["counts"]["rejected"] == 5
    assert "login" in finished.users().attributes  # known by pseudonym, as are the makers of items
    assert set(finished.catalog().attributes["made_by"]) <= {*finished.users().users.ids, ""}


def test_no_id_is_left_by_jobs_and_feedback(place):
    workspace = Workspace()
    project = workspace.create_project("Shop")
    store = FeedbackStore(workspace)
    check, out = workspace.root / "checks" / "one", workspace.new_run_path(project, "quick")
    inputs = place.inputs()
    try:
        job(workspace, "import_data", {"inputs": inputs, "out": check, "raw": workspace.root})
        user = Run(check).log().users.ids[0]
        store.add(Feedback(0, 0, project.slug, "x", str(user), "books", "b03", Verdict.LIKE))
        arguments = {"inputs": inputs, "out": out, "config": {"encoder": "tfidf"}}
        job(workspace, "run", {**arguments, "feedback": place.came / "said.csv"})
        lists = {"run": out, "out": place.made / "lists.csv", "k": 5, "kind": "csv"}
        job(workspace, "export_lists", lists)
        # Jobs that fail keep what was wrong: a file without a header, and one of nothing good.
        headless = place.made.parent / "headless.csv"
        headless.write_text("".join(f"{MARK}{at},b{at},x,1\n" for at in range(30)))
        bad = place.made.parent / "bad.csv"
        bad.write_text("user_id,item_id,scenario,rating\n" + f"{MARK}1,i,a,{MARK}2\n" * 30)
        for path in (headless, bad):
            failing = place.inputs(interactions=path)
            job(workspace, "import_data", {"inputs": failing, "out": check}, state="failed")
    finally:
        stop(workspace.jobs_db)
    events = place.made / "events.csv"
    assert main(["feedback", "export", "--events", "--out", str(events)]) == 0
    assert traces(place.made) == []


def job(workspace: Workspace, verb: str, arguments: dict, *, state: str = "done") -> None:
    db = workspace.jobs_db
    ended = jobs.wait(db, jobs.submit(db, verb, arguments), timeout=200)
    assert ended.state == state, (ended.error, jobs.log_tail(db, ended.id))


def stop(db: Path) -> None:
    with Store(db) as store:
        pid = store.supervisor()
    if pid:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    from crossrec.jobs import client

    if process := client._started.pop(db, None):
        process.kill()
        process.wait()


def test_what_was_said_reaches_the_right_person(trained, files):
    """By raw id, by pseudonym, and by an id that only looks like a pseudonym."""
    path, key_file = trained
    finished, key = Run(path), load_key(key_file)
    frame = finished.log().to_frame()
    mine = frame.loc[frame["user_id"] == key.pseudonym(f"{MARK}u001")]
    assert "b27" in set(mine["item_id"])
    assert key.pseudonym(f"{MARK}newcomer") in set(frame["user_id"])
    assert finished.info["counts"]["users"] == 121
    assert finished.info["feedback"]["likes"] == 2


def test_pseudonyms_are_told_from_ids_that_look_like_one(place, trained):
    key = load_key(trained[1])
    object_id = "507f1f77bcf86cd799439011"  # 24 hex digits, as some databases number their rows
    users = IdMap([key.pseudonym("anna"), key.pseudonym(object_id)])
    given = ["anna", key.pseudonym("anna"), object_id, key.pseudonym(object_id), "nobody"]
    assert named(given, users, key).tolist() == [
        *(key.pseudonym("anna"),) * 2,
        *(key.pseudonym(object_id),) * 2,
        key.pseudonym("nobody"),
    ]
    assert not len(named([], users, key))


def test_who_holds_the_key_may_ask_by_raw_ids(place, trained):
    path, key_file = trained
    key = load_key(key_file)
    user = key.pseudonym(f"{MARK}u001")
    by_name = explain(path, f"{MARK}u001", "books", key_file=key_file)
    assert [one.to_dict() for one in by_name] == [
        one.to_dict() for one in explain(path, user, "books")
    ]
    raw = pd.DataFrame({"user_id": [f"{MARK}u001", user], "scenario": "books"})
    rows = pd.DataFrame({"user_id": [f"{MARK}u001"], "scenario": "books", "item_id": "b27"})
    found = recommend(path, raw, 5, rows=rows, key_file=key_file)
    assert set(found["user_id"]) == {user}
    assert len(found) == 5
    assert raw["user_id"].tolist() == [f"{MARK}u001", user]
    with pytest.raises(UnknownId) as told:
        explain(path, f"{MARK}nobody", "books", key_file=key_file)
    assert MARK not in str(told.value)


def test_without_the_key_a_raw_id_is_refused_and_not_repeated(place, trained, capsys):
    path, _ = trained
    raw = pd.DataFrame({"user_id": [f"{MARK}u001"], "scenario": "books"})
    with pytest.raises(DataError, match="--key-file") as told:
        recommend(path, raw)
    assert MARK not in str(told.value)
    assert not (place.made / "workspace" / "keys").exists()  # none was made
    load_key(place.made / "workspace" / "keys" / "pseudonym.key")
    with pytest.raises(DataError, match="key of other runs"):
        explain(path, f"{MARK}u001", "books")
    stranger = pd.DataFrame({"user_id": ["0" * 24], "scenario": "books"})
    assert set(recommend(path, stranger, 3)["user_id"]) == {"0" * 24}


@pytest.mark.parametrize(
    ("content", "error"),
    [
        ("".join(f"{MARK}{at},i{at},x,1\n" for at in range(30)), ColumnMissing),
        ("user_id,item_id,rating\n" + f"{MARK}1,i,{MARK}2\n" * 30, TooManyRejects),
        ("user_id,item_id,timestamp\n" + f"u,i,{MARK}2\n" * 30, DataError),
        ('{"user_id": ' * 2 + f"{MARK}\n", CrossRecError),
    ],
)
def test_errors_of_a_pseudonymised_import_quote_nothing(place, tmp_path, content, error):
    path = tmp_path / "log.csv"
    path.write_text(content)
    inputs = place.inputs(interactions=path, items=None, users=None)
    with pytest.raises(error) as told:
        read_inputs(inputs)
    assert MARK not in str(told.value)
    assert told.value.action
    with pytest.raises(error) as told:
        read_inputs(RunInputs(path))
    assert MARK in str(told.value)


def test_leaflets_of_an_archive_and_friends_are_not_quoted(place):
    """What was left out of an archive is told without its words; several ids in a cell are ids."""
    out = place.made / "check"
    with zipfile.ZipFile(place.came / "all.zip", "w") as archive:
        archive.write(place.came / "interactions.csv", "log.csv")
        archive.writestr("left.jsonl", f'{{"a": {MARK}1\n' * 9)
        archive.writestr("right.csv", f"{MARK}1,{MARK}2\n" * 9)
    import_data(place.inputs(interactions=place.came / "all.zip"), out)
    assert traces(place.made) == []
    known = Run(out)
    assert any(file.skipped for file in known.log().rejects.files)
    friends = known.users().attributes["friends"]
    key = load_key(default_key_file())
    assert friends[0] == f"{key.pseudonym(f'{MARK}u000')}, {key.pseudonym(f'{MARK}afar0')}"
    shown = known.log().exposures
    assert shown is not None
    assert shown.users.ids.tolist() == [key.pseudonym(f"{MARK}shown")]


def test_ids_are_cleaned_before_they_are_replaced(trained):
    path, key_file = trained
    key, users = load_key(key_file), Run(path).log().users
    name = key.pseudonym(f"{MARK}u001")
    given = [f" {MARK}u001 ", f" {name}", name, "17.0"]
    assert named(given, users, key).tolist() == [name, name, name, key.pseudonym("17")]


def test_an_error_that_quotes_nothing_is_told_as_it_is(place, tmp_path):
    with pytest.raises(DataError, match="nothing there"):
        read_inputs(place.inputs(interactions=tmp_path / "none.csv"))


def test_an_unexpected_error_tells_where_and_not_what(place, monkeypatch):
    import traceback

    from crossrec import intake

    def fails(*_: object, **__: object) -> None:
        raise ValueError(f"{MARK}1 is wrong")

    monkeypatch.setattr(intake, "read_log", fails)
    with pytest.raises(RuntimeError, match="ValueError") as told:
        read_inputs(place.inputs())
    text = "".join(traceback.format_exception(told.value))
    assert "in fails" in text
    assert f"{MARK}1 is" not in text


def test_the_record_of_the_run_names_the_key_by_its_check_only(trained):
    path, key_file = trained
    told = json.dumps(Run(path).info)
    assert load_key(key_file).check in told
    assert load_key(key_file).secret.decode() not in told
