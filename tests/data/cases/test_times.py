"""Logs whose times were misread once; all but one tell of the same rows as the first."""

import numpy as np
import pytest

from crossrec.data import TimeKind, audit, read_log

NOW = 1_760_000_000


@pytest.fixture
def right(case):
    """The true times: seconds in some rows, milliseconds in the others."""
    text = (case("21-times") / "log_mix_s_ms.csv").read_text().splitlines()[1:]
    raw = np.array([int(line.rsplit(",", 1)[1]) for line in text])
    return np.where(raw > 1e11, raw // 1000, raw)


@pytest.mark.parametrize(
    ("folder", "name", "coarse", "said"),
    [
        ("21-times", "log_mix_s_ms.csv", 1,
         "seconds and milliseconds since 1970, told apart by their size"),
        ("21-times", "log_minutes.csv", 60, "minutes since 1970"),
        ("21-times", "log_hour.csv", 3_600, "dates like 20240131"),
        ("16-xlsx-cells", "half_dates.xlsx", 86_400,
         "dates, day first; those a table program turned round are put right"),
        ("39-gorse", "feedback.csv", 1, "dates and times (ISO 8601)"),
        ("17-parquet-types", "int96_nested.parquet", 1, "dates and times (ISO 8601)"),
    ],
)  # fmt: skip
def test_every_row_has_its_time(case, right, folder, name, coarse, said):
    log = read_log(case(folder) / name)
    assert log.time_kind is TimeKind.CLOCK
    assert log.time is not None
    assert not [row for row in log.rejects.rows if row.column.startswith("time")]
    if len(log) == len(right):
        assert log.time.tolist() == (right - right % coarse).tolist()
    assert set((log.time).tolist()) <= set((right - right % coarse).tolist())
    assert log.rejects.files[0].time == said


def test_where_both_orders_stand_only_sure_dates_are_read(case, right):
    log = read_log(case("21-times") / "log_mixdate.csv")
    assert log.time is not None
    assert (len(log), log.rejects.rejected) == (722, 414)
    assert {row.reason for row in log.rejects.rows} == {"could be day first or month first"}
    rejected = {row.line - 2 for row in log.rejects.rows}
    kept = [at for at in range(len(right)) if at not in rejected]
    assert log.time.tolist() == (right[kept] - right[kept] % 86_400).tolist()


def test_rows_of_the_future_are_found(case):
    log = read_log(case("29-shapes") / "future.csv")
    (found,) = [each for each in audit(log, now=NOW).findings if each.rule == "future_times"]
    assert found.count == 114
    assert not [each for each in audit(log, now=NOW).findings if each.rule == "time_gaps"]
    assert not [each for each in audit(log, now=4e9).findings if each.rule == "future_times"]
