"""The same moments in every form that can be written give the same times."""

from datetime import UTC, datetime, timedelta

import duckdb
import pyarrow as pa
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from crossrec.data import TimeKind, read_log
from crossrec.data.meaning.clock_forms import CELL
from crossrec.data.meaning.times import TimeReading, recognise
from crossrec.data.phrases import recognised
from crossrec.errors import DataError
from tests.data.files import FAST

NOW = int(datetime(2026, 1, 1, tzinfo=UTC).timestamp())
FIRST = int(datetime(1999, 1, 1, tzinfo=UTC).timestamp())
EXCEL, YEAR_1 = datetime(1899, 12, 30, tzinfo=UTC), datetime(1, 1, 1, tzinfo=UTC)


def _written(pattern):
    return lambda at: at.strftime(pattern)


def _half(at):
    half = "上午" if at.hour < 12 else "下午"
    return f"{at.year}年{at.month}月{at.day}日 {half}{at.hour % 12 or 12}:{at:%M:%S}"


FORMS = {
    "seconds": (1, lambda at: str(_whole(at))),
    "milliseconds": (1, lambda at: str(_whole(at) * 1000 + 7)),
    "microseconds": (1, lambda at: str(_whole(at) * 1_000_000 + 7)),
    "nanoseconds": (1, lambda at: str(_whole(at) * 1_000_000_000 + 7)),
    "ticks": (1, lambda at: str((at - YEAR_1) // timedelta(microseconds=1) * 10)),
    "file time": (1, lambda at: str((_whole(at) + 11_644_473_600) * 10_000_000)),
    "webkit": (1, lambda at: str((_whole(at) + 11_644_473_600) * 1_000_000)),
    "minutes": (60, lambda at: str(_whole(at) // 60)),
    "hours": (3_600, lambda at: str(_whole(at) // 3_600)),
    "days": (86_400, lambda at: str(_whole(at) // 86_400)),
    "excel": (1, lambda at: repr((at - EXCEL) / timedelta(days=1))),
    "month": (86_400 * 31, _written("%Y%m")),
    "day": (86_400, _written("%Y%m%d")),
    "hour": (3_600, _written("%Y%m%d%H")),
    "minute": (60, _written("%Y%m%d%H%M")),
    "second": (1, _written("%Y%m%d%H%M%S")),
    "iso": (1, _written("%Y-%m-%dT%H:%M:%SZ")),
    "basic": (1, _written("%Y%m%dT%H%M%SZ")),
    "go": (1, _written("%Y-%m-%d %H:%M:%S +0000 UTC")),
    "java": (1, _written("%Y-%m-%dT%H:%M:%S+00:00[UTC]")),
    "comma": (1, _written("%Y-%m-%d %H:%M:%S,250")),
    "mail": (1, _written("%a, %d %b %Y %H:%M:%S GMT")),
    "server": (1, _written("%d/%b/%Y:%H:%M:%S +0000")),
    "script": (1, _written("%a %b %d %Y %H:%M:%S GMT+0000 (UTC)")),
    "unix": (1, _written("%a %b %d %H:%M:%S UTC %Y")),
    "english": (60, _written("%B %d, %Y at %I:%M %p")),
    "short": (86_400, _written("%d-%b-%y")),
    "points": (60, _written("%d.%m.%Y %H:%M")),
    "month first": (60, _written("%m/%d/%Y %I:%M %p")),
    "day first": (1, _written("%d/%m/%Y %H:%M:%S")),
    "chinese": (1, _half),
    "spelt": (1, _written("%Y年%m月%d日 %H时%M分%S秒")),
}  # fmt: skip
"""Name -> seconds that the form rounds down to (a month is judged apart), and how it is written."""


def _whole(at):
    return int(at.timestamp())


moments = st.lists(st.integers(FIRST, NOW - 1), min_size=2, max_size=40).map(
    # Days that tell day from month, whatever is drawn.
    lambda drawn: [*drawn, *(FIRST + day * 86_400 + 61 for day in range(12, 31))]
)


def _read(values, zone="UTC") -> tuple[TimeReading, list[int | None]]:
    texts = pa.array(values, pa.string())
    with duckdb.connect() as connection:
        reading = recognise(connection, texts, column="t", file="f", zone=zone, now=NOW)
        connection.register("cells", pa.table({CELL: texts}))
        found = connection.sql(f"SELECT {reading.form} FROM cells").fetchall()
    return reading, [time for (time,) in found]


@pytest.mark.parametrize("name", FORMS)
@settings(FAST, max_examples=8)
@given(moments=moments)
def test_the_same_moments_in_every_form(name, moments):
    unit, write = FORMS[name]
    times = [datetime.fromtimestamp(moment, UTC) for moment in moments]
    reading, found = _read([write(at) for at in times])
    assert reading.kind is TimeKind.CLOCK
    if name == "month":
        assert found == [_whole(at.replace(day=1, hour=0, minute=0, second=0)) for at in times]
    else:
        assert found == [moment - moment % unit for moment in moments]
    assert recognised(reading.said) is not None


EXACT = ("seconds", "milliseconds", "microseconds", "nanoseconds", "ticks", "file time", "iso",
         "go", "mail", "chinese", "second")  # fmt: skip


@FAST
@given(moments=moments, data=st.data())
def test_forms_may_stand_in_one_column(moments, data):
    names = data.draw(st.lists(st.sampled_from(EXACT), min_size=1, max_size=3, unique=True))
    # Ticks and file times of today are as large as nanoseconds of 1973 to 1991: nothing tells them.
    assume("nanoseconds" not in names or not {"ticks", "file time"} & set(names))
    times = [datetime.fromtimestamp(moment, UTC) for moment in moments]
    values = [FORMS[names[at % len(names)]][1](time) for at, time in enumerate(times)]
    reading, found = _read(values)
    assert found == moments
    assert recognised(reading.said) is not None


@pytest.mark.parametrize("zone", ["UTC", "Asia/Shanghai"])
def test_wall_clock_forms_follow_the_zone(zone):
    shift = 0 if zone == "UTC" else 8 * 3_600
    at = datetime(2024, 2, 13, 18, 30, tzinfo=UTC)
    for name in ("excel", "hour", "chinese", "day first", "english"):
        unit, write = FORMS[name]
        assert _read([write(at)] * 3, zone)[1] == [_whole(at) // unit * unit - shift] * 3
    for name in ("seconds", "hours", "go", "mail", "ticks"):
        unit, write = FORMS[name]
        assert _read([write(at)] * 3, zone)[1] == [_whole(at) // unit * unit] * 3


@pytest.mark.parametrize(
    ("values", "word"),
    [
        ([at % 20 for at in range(200)], "positions"),
        (range(30_000), "positions"),
        (range(400_000, 400_900), "row_numbers"),
        (range(15_000, 15_300), "row_numbers"),
        (range(2_000, 2_020), "years"),
        ([*range(150), *range(150)], "positions"),
    ],
)
def test_positions_stay_positions(values, word):
    reading, found = _read(list(map(str, values)))
    assert (reading.kind, reading.words) == (TimeKind.ORDER, (word,))
    assert found == list(values)


def test_hours_of_the_far_future_are_positions():
    assert _read(["900000", "900100", "900000"])[0].kind is TimeKind.ORDER


def test_dates_of_six_digits_are_no_hours_of_1996():
    assert _read(["231114", "231115", "231114", "240131"])[0].kind is TimeKind.ORDER
    assert _read(["473000", "473024", "473024"])[0].words == ("epoch_hours",)


def test_dates_that_a_table_program_turned_round():
    days = [FIRST + day * 86_400 for day in range(150)]
    times = [datetime.fromtimestamp(day, UTC) for day in days]
    # Read as month first where the day can be a month, left as text elsewhere.
    cells = [f"{at:%Y-%d-%m}" if at.day <= 12 else f"{at:%d/%m/%Y}" for at in times]
    reading, found = _read(cells)
    assert found == days
    assert reading.words == ("turned_day_first",)
    # One date that cannot have been turned: nothing was.
    reading, found = _read([*cells, "1999-01-31"])
    assert found[:2] == [FIRST, FIRST + 31 * 86_400]
    assert set(reading.words) == {"day_first", "iso"}


def test_an_iso_date_and_a_day_number_among_day_first_dates():
    reading, found = _read(["13/01/2024"] * 5 + ["2024-01-05", "45292.5"])
    day = int(datetime(2024, 1, 1, tzinfo=UTC).timestamp())
    assert found == [day + 12 * 86_400] * 5 + [day + 4 * 86_400, day + 43_200]
    assert set(reading.words) == {"day_first", "iso", "excel_days"}


def test_both_orders_in_one_column():
    reading, found = _read(["13/01/2024", "01/13/2024", "02/03/2024", "02/02/2024"] * 3)
    assert [time is None for time in found[:4]] == [False, False, True, False]
    assert found[0] == found[1]
    assert reading.why_not("02/03/2024") == "could be day first or month first"


def test_short_years_are_at_the_end_that_brings_the_dates_together():
    first = int(datetime(2024, 1, 13, tzinfo=UTC).timestamp())
    assert _read(["24-01-13", "24-01-14"])[1] == [first, first + 86_400]
    assert _read(["13/01/24", "14/01/24"])[1] == [first, first + 86_400]
    with pytest.raises(DataError, match="24-01-13"):
        _read(["24-01-13"] * 2)


@pytest.mark.parametrize(
    ("values", "odd", "reason"),
    [
        (["1704070919"], "1704070919000", "it looks like milliseconds since 1970"),
        (["1704070919000"], "1704070919", "it looks like seconds since 1970"),
        (["1704070919"], "638396964590000000", "it looks like .NET ticks"),
        (["1704070919"], "2024-01-31", "it looks like a written date"),
        (["1704070919"], "45292.5", "it looks like an Excel day number"),
        (["2024-01-31"], "45292.5", "it looks like an Excel day number"),
        (["2024-01-31"], "2024", "it looks like a year alone"),
        (["2024-01-31"], "20240131", "it looks like dates like 20240131"),
        (["01/31/2024"], "31/01/2024", "it looks like a date, day first"),
        (["31/01/2024"], "01/31/2024", "it looks like a date, month first"),
        (["2024-01-31"], "soon", "is not a time between 1970 and 2100"),
        (["2024-01-31"], "9999-12-31", "is not a time between 1970 and 2100"),
        (["1", "2"], "1704070919", "it looks like seconds since 1970"),
        (["1", "2"], "-5", "is not a position like the others"),
        (["2024-01-31"], "", "no time"),
        (["2024-01-31"], "1970-01-01", "programs write where there is no time"),
    ],
)
def test_a_rejected_time_says_what_it_looks_like(values, odd, reason):
    reading = _read(values)[0]
    assert reason in reading.why_not(odd)
    assert recognised(reading.why_not(odd)) is not None


def test_a_stray_form_is_rejected_with_its_reason(write):
    rows = "".join(f"u{at},i{at},{1_704_070_919 + at}\n" for at in range(30_000))
    text = f"user_id,item_id,timestamp\n{rows}u,i,1704070919000\n"
    log = read_log(write(text))
    (row,) = log.rejects.rows
    assert row.reason.endswith("looks like milliseconds since 1970")
