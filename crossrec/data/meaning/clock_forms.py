"""The ways a clock time is written, each as SQL that gives seconds since 1970 (UTC).

Numbers count from an origin in a unit (:class:`Unit`) or spell a date in digits (:func:`compact`);
text follows ISO 8601 or one of many written forms (:func:`written`). All SQL reads the cell named
:data:`CELL` and gives int64, NULL where the cell is no such time.
"""

from dataclasses import dataclass

from crossrec.data.reading.cells import literal

CELL = "time_cell"
"""Stands for the cell in the SQL of a form."""
NUMBER = f"TRY_CAST({CELL} AS DOUBLE)"
EARLIEST, LATEST = 86_400, 4_102_444_800
"""Accepted clock times: 1970-01-02 up to 2100-01-01, seconds UTC."""
NUMBERED_SINCE = 100_000_000
"""Units other than seconds are told from each other by size from this time on (March 1973)."""
_TICK = 1e-3
"""Seconds that the digits of a day number may be short of the second they mean."""


@dataclass(frozen=True)
class Unit:
    """Numbers that count time from an origin.

    Attributes:
        word: its phrase.
        length: seconds of one unit, where that is a second or more; else 1.
        parts: units in a second, where that is more than one; else 1.
        origin: where the count begins, seconds since 1970.
        local: counts wall-clock time, so that a time zone matters.
    """

    word: str
    length: int = 1
    parts: int = 1
    origin: int = 0
    local: bool = False

    def raw(self, seconds: float) -> float:
        """The number that means a time in seconds since 1970."""
        return (seconds - self.origin) / self.length * self.parts

    def sql(self, zone: str) -> str:
        """The time of a number, wherever it lies."""
        if self.length > 1:
            seconds = f"CAST(floor({NUMBER} * {self.length} + {_TICK}) AS BIGINT)"
        else:
            # Whole numbers are divided as such: a double tells nanoseconds only to some 200.
            whole = f"CASE WHEN NOT contains({CELL}, '.') THEN TRY_CAST({CELL} AS BIGINT) END"
            seconds = (
                f"COALESCE(({whole}) // {self.parts},"
                f" CAST(floor({NUMBER} / {self.parts}) AS BIGINT))"
            )
        if self.origin:
            seconds = f"({seconds} + {self.origin})"
        if self.local and zone != "UTC":
            wall = f"make_timestamp({seconds} * 1000000)"
            seconds = f"CAST(epoch(timezone({literal(zone)}, {wall})) AS BIGINT)"
        return seconds

    def case(self, zone: str, start: float, end: float = LATEST) -> str:
        """A branch of a CASE for numbers that mean times from ``start`` up to ``end``."""
        low, high = self.raw(start), self.raw(end)
        return f"WHEN {NUMBER} >= {low!r} AND {NUMBER} < {high!r} THEN {self.sql(zone)}"


_SINCE_1, _SINCE_1601, _SINCE_1900 = -62_135_596_800, -11_644_473_600, -2_209_161_600
SECONDS = Unit("epoch_seconds")
BY_SIZE = (
    Unit("net_ticks", parts=10_000_000, origin=_SINCE_1),
    Unit("file_time", parts=10_000_000, origin=_SINCE_1601),
    Unit("webkit", parts=1_000_000, origin=_SINCE_1601),
    Unit("epoch_nanoseconds", parts=1_000_000_000),
    Unit("epoch_microseconds", parts=1_000_000),
    Unit("epoch_milliseconds", parts=1_000),
    SECONDS,
)
"""Units whose numbers never meet in plausible years; where they would, the first one is meant."""
MINUTES = Unit("epoch_minutes", length=60)
EXCEL_DAYS = Unit("excel_days", length=86_400, origin=_SINCE_1900, local=True)
BY_COLUMN = (
    EXCEL_DAYS,
    Unit("epoch_days", length=86_400),
    Unit("epoch_hours", length=3_600),
    MINUTES,
)
"""Units of small numbers: only the whole column tells them from positions or seconds."""

COMPACT = {
    6: "%Y%m",
    8: "%Y%m%d",
    10: "%Y%m%d%H",
    12: "%Y%m%d%H%M",
    14: "%Y%m%d%H%M%S",
    17: "%Y%m%d%H%M%S%g",
}
"""Number of digits -> the date they spell."""

_CLOCKS = (
    "", " %H:%M", " %H:%M:%S", " %H:%M:%S.%f", " %I:%M %p", " %I:%M:%S %p", " %I:%M%p",
    " %I:%M:%S%p",
)  # fmt: skip
_CHINESE_CLOCKS = (
    *_CLOCKS, " %H时%M分", " %H时%M分%S秒", " %p%I:%M", " %p%I:%M:%S", " %p%I时%M分",
    " %p%I时%M分%S秒", " %p%I点%M分",
)  # fmt: skip


def _with_clock(*dates: str) -> tuple[str, ...]:
    return tuple(date + clock for date in dates for clock in _CLOCKS)


