"""Times: clock times in many spellings, positions, time zones, and what is refused."""

from datetime import UTC, datetime

import pandas as pd
import pytest

from crossrec.data import TimeKind, read_log
from crossrec.errors import DataError


def _times(write, values):
    rows = "".join(f'u{n},i{n},"{value}"\n' for n, value in enumerate(values))
    return read_log(write("user_id,item_id,timestamp\n" + rows), max_rejects=0.9)


MOMENT = datetime(2024, 2, 13, 18, 30, tzinfo=UTC)
SECONDS = int(MOMENT.timestamp())
DAY = SECONDS - SECONDS % 86400


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (str(SECONDS), SECONDS),
        (f"{SECONDS}.75", SECONDS),
        (f"{SECONDS}123", SECONDS),
        (f"{SECONDS}123456", SECONDS),
        (f"{SECONDS}123456789", SECONDS),
        ("1.5e9", 1_500_000_000),
        ("2024-02-13", DAY),
        ("2024/2/13 18:30", SECONDS),
        ("2024-02-13T18:30:00Z", SECONDS),
        ("2024-02-13T18:30:00.999", SECONDS),
        ("2024-02-13 20:30:00+02:00", SECONDS),
        ("2024年2月13日 18:30", SECONDS),
        ("13.02.2024 18:30:00", SECONDS),
        ("02 13, 2024", DAY),
        ("Feb 13, 2024", DAY),
        ("2/13/2024 6:30 PM", SECONDS),
        ("13/2/2024 18:30", SECONDS),
        ("20240213", DAY),
        ("20240213183000", SECONDS),
    ],
)
def test_clock_times(write, value, seconds):
    log = _times(write, [value, value])
    assert log.time_kind is TimeKind.CLOCK
    assert log.time is not None
    assert log.time.tolist() == [seconds, seconds]


def test_small_whole_numbers_are_positions(write):
    log = _times(write, ["0", "1", "2", "1700000000"])
    assert log.time_kind is TimeKind.ORDER
    assert log.time is not None
    assert log.time.tolist() == [0, 1, 2]
    assert log.rejects.rejected == 1


def test_a_column_that_holds_no_times_is_an_error_and_an_empty_one_no_time(write):
    with pytest.raises(DataError, match=r"times in column 'timestamp'.*100% of values.*'soon'"):
        _times(write, ["soon", "later"])
    assert _times(write, ["", "null"]).time_kind is TimeKind.NONE


def test_dates_that_do_not_tell_day_from_month_are_refused(write):
    with pytest.raises(DataError, match="tell day from month"):
        _times(write, ["03/04/2024", "05/06/2024"])


def test_ordinal_time_is_accepted_and_said(write):
    log = read_log(write("user_id,item_id,timestamp\nu,a,0\nu,b,1\n"))
    assert log.time_kind is TimeKind.ORDER
    assert log.rejects.files[0].time == "positions, not clock times"


def test_history_order_and_time_zone(write):
    text = ("user_id,item_id,timestamp\nb,i,2024-01-02 08:00\na,i,2024-01-03T00:00Z\n"
            "b,j,2024-01-01 08:00\n")  # fmt: skip
    log = read_log(write(text), order="history", zone="Asia/Shanghai")
    frame = log.to_frame()
    assert frame["item_id"].tolist() == ["j", "i", "i"]
    moments = pd.to_datetime(frame["timestamp"], unit="s").dt.strftime("%d %H").tolist()
    assert moments == ["01 00", "02 00", "03 00"]
    with pytest.raises(DataError, match="name of a time zone"):
        read_log(write(text), zone="Mars")


def test_files_that_tell_time_differently_are_refused(write):
    head = "user_id,item_id,timestamp\n"
    files = [write(head + "u,i,2024-01-01\n", "a.csv"), write(head + "u,i,3\n", "b.csv")]
    with pytest.raises(DataError, match=r"same kind of time.*a\.csv: clock; b\.csv: order"):
        read_log(files)
