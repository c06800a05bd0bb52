"""What is known about a row besides its scenario: when, in which basket, where, which item."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from crossrec.data.catalog import Catalog
from crossrec.data.identification.topics import Topics, topics
from crossrec.data.ids import UNKNOWN
from crossrec.errors import ColumnMissing
from crossrec.schema import ITEM, SCENARIO, TIME, USER

TIME_KIND, BASKET, ROW, ITEM_KIND = "time", "basket", "row", "item"
"""Kinds of features: when; with how much else; what the row says; what the item is."""
PAUSE = 1800
"""Seconds without a row after which a user's next row begins a new basket."""
MOST_VALUES = 30
"""Most values of one column that become features; the rarer ones are told by none of them."""
FEWEST_ROWS = 5
DAY, HOUR = 86_400, 3600
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True)
class Feature:
    """One column of the feature matrix.

    Attributes:
        column: what it is about, such as "hour" or "category".
        kind: "time", "basket", "row" or "item".
        value: of a yes-no feature the value it asks for; None for a number.
        code: of a yes-no feature the code of that value.
    """

    column: str
    kind: str
    value: str | None = None
    code: int = -1


@dataclass(frozen=True)
class Column:
    """Values by row, or by item where the item decides them.

    Attributes:
        values: numbers (float32, NaN where missing), or codes of values (int32, -1 for rare ones).
        by_item: whether the values are numbered by item code instead of by row.
    """

    values: np.ndarray
    by_item: bool = False


@dataclass(frozen=True)
class ContextRows:
    """Rows with what is known about them; n rows.

    Attributes:
        user, item, basket: codes, shape (n,), int64; each row is its own basket without a time.
        scenario: codes into ``scenarios``, shape (n,), int64; -1 where unknown.
        scenarios: names, sorted.
        features: what :meth:`matrix` can hold.
        columns: the values behind the features, by column name.
    """

    user: np.ndarray
    item: np.ndarray
    basket: np.ndarray
    scenario: np.ndarray
    scenarios: tuple[str, ...]
    features: tuple[Feature, ...]
    columns: Mapping[str, Column] = field(repr=False)

    def __len__(self) -> int:
        return len(self.user)

    @property
    def labelled(self) -> np.ndarray:
        """Numbers of the rows whose scenario is known."""
        return np.flatnonzero(self.scenario >= 0)

    def of_kinds(self, *kinds: str) -> "ContextRows":
        """The same rows with the features of some kinds only."""
        return replace(self, features=tuple(f for f in self.features if f.kind in kinds))

    def matrix(self, rows: np.ndarray) -> np.ndarray:
        """The features of some rows, shape (len(rows), len(features)), float32."""
        filled = np.empty((len(rows), len(self.features)), dtype=np.float32)
        for at, feature in enumerate(self.features):
            column = self.columns[feature.column]
            values = column.values[self.item[rows] if column.by_item else rows]
            filled[:, at] = values if feature.value is None else values == feature.code
        return filled


