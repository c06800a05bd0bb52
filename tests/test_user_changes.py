"""Finding users: a table of what transfer did to each, ids that begin so, ids written alike."""

import pytest

from crossrec.errors import DataError, RunUnreadable
from crossrec.evaluation import TARGET_ONLY, TRANSFER
from crossrec.evaluation.typical import typical_rows
from crossrec.plots import user_changes
from crossrec.workspace import Run
from crossrec.workspace.user_changes import CHANGE_COLUMNS, UserChanges, UserFilter


@pytest.fixture(scope="module")
def run(finished_run) -> Run:
    return Run(finished_run)


@pytest.fixture(scope="module")
def table(run) -> UserChanges:
    config = run.report().config
    return UserChanges(run, str(config["transfer"]), str(config["baseline"]))


def test_the_changes_are_those_of_the_report(run, table):
    page = table.page("books", size=1_000)
    config = run.report().config
    expected = user_changes(
        run.report().per_user,
        scenario="books",
        model=str(config["transfer"]),
        baseline=str(config["baseline"]),
    )
    assert page.table.columns.tolist() == list(CHANGE_COLUMNS)
    assert page.total == len(page.table) == len(expected)
    ours = page.table.set_index("user_id")["change"].sort_index()
    theirs = expected.set_index("user_id")["change"].sort_index()
    assert ours.to_numpy() == pytest.approx(theirs.to_numpy())
    assert page.table["change"].is_monotonic_decreasing


def test_pages_do_not_overlap_and_miss_nobody(table):
    whole = table.page("books", order="user_id", descending=False, size=1_000)
    assert whole.table["user_id"].is_monotonic_increasing
    pages = [
        table.page("books", order="user_id", descending=False, start=start, size=7)
        for start in range(0, whole.total, 7)
    ]
    users = [user for page in pages for user in page.table["user_id"]]
    assert users == whole.table["user_id"].tolist()
    assert {page.total for page in pages} == {whole.total}
    beyond = table.page("books", start=10_000)
    assert (len(beyond.table), beyond.total) == (0, whole.total)


def test_filters_narrow(table):
    cold = table.page("books", only=UserFilter(cohort="cold"), size=1_000)
    assert set(cold.table["cohort"]) == {"cold"}
    some = table.page("books", only=UserFilter(prefix="u00"), size=1_000)
    assert some.total > 0
    assert all(user.startswith("u00") for user in some.table["user_id"])
    assert table.profile_columns() == ["age"]
    assert table.profile_values("age") == {"25-34": 120}
    aged = UserFilter(profile={"age": "25-34"})
    assert table.page("books", only=aged).total == table.page("books").total
    assert table.page("books", only=UserFilter(profile={"age": "' OR 1=1"})).total == 0
    with pytest.raises(DataError, match="profile columns"):
        table.page("books", only=UserFilter(profile={'age" --': "x"}))
    with pytest.raises(DataError, match="order by"):
        table.page("books", order="1; DROP TABLE x")


def test_ids_are_found_by_their_beginning_and_by_likeness(table):
    assert table.find("u00", limit=3) == ["u000", "u001", "u002"]
    assert table.find("%") == []
    assert "u001" in table.nearest("u0O1")
    assert table.nearest("U-001", limit=1)[0].startswith("u")


def test_a_run_without_judging_says_so(tmp_path, run):
    import shutil

    copy = tmp_path / "copy"
    shutil.copytree(run.path, copy)
    (copy / "per_user.parquet").unlink()
    with pytest.raises(RunUnreadable):
        UserChanges(Run(copy), TRANSFER, TARGET_ONLY).page("books")


def test_typical_users_are_the_middle_of_their_clusters():
    import numpy as np

    rng = np.random.default_rng(0)
    far = rng.normal(size=(60, 2)) + np.repeat([[0, 0], [50, 0], [0, 50]], [30, 20, 10], axis=0)
    found = typical_rows(far, clusters=3)
    assert found["size"].tolist() == [30, 20, 10]
    for at, row in enumerate(found["row"]):
        group = far[[0, 30, 50][at] :][: [30, 20, 10][at]]
        assert np.linalg.norm(far[row] - group.mean(axis=0)) < 1.0
    assert typical_rows(np.zeros((4, 2)))["size"].tolist() == [4]
    assert typical_rows(np.zeros((0, 2))).empty