# A short year comes first: %Y takes "24" for the year 24.
_MONTH_FIRST = _with_clock("%m/%d/%y", "%m-%d-%y", "%m/%d/%Y", "%m-%d-%Y")
_DAY_FIRST = _with_clock("%d/%m/%y", "%d-%m-%y", "%d/%m/%Y", "%d-%m-%Y")
_SHORT_YEAR_FIRST = _with_clock("%y/%m/%d", "%y-%m-%d")
_POINTS = _with_clock("%d.%m.%y", "%d.%m.%Y", "%Y.%m.%d")
_NAMED = (*_with_clock(
    "%m %d, %Y", "%B %d, %Y", "%b %d, %Y", "%B %d %Y", "%b %d %Y", "%d %b %Y", "%d %B %Y",
    "%d-%b-%y", "%d-%b-%Y", "%A, %B %d, %Y", "%a, %b %d, %Y",
), "%a %b %d %H:%M:%S %Y")  # fmt: skip
_CHINESE = tuple(
    date + clock for date in ("%Y年%m月%d日", "%Y/%m/%d", "%Y-%m-%d") for clock in _CHINESE_CLOCKS
)
_ZONED = (
    "%a, %d %b %Y %H:%M:%S %z", "%d %b %Y %H:%M:%S %z", "%a %b %d %H:%M:%S %z %Y",
    "%a %b %d %Y %H:%M:%S %z", "%d/%b/%Y:%H:%M:%S %z",
)  # fmt: skip


def compact(digits: tuple[int, ...], zone: str, *, floats: bool = False) -> str:
    """Dates spelt in so many digits; ``floats``: a trailing ``.0`` does not count."""
    cell = f"regexp_replace({CELL}, '[.]0+$', '')" if floats else CELL
    return _strptime(cell, tuple(COMPACT[count] for count in digits), zone)


def iso(cell: str = CELL) -> str:
    """ISO 8601, in the time zone of the connection where it names none."""
    return _bounded(f"epoch(TRY_CAST({cell} AS TIMESTAMPTZ))")


def turned_iso() -> str:
    """ISO 8601 with day and month in each other's place."""
    return iso(_replaced(CELL, r"^(\d{4})[-/](\d\d?)[-/](\d\d?)", r"\1-\3-\2"))


def written(zone: str) -> dict[str, list[str]]:
    """Phrase word -> the SQL of its forms, by which no value is read in two ways."""
    # "2024-01-01 01:01:59 +0800 CST m=+0.1", "2024-01-01T01:01:59Z[UTC]",
    # "2024-01-01 01:01:59,250", "20240101T010159Z"
    loose = _replaced(CELL, r"\[\S+\]$", "")
    loose = _replaced(loose, r" ?([+-]\d\d):?(\d\d)?( [A-Z]\w*)?( m=.*)?$", r"\1\2")
    loose = _replaced(loose, r"^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)?", r"\1-\2-\3T\4:\5:\6")
    loose = _replaced(loose, r"(:\d\d),(\d+)", r"\1.\2")
    halves = _replaced(CELL, r"上午\s*", "AM")
    halves = _replaced(halves, r"下午\s*", "PM")
    halves = _replaced(halves, r"\s*(星期|周)[一二三四五六日天]", "")
    halves = _replaced(halves, r"(日|\d) ?(AM|PM|\d+[:时点])", r"\1 \2")
    # "Mon, 01 Jan 2024 01:01:59 GMT", "Mon Jan 01 2024 01:01:59 GMT+0800 (China Standard Time)"
    zoned = _replaced(CELL, r"\s*\(.*\)$", "")
    zoned = _replaced(zoned, r" (GMT|UTC)([+-]\d{4})", r" \2")
    zoned = _replaced(zoned, r" (GMT|UTC|UT|Z)( \d{4})?$", r" +0000\2")
    # "Posted January 1st, 2024 at 3:05 p.m."
    plain = _replaced(CELL, r"^Posted ", "")
    plain = _replaced(plain, r"([AaPp])\.[Mm]\.?$", r"\1M")
    plain = _replaced(plain, r"(\d)(st|nd|rd|th)\b", r"\1")
    plain = _replaced(plain, r"(\d{4}),? at |(\d{4}), ", r"\1\2 ")
    plain = _replaced(plain, r"\bSept\b", "Sep")
    plain = _replaced(plain, r"[\x{202f}\x{a0}]", " ")
    plain = _replaced(plain, r"\.$", "")
    return {
        "iso": [iso(), iso(loose)],
        "written": [
            _strptime(CELL, _CHINESE, zone),
            _strptime(CELL, _POINTS, zone),
            _strptime(CELL, _NAMED, zone),
            _strptime(halves, _CHINESE, zone),
            _strptime(plain, _NAMED, zone),
            _strptime(zoned, _ZONED, zone),
        ],
    }


def month_first(zone: str) -> str:
    """Dates such as 02/13/2024."""
    return _strptime(CELL, _MONTH_FIRST, zone)


def day_first(zone: str) -> str:
    """Dates such as 13/02/2024."""
    return _strptime(CELL, _DAY_FIRST, zone)


def short_year_first(zone: str) -> str:
    """Dates such as 24/02/13."""
    return _strptime(CELL, _SHORT_YEAR_FIRST, zone)


def _bounded(seconds: str) -> str:
    return (
        f"CASE WHEN {seconds} >= {EARLIEST} AND {seconds} < {LATEST}"
        f" THEN CAST(floor({seconds}) AS BIGINT) END"
    )


def _replaced(cell: str, pattern: str, by: str) -> str:
    return f"regexp_replace({cell}, {literal(pattern)}, {literal(by)})"


def _strptime(cell: str, forms: tuple[str, ...], zone: str) -> str:
    local = f"try_strptime({cell}, [{', '.join(map(literal, forms))}])"
    # A form with an offset of its own gives an instant already.
    if zone != "UTC" and not any("%z" in form for form in forms):
        local = f"timezone({literal(zone)}, {local})"
    return _bounded(f"epoch({local})")
