"""What a column may be, by its values alone."""

import re
from collections.abc import Callable, Mapping, Sequence
from statistics import mean, median

from crossrec.data.meaning.rating_texts import rating_number
from crossrec.data.meaning.vocabulary import vocabulary, word_key
from crossrec.schema import (
    CATEGORY,
    EVENT,
    ITEM,
    PRICE,
    RATING,
    SCENARIO,
    TEXT,
    TIME,
    TITLE,
    USER,
)

_MOST = 0.9
_DATE = re.compile(r"\s*\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}.*|\s*\d{1,2}[-/.]\d{1,2}[-/.]\d{4}.*")
_EPOCH = re.compile(r"\s*1\d{9}(\d{3}){0,3}(\.\d+)?\s*")
_NUMBER = re.compile(r"\s*[-+]?\d*\.?\d+\s*")
_FRACTION = re.compile(r"\s*[-+]?\d*\.\d*[1-9]\d*\s*")
_MONEY = re.compile(r"\s*[$€£¥￥]\s*[\d,.]+\s*|\s*\d+\.\d\d\s*")
_LONG, _WORDY = 60, 1.8
_PROBED = 300
"""Of so many values patterns are judged; how many are different, of all."""
_ENOUGH = 20
_ALL_DIFFERENT = 0.999
"""So many values, and this share of them different: one for every row."""
_FEW_SCENARIOS = 200
_MOST_RATINGS = 101

Values = Sequence[str]


def is_row_key(values: Values) -> bool:
    """Whether every row has a value of its own: the number of a row, an order or a review."""
    return len(values) >= _ENOUGH and len(set(values)) >= _ALL_DIFFERENT * len(values)


def may_be_ids(values: Values) -> bool:
    """Whether these may be ids: no times, no prices, no fractions, no sentences."""
    some = _probe(values)
    if not some or _is_time(some) or _is_price(some):
        return False
    fraction = mean(bool(_FRACTION.fullmatch(value)) for value in some)
    return fraction < 0.1 and max(map(len, some)) <= _LONG and mean(map(_words, some)) < _WORDY


def may_be_scenario(values: Values) -> bool:
    """Whether these may be scenarios: few values that repeat, and no fractions."""
    if not values:
        return False
    few = len(set(values))
    if few > _FEW_SCENARIOS or (len(values) >= _ENOUGH and few > len(values) / 2):
        return False
    return not any(_FRACTION.fullmatch(value) for value in _probe(values))


def is_number(values: Values) -> bool:
    """Whether nearly all of these are numbers."""
    some = _probe(values)
    return bool(some) and _share(some, _NUMBER) >= _MOST


def is_rating(values: Values) -> bool:
    """Whether nearly all of these are ratings: numbers, not too many different ones."""
    some = set(_probe(values))
    return len(some) <= _MOST_RATINGS and (
        mean(rating_number(value) is not None for value in some) >= _MOST
    )


def by_values(
    columns: Mapping[str, Values], names: Sequence[str], *, log: bool = False
) -> dict[str, str]:
    """Match columns and schema names; each column and each name at most once.

    Args:
        columns: header -> some of its values, none of them empty.
        names: schema names, see :mod:`crossrec.schema`.
        log: whether these are rows of a log, in which neither a user nor an item is different in
            every row.

    Returns:
        schema name -> header, only where the values speak for it.
    """
    left = {header: values for header, values in columns.items() if values}
    found: dict[str, str] = {}
    for name, fits in _TESTS.items():
        if name == SCENARIO:  # ids of few things repeat like kinds do, and a log needs ids more
            ids = _ids(left, [each for each in (USER, ITEM) if each in names], log=log)
            found |= ids
            left = {header: values for header, values in left.items() if header not in ids.values()}
        if name not in names:
            continue
        probed = {header: _probe(values) for header, values in left.items()}
        header = next((header for header, values in probed.items() if fits(values)), None)
        if header is not None:
            found[name] = header
            del left[header]
    return found


def _ids(columns: Mapping[str, Values], names: Sequence[str], *, log: bool) -> dict[str, str]:
    """User and item: the columns with the most distinct short values, in the order of the file."""
    able = {
        header: len(set(values)) / len(values)
        for header, values in columns.items()
        if may_be_ids(values) and not (log and is_row_key(values))
    }
    best = sorted(able, key=able.__getitem__, reverse=True)[: len(names)]
    return dict(zip(names, [header for header in columns if header in best], strict=False))


def _probe(values: Values) -> Values:
    """Some values from all over the column."""
    return values[:: -(-len(values) // _PROBED) or 1]


def _share(values: Values, pattern: re.Pattern[str]) -> float:
    return mean(bool(pattern.fullmatch(value)) for value in values)


def _words(value: str) -> float:
    """Words of a text; two Chinese characters count as one."""
    return len(value.split()) + sum("\u4e00" <= letter <= "\u9fff" for letter in value) / 2


def _is_time(values: Values) -> bool:
    return _share(values, _DATE) >= _MOST or _share(values, _EPOCH) >= _MOST


def _is_event(values: Values) -> bool:
    events = vocabulary().events
    return mean(word_key(value) in events for value in values) >= _MOST


def _is_rating(values: Values) -> bool:
    if _share(values, _NUMBER) < _MOST:
        return False
    numbers = {float(value) for value in values if _NUMBER.fullmatch(value)}
    return 2 <= len(numbers) <= 11 and min(numbers) >= 0 and max(numbers) in (4, 5, 10, 100)


def _is_price(values: Values) -> bool:
    return _share(values, _MONEY) >= _MOST


def _is_text(values: Values) -> bool:
    return median(map(len, values)) > _LONG


def _is_title(values: Values) -> bool:
    return median(map(_words, values)) >= _WORDY and not _is_text(values)


def _is_kind(values: Values) -> bool:
    """Few words that repeat: a category, or a scenario."""
    few = len(set(values))
    return 2 <= few <= max(2, len(values) // 5) and _share(values, _NUMBER) < 1 - _MOST


_TESTS: Mapping[str, Callable[[Values], bool]] = {
    TIME: _is_time,
    EVENT: _is_event,
    RATING: _is_rating,
    PRICE: _is_price,
    TEXT: _is_text,
    TITLE: _is_title,
    SCENARIO: _is_kind,
    CATEGORY: _is_kind,
}
