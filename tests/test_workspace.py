"""Results on the disk: the same when read back, or said to be damaged; projects and runs."""

import io
import json
from contextlib import suppress
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crossrec.data.audit.rules import audit
from crossrec.data.catalog import Catalog
from crossrec.data.ids import IdMap
from crossrec.data.log import InteractionLog, ReaderNote, Reject, RejectSummary, TimeKind, concat
from crossrec.data.split.cutting import split, split_at_random
from crossrec.data.users import UserTable
from crossrec.errors import CrossRecError, RunUnreadable, UnknownId, WorkspaceError
from crossrec.evaluation.notes import Note
from crossrec.evaluation.results import RunReport
from crossrec.language.reduction import Reduction
from crossrec.language.table import FeatureTable
from crossrec.workspace import Run, RunWriter, Workspace, staged_folder

HOSTILE = ["=1+1", "<b>", "你好", "\ud800 half", "a\x00b", "", " ", "é", "../x", 'a,b\n"c"']


REJECTS = RejectSummary(700, (Reject("a.csv", 7, "user_id", "\ud800", "empty"),) * 2, 5)


REPORT = RunReport(
    table=pd.DataFrame({"model": ["transfer"], "value": [0.4], "low": [np.nan]}),
    per_user=pd.DataFrame({"user_id": ["=u"], "ndcg": np.array([0.5], dtype=np.float32)}),
    coefficients=pd.DataFrame({"user_id": [], "coefficient": []}),
    config={"k": 10},
    seed=3,
    split_hash="ff",
    timings={"train": 1.5},
    notes=(Note("repeats"), Note("blocked", {"scenarios": ("a", "b")})),
)


def texts(*values):
    return np.array(values, dtype=object)


def same(one, two):
    """Whether two values of the engine are equal, arrays with their types included."""
    if isinstance(one, np.ndarray):
        assert one.dtype == two.dtype
        np.testing.assert_array_equal(one, two)
    elif isinstance(one, (tuple, list)):
        assert len(one) == len(two)
        for left, right in zip(one, two, strict=True):
            same(left, right)
    elif isinstance(one, dict):
        assert list(one) == list(two)
        same(list(one.values()), list(two.values()))
    elif hasattr(one, "__dataclass_fields__") and not isinstance(one, Reject):
        for field in fields(one):
            same(getattr(one, field.name), getattr(two, field.name))
    else:
        assert one == two


def written(folder, **parts):
    """A run with the given parts."""
    with staged_folder(folder, replace=True) as stage:
        writer = RunWriter(stage)
        writer.info({"seed": 3})
        for name, value in parts.items():
            getattr(writer, name)(value)
    return Run(folder)


@pytest.fixture
def catalog():
    return Catalog(
        IdMap(HOSTILE),
        texts(*HOSTILE[::-1]),
        texts(*[""] * 10),
        {"shop": np.array([0, 3], dtype=np.int32), "空": np.zeros(0, dtype=np.int32)},
        {
            "price": np.array([np.nan, *range(9)], dtype=np.float32),
            "brand": texts(None, *HOSTILE[1:]),
            "item_id": np.arange(10.0),
        },
        REJECTS,
    )


@pytest.fixture
def features():
    vectors = np.random.default_rng(1).normal(size=(10, 4)).astype(np.float32)
    return FeatureTable(IdMap(HOSTILE), vectors, "tiny", "abc", "the encoder's own mark")


# ------------------------------------------------------------------------------ round trips


def test_a_log_comes_back_the_same(tmp_path, small_log):
    log = replace(small_log, rejects=REJECTS)
    same(log, written(tmp_path / "run", log=log).log())


ids = st.lists(st.text(st.characters(), max_size=8), min_size=1, max_size=6, unique=True)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(users=ids, items=ids, scenarios=ids, n=st.integers(0, 20), kind=st.sampled_from(TimeKind))
def test_any_ids_come_back_in_their_order(tmp_path, users, items, scenarios, n, kind):
    rng = np.random.default_rng(n)
    maps = [IdMap(users), IdMap(items), IdMap(scenarios)]
    codes = [rng.integers(0, len(each), n).astype(np.int32) for each in maps]
    time = None if kind is TimeKind.NONE else rng.integers(-(2**62), 2**62, n)
    log = InteractionLog(*codes, rng.random(n).astype(np.float32), time, *maps, kind)
    writer = RunWriter(tmp_path)
    writer.info({})
    writer.log(log)
    same(log, Run(tmp_path).log())