def context_rows(
    frame: pd.DataFrame,
    catalog: Catalog | None = None,
    *,
    leave_out: Sequence[str] = (),
    seed: int = 0,
) -> ContextRows:
    """Turn rows into features.

    Hour and weekday (UTC unless the file's times say otherwise) and the size of the basket come
    from clock times; every further column of the frame is taken as context: numbers as they are,
    texts by their most frequent values; a text column with a different value in nearly every row
    says nothing and is left out. Of the items come the attributes (category, price ...) and the
    topic of title and text.

    Args:
        frame: one row per interaction: ``user_id``, ``item_id``; optionally ``scenario`` ("" or
            missing where unknown), ``timestamp`` (seconds), and context columns. Not changed.
        catalog: the items, if known.
        leave_out: columns of either table that shall not be used.
        seed: of the topics.

    Raises:
        ColumnMissing: the frame has no user or item column.
    """
    for name in (USER, ITEM):
        if name not in frame:
            raise ColumnMissing(f"expected a column {name!r}", ", ".join(map(str, frame)))
    user = pd.factorize(frame[USER])[0].astype(np.int64)
    item, ids = pd.factorize(frame[ITEM])
    scenario, names = _labels(frame)
    columns: dict[str, Column] = {}
    features: list[Feature] = []
    basket = np.arange(len(frame))
    if TIME in frame and TIME not in leave_out:
        seconds = frame[TIME].to_numpy().astype(np.int64)
        basket = baskets(user, seconds)
        columns["hour"] = Column((seconds % DAY // HOUR).astype(np.float32))
        columns["weekday"] = Column(((seconds // DAY + 3) % 7).astype(np.int32))  # 1970: Thursday
        columns["basket size"] = Column(np.bincount(basket)[basket].astype(np.float32))
        features += [Feature("hour", TIME_KIND), Feature("basket size", BASKET)]
        features += [Feature("weekday", TIME_KIND, day, at) for at, day in enumerate(WEEKDAYS)]
    for name in frame:
        if name not in (USER, ITEM, SCENARIO, TIME, *leave_out):
            _add(columns, features, str(name), frame[name].to_numpy(), ROW, by_item=False)
    if catalog is not None and len(catalog):
        codes = catalog.items.codes(np.asarray(ids, dtype=object))
        for name, values in catalog.attributes.items():
            if name not in leave_out:
                known = np.append(values, [_empty(values)])[codes]  # -1 finds the last: empty
                _add(columns, features, name, known, ITEM_KIND, by_item=True)
        if "topic" not in leave_out and (found := topics(catalog, seed=seed)) is not None:
            _add_topics(columns, features, found, codes)
    return ContextRows(
        user=user,
        item=item.astype(np.int64),
        basket=basket,
        scenario=scenario,
        scenarios=names,
        features=tuple(features),
        columns=columns,
    )


def baskets(user: np.ndarray, seconds: np.ndarray, pause: int = PAUSE) -> np.ndarray:
    """The basket of each row, shape (n,), int64: a user's rows without a longer pause."""
    order = np.lexsort((seconds, user))
    new = (np.diff(user[order], prepend=-1) != 0) | (np.diff(seconds[order], prepend=0) > pause)
    basket = np.empty(len(user), dtype=np.int64)
    basket[order] = np.cumsum(new) - 1
    return basket


def _labels(frame: pd.DataFrame) -> tuple[np.ndarray, tuple[str, ...]]:
    if SCENARIO not in frame:
        return np.full(len(frame), UNKNOWN, dtype=np.int64), ()
    texts = _texts(frame[SCENARIO].to_numpy())
    names = sorted(set(texts.tolist()) - {""})
    return pd.Index(names, dtype=object).get_indexer(texts).astype(np.int64), tuple(names)


def _texts(values: np.ndarray) -> np.ndarray:
    """Values as object strings, "" where missing, shape (n,)."""
    return np.where(pd.isna(values), "", values.astype(object)).astype(str).astype(object)


def _empty(values: np.ndarray) -> float | str:
    return np.nan if values.dtype.kind == "f" else ""


def _add(
    columns: dict[str, Column],
    features: list[Feature],
    name: str,
    values: np.ndarray,
    kind: str,
    *,
    by_item: bool,
) -> None:
    if values.dtype.kind in "iufb":
        columns[name] = Column(values.astype(np.float32), by_item=by_item)
        features.append(Feature(name, kind))
        return
    texts = _texts(values)
    counts = Counter(texts[texts != ""].tolist()).most_common(MOST_VALUES)
    frequent = [value for value, n in counts if n >= FEWEST_ROWS]
    if not frequent:
        return
    codes = pd.Index(frequent, dtype=object).get_indexer(texts).astype(np.int32)
    columns[name] = Column(codes, by_item=by_item)
    features += [Feature(name, kind, value, code) for code, value in enumerate(frequent)]


def _add_topics(
    columns: dict[str, Column], features: list[Feature], found: Topics, codes: np.ndarray
) -> None:
    columns["topic"] = Column(
        np.where(codes >= 0, found.topic[codes], UNKNOWN).astype(np.int32), by_item=True
    )
    features += [Feature("topic", ITEM_KIND, words, code) for code, words in enumerate(found.words)]
