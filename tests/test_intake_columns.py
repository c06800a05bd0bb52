"""The columns of a data set: those of a catalogue that join the log, and how sure they are."""

import pytest

from crossrec.data.reading.mapping import GIVEN, LIKELY
from crossrec.intake import RunInputs, read_inputs
from crossrec.schema import ITEM


@pytest.fixture
def files(tmp_path):
    """A log of items v1 to v30 under some header, and a catalogue with the given columns."""

    def _files(header, **columns):
        rows = "".join(f"u{at % 13},v{at % 30 + 1},{'ab'[at % 2]}\n" for at in range(200))
        log, items = tmp_path / "log.csv", tmp_path / "items.csv"
        log.write_text(f"user_id,{header},scenario\n{rows}")
        cells = [[text.format(at) for text in columns.values()] for at in range(1, 31)]
        lines = [",".join([*row, f"Thing {at}"]) for at, row in enumerate(cells)]
        items.write_text("\n".join([",".join([*columns, "title"]), *lines]) + "\n")
        return RunInputs(log, items)

    return _files


@pytest.mark.parametrize(
    ("header", "columns", "joined"),
    [
        ("venue_id", {"id": "{}", "venue_id": "v{}"}, "venue_id"),
        ("venue_id", {"item_id": "x{}", "venue_id": "v{}"}, "venue_id"),
        ("item_id", {"id": "v{}", "series_id": "s{}"}, "id"),
        ("item_id", {"id": "{}", "place_id": " v{} "}, "place_id"),
        ("item_id", {"id": "{}", "ref": "v{}"}, "ref"),
        ("item_id", {"id": "x{}", "size": "3"}, "id"),
    ],
)
def test_a_catalogue_joins_by_the_column_of_the_log_or_by_its_values(
    files, header, columns, joined
):
    tables = read_inputs(files(header, **columns))
    assert tables.catalog.rejects.files[0].columns[ITEM] == joined
    missing = {one.rule for one in tables.audit.findings} & {"not_in_catalog"}
    assert bool(missing) is (columns[joined].strip() != "v{}")


def test_a_column_that_nobody_named_stays_a_guess(tmp_path):
    rows = "".join(f"u{at % 9},i{at % 7},a\n" for at in range(60))
    (tmp_path / "log.csv").write_text("who,what,where\n" + rows)
    mapping = {"user_id": "who", "item_id": "what", "scenario": "where"}
    inputs = RunInputs(tmp_path / "log.csv", mapping=mapping, guessed={"user_id": LIKELY})
    columns = read_inputs(inputs).treatment["reading"]["columns"]
    assert {name: one["confidence"] for name, one in columns.items()} == {
        "user_id": LIKELY,
        "item_id": GIVEN,
        "scenario": GIVEN,
    }