def test_what_the_reader_noticed_comes_back_the_same(tmp_path, small_log, catalog):
    notes = (
        ReaderNote("damaged_ids", "user_id", 2, ({"value": "7.6E+16", "rows": 9},), 0.25),
        ReaderNote("merged_names", "scenario", 1),
    )
    log = replace(small_log, rejects=RejectSummary(notes=notes))
    run = written(tmp_path / "run", log=log, catalog=replace(catalog, rejects=log.rejects))
    assert run.log().rejects.notes == run.catalog().rejects.notes == notes


def test_catalogue_and_users_come_back_the_same(tmp_path, catalog):
    users = UserTable(IdMap(HOSTILE), {"age": np.arange(10.0), "town": texts(*HOSTILE)}, REJECTS)
    run = written(tmp_path / "run", catalog=catalog, users=users)
    same(catalog, run.catalog())
    same(users, run.users())


@pytest.mark.parametrize("make", [split, split_at_random])
def test_a_split_comes_back_the_same(tmp_path, small_log, make):
    extra = Catalog(IdMap(["new"]), texts("New"), texts(""), {"films": np.array([0])})
    told = {"twins": [("b01", "b02")], "nested": [("films", "books")]}
    made = make(small_log, catalog=extra, seed=4, **told)
    assert made.nested == (("films", "books"),)
    assert sum(map(len, made.cold_test)) > 0
    run = written(tmp_path / "run", log=small_log, split=made)
    same(made, run.split())
    assert "new" in run.split().space.items


def test_repeats_come_back_with_the_split(tmp_path, small_log):
    late = replace(small_log, time=small_log.time + 1_000_000)
    log = concat(small_log, late)
    made = split(log, cold_users=0)
    assert len(made.repeats)
    same(made, written(tmp_path / "run", log=log, split=made).split())


def test_a_split_of_another_log_is_refused(tmp_path, small_log):
    other = small_log.to_frame().assign(user_id=lambda frame: "x" + frame["user_id"])
    other = InteractionLog.from_frame(other, time_kind=TimeKind.CLOCK)
    with pytest.raises(WorkspaceError, match="expected a split of the log of this run"):
        written(tmp_path / "run", log=small_log, split=split(other))
    assert list(tmp_path.iterdir()) == []


def test_features_come_back_the_same(tmp_path, features):
    same(features, written(tmp_path / "run", features=features).features())


def test_the_projection_of_vectors_is_kept_with_them(tmp_path, features):
    drawn = np.random.default_rng(0).normal(size=(40, 8)).astype(np.float32)
    reduction = Reduction.of(drawn, features.dim)
    whole = written(tmp_path / "run", features=replace(features, reduction=reduction))
    again = whole.features()
    assert again.reduction is not None
    assert np.allclose(again.like(drawn), reduction(drawn), atol=1e-6)
    (whole.path / "features" / "projection.safetensors").unlink()
    with pytest.raises(RunUnreadable):
        whole.features()


def test_an_audit_comes_back_the_same(tmp_path, small_log):
    made = audit(small_log)
    again = written(tmp_path / "run", audit=made).audit()
    assert again == made
    pd.testing.assert_frame_equal(again.overlap, made.overlap)
    pd.testing.assert_frame_equal(again.counts, made.counts)


def test_report_map_and_info_come_back_the_same(tmp_path):
    points = pd.DataFrame({"item_id": ["a", "b"], "x": np.float32([0, 1]), "part": ["t", None]})
    with staged_folder(tmp_path / "run") as stage:
        writer = RunWriter(stage)
        writer.info({"seed": np.int64(3), "source": Path("a.csv"), "loss": float("nan")})
        writer.report(REPORT)
        writer.map(items=points)
    run = Run(tmp_path / "run")
    again = run.report()
    for name in ("table", "per_user", "coefficients"):
        pd.testing.assert_frame_equal(getattr(again, name), getattr(REPORT, name))
    assert (again.config, again.notes) == (REPORT.config, REPORT.notes)
    pd.testing.assert_frame_equal(run.map_items(), points)
    assert {"seed": 3, "source": "a.csv", "loss": None}.items() <= run.info.items()
    assert run.parts == {"report", "map_items"}


def test_parts_that_a_run_does_not_have(tmp_path):
    run = written(tmp_path / "run")
    assert len(run.catalog()) == len(run.users()) == 0
    assert run.catalog().titles_of(["a"]) == ["a"]
    for part in (run.log, run.split, run.features, run.report, run.audit, run.map_users):
        with pytest.raises(RunUnreadable, match="found a run without"):
            part()


# ------------------------------------------------------------------------------ unreadable folders


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (None, "a folder without run.json"),
        ("{}", "a run.json of another program"),
        ("[1]", "a run.json of another program"),
        ('{"kind": "crossrec-run"}', "found format None"),
        (
            '{"kind": "crossrec-run", "format_version": 99}',
            "format 2.*found format 99.*Another version",
        ),
        ('{"kind": "cross', "expected a readable run.json"),
        ("[" * 100_000, "expected a readable run.json"),
    ],
)
def test_folders_that_are_no_run(tmp_path, content, says):
    if content is not None:
        (tmp_path / "run.json").write_text(content)
    with pytest.raises(RunUnreadable, match=says):
        Run(tmp_path)


def test_a_missing_folder(tmp_path):
    with pytest.raises(RunUnreadable, match="no such folder"):
        Run(tmp_path / "gone")


@pytest.fixture
def full_run(tmp_path, small_log, catalog, features):
    return written(
        tmp_path / "run",
        log=small_log,
        catalog=catalog,
        users=UserTable(IdMap(["u"])),
        split=split(small_log),
        features=features,
        audit=audit(small_log),
        report=REPORT,
    )


def read_everything(run):
    for part in ("log", "catalog", "users", "split", "features", "audit", "report"):
        getattr(run, part)()


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_a_damaged_file_is_said_or_harmless(full_run, data):
    files = sorted(path for path in full_run.path.rglob("*") if path.is_file())
    path = data.draw(st.sampled_from(files))
    good = path.read_bytes()
    how = data.draw(st.sampled_from(["cut", "flip", "gone", "other"]))
    at = data.draw(st.integers(0, max(0, len(good) - 1)))
    bad = {
        "cut": good[:at],
        "flip": good[:at] + bytes([good[at] ^ 0xFF]) + good[at + 1 :],
        "gone": None,
        "other": data.draw(st.binary(max_size=50)),
    }[how]
    try:
        path.unlink()
        if bad is not None:
            path.write_bytes(bad)
        with suppress(RunUnreadable):
            read_everything(Run(full_run.path))
    finally:
        path.write_bytes(good)


def test_changed_vectors_and_lying_sizes_are_found(full_run):
    path = full_run.path / "features" / "vectors.safetensors"
    good = path.read_bytes()
    path.write_bytes(good[:-4] + np.float32(9).tobytes())
    with pytest.raises(RunUnreadable, match="changed after the run"):
        full_run.features()
    header = json.dumps(
        {"vectors": {"dtype": "F32", "shape": [10, 10**12], "data_offsets": [0, 4 * 10**13]}}
    ).encode()
    path.write_bytes(len(header).to_bytes(8, "little") + header)
    with pytest.raises(RunUnreadable, match=r"where .* was written"):
        full_run.features()
    path.write_bytes((2**62).to_bytes(8, "little") + b"{}")
    with pytest.raises(RunUnreadable, match="a header of"):
        full_run.features()


def test_codes_that_point_outside_are_found(full_run):
    path = full_run.path / "data" / "user_ids.parquet"
    (full_run.path / "data" / "scenario_ids.parquet").replace(path)
    (full_run.path / "data" / "item_ids.parquet").rename(path.with_name("scenario_ids.parquet"))
    path.with_name("item_ids.parquet").write_bytes(path.read_bytes())
    with pytest.raises(RunUnreadable, match=r"a code outside 0\.\.1"):
        full_run.log()


# ------------------------------------------------------------------------------ workspace


@pytest.fixture
def workspace(tmp_path):
    return Workspace(tmp_path / "ws")


def test_the_root_comes_from_the_environment_or_the_current_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CROSSREC_WORKSPACE", raising=False)
    assert Workspace().root == tmp_path / "workspace"
    monkeypatch.setenv("CROSSREC_WORKSPACE", str(tmp_path / "else"))
    assert Workspace().root == tmp_path / "else"
    assert Workspace().projects() == []
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "ending"),
    [
        ("log.csv", ".csv"),
        ("v1.2.CSV", ".csv"),
        ("log.csv.gz", ".csv.gz"),
        ("日志.parquet", ".parquet"),
        ("../../etc/passwd", ""),
        (r"C:\data\a.xlsx", ".xlsx"),
        ("a.csv\x00.sh/", ""),
        ("a.<b>", ""),
    ],
)
def test_uploads_are_named_by_content(workspace, name, ending):
    stream = io.BytesIO(b"user,item\n" * 300_000)
    stream.read()
    upload = workspace.add_upload(stream, name)
    assert upload.path.parent == workspace.root / "uploads"
    assert upload.path.name == upload.sha + ending
    assert upload.size == upload.path.stat().st_size == 3_000_000
    assert workspace.add_upload(stream, name).path == upload.path
    assert workspace.find_upload(upload.sha) == upload.path
    assert len(list(upload.path.parent.iterdir())) == 1


def test_a_broken_upload_leaves_nothing(workspace):
    class Broken(io.BytesIO):
        def read(self, *_):
            raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        workspace.add_upload(Broken(), "a.csv")
    assert list((workspace.root / "uploads").iterdir()) == []
    for sha in ("0" * 64, "*", "../settings"):
        with pytest.raises(UnknownId):
            workspace.find_upload(sha)


def test_projects_have_names_and_safe_slugs(workspace):
    names = ["My  Shop!", "my shop", "商店", "../../x", "é" * 200]
    made = [workspace.create_project(name) for name in names]
    slugs = [project.slug for project in made]
    assert slugs[:2] == ["my-shop", "my-shop-2"]
    assert slugs[2].startswith("project-")
    assert all(slug.isascii() and "." not in slug and len(slug) <= 40 for slug in slugs)
    assert {project.name for project in workspace.projects()} == {"My Shop!", *names[1:]}
    assert workspace.project(slugs[2]) == made[2]
    with pytest.raises(UnknownId):
        workspace.project("nope")
    with pytest.raises(WorkspaceError, match="expected a name"):
        workspace.create_project("  ")


def test_runs_are_found_deleted_and_brought_back(workspace):
    project = workspace.create_project("shop")
    paths = [workspace.new_run_path(project, label) for label in ("Quick try", "中文")]
    for path, created in zip(paths, ("2026-01-01", "2026-01-02"), strict=True):
        with staged_folder(path) as stage:
            RunWriter(stage).info({"created": created})
    broken = paths[0].with_name("broken")
    broken.mkdir()
    first, second = (path.name for path in paths)
    assert [run.id for run in workspace.runs("shop")] == [second, first]
    assert list(workspace.unreadable_runs(project)) == ["broken"]
    workspace.delete_run(first)
    assert [run.id for run in workspace.runs("shop")] == [second]
    assert workspace.trashed() == [first]
    with pytest.raises(UnknownId):
        workspace.find_run(first)
    assert workspace.restore_run(first).path == paths[0]
    assert workspace.find_run(first).id == first
    assert workspace.trashed() == []
    workspace.delete_run("broken")
    workspace.empty_trash()
    assert workspace.unreadable_runs("shop") == {}
    for bad in ("nope", "../../projects", "*", ".", "", "a/b"):
        with pytest.raises(UnknownId):
            workspace.find_run(bad)
        with pytest.raises(UnknownId):
            workspace.restore_run(bad)


def test_settings_last(workspace):
    assert workspace.settings() == {}
    workspace.save_settings({"lang": "zh"})
    assert Workspace(workspace.root).settings() == {"lang": "zh"}
    assert workspace.jobs_db.is_relative_to(workspace.root)


def test_a_workspace_that_is_a_file(tmp_path):
    (tmp_path / "ws").touch()
    with pytest.raises(CrossRecError, match="expected to be allowed to write"):
        Workspace(tmp_path / "ws").create_project("a")
