"""The ratings of a log, each on the scale of its scenario."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from crossrec.data.log import SignalFacts
from crossrec.data.meaning.ratings import (
    Scale,
    all_alike_beyond,
    bin_text,
    bin_values,
    bins,
    scales_of,
)
from crossrec.data.meaning.signals import NO, NOTHING, YES
from crossrec.data.meaning.vocabulary import Kind

_MOST_RATINGS = 20
"""More different ratings than this are told as two ranges."""
_FAINTEST = 0.2
"""A rating just below liking speaks against the item this much; the lowest one 1."""
_KIND_OF = {YES: Kind.POSITIVE, NO: Kind.NEGATIVE}


@dataclass(frozen=True)
class Ratings:
    """The ratings of a log on the scales of their scenarios.

    What a rating says is looked up per (scenario, rating), of which there are few.

    Attributes:
        code: number of each row's (scenario, rating), shape (n,), int32; the last number of the
            tables where a row has none.
        values: the different ratings, to a hundredth, ascending, shape (v,).
        scales: scenario code -> its scale, for those with ratings.
        names: of the scenarios.
        exact: the ratings themselves, shape (n,), where a scenario has no scale; else None.
    """

    code: np.ndarray
    values: np.ndarray
    scales: Mapping[int, Scale]
    names: Sequence[str]
    exact: np.ndarray | None = None

    @classmethod
    def of(
        cls,
        rating: np.ndarray,
        scenario: np.ndarray,
        names: Sequence[str],
        positive_from: float | None,
        usable: np.ndarray,
    ) -> "Ratings":
        """Find the scales by the rows that are usable.

        Args:
            rating: shape (n,); NaN where a row has none.
            scenario: codes, shape (n,); -1 where a row has none.
            names: of the scenarios, by code.
            positive_from: where liking begins, if a person said so.
            usable: shape (n,), bool.
        """
        none = ~np.isfinite(rating) | (scenario < 0)
        if none.all():
            return cls(np.zeros(len(rating), np.int32), np.zeros(0), {}, names)
        number = bins(np.where(none, 0, rating) if none.any() else rating)
        distinct = np.flatnonzero(np.bincount(number))
        place = np.zeros(distinct[-1] + 1, dtype=np.int32)
        place[distinct] = np.arange(len(distinct), dtype=np.int32)
        size = len(names) * len(distinct)
        code = place[number]
        code += scenario * np.int32(len(distinct))
        if none.any():
            code[none] = size
        counts = np.bincount(code if usable.all() else code[usable], minlength=size + 1)[:size]
        values = bin_values(distinct)
        scales = scales_of(
            names,
            values,
            counts.reshape(len(names), -1),
            positive_from,
            one_beyond=all_alike_beyond(rating[~none]),
        )
        unbounded = any(scale.high is None for scale in scales.values())
        return cls(code, values, scales, names, rating if unbounded else None)

    def _table(
        self, value: Callable[[Scale, np.ndarray], np.ndarray], default: float
    ) -> np.ndarray:
        """What each (scenario, rating) says, shape (S * v + 1,); ``default`` without a rating."""
        size = len(self.values)
        table = np.full(len(self.names) * size + 1, default)
        for code, scale in self.scales.items():
            table[code * size : (code + 1) * size] = value(scale, self.values)
        return table

    def outside(self) -> np.ndarray:
        """Which rows have a rating beyond their scale, shape (n,), bool."""
        table = self._table(_outside, 0).astype(bool)
        return table[self.code] if table.any() else np.zeros(len(self.code), dtype=bool)

    @property
    def level_table(self) -> np.ndarray:
        """What each (scenario, rating) says, shape (S * v + 1,), uint8: yes, no, or nothing."""
        table = self._table(
            lambda scale, values: np.where(values >= scale.positive_from, YES, NO), NOTHING
        )
        return table.astype(np.uint8)

    def levels(self) -> np.ndarray:
        """What the rating of each row says, shape (n,), uint8: yes, no, or nothing."""
        return self.level_table[self.code]

    def counts(self) -> np.ndarray:
        """Rows of each (scenario, rating), shape (S * v + 1,), int64."""
        return np.bincount(self.code, minlength=len(self.names) * len(self.values) + 1)

    def take(self, rows: np.ndarray | slice) -> "Ratings":
        """The same for some of the rows."""
        exact = None if self.exact is None else self.exact[rows]
        return replace(self, code=self.code[rows], exact=exact)

    def likes(self) -> np.ndarray:
        """Factor of each row's strength, shape (n,): rating / highest of the scale, 1 without."""
        factor = self._table(lambda scale, values: values / (scale.high or 1.0), 1.0)[self.code]
        for code, scale in self.scales.items():
            if scale.high is None and self.exact is not None:
                mine = (self.code // len(self.values) == code) & np.isfinite(self.exact)
                own = self.exact[mine]
                factor[mine] = own / (own.max(initial=0) or 1.0)
        return factor

    def dislikes(self) -> np.ndarray:
        """How strongly a low rating speaks against the item, shape (n,); 0 where it does not."""
        return self._table(_depth, 0.0)[self.code]


def _outside(scale: Scale, values: np.ndarray) -> np.ndarray:
    if scale.high is None:
        return values <= 0
    return (values < scale.low) | (values > scale.high)


def _depth(scale: Scale, values: np.ndarray) -> np.ndarray:
    """How far a rating is below liking, in parts of the way to the lowest one, shape (v,)."""
    depth = (scale.positive_from - values) / max(scale.positive_from - scale.low, 1e-9)
    return np.where(values < scale.positive_from, np.clip(depth, _FAINTEST, 1.0), 0.0)


def rating_facts(header: str, ratings: Ratings) -> Iterator[SignalFacts]:
    """The ratings, one by one where they are few, and what each says."""
    if not ratings.scales:
        return
    counts = ratings.counts()[:-1].reshape(len(ratings.names), -1)
    levels = ratings.level_table[:-1].reshape(counts.shape).copy()
    for code, scale in ratings.scales.items():
        levels[code, _outside(scale, ratings.values)] = NOTHING
    few = np.count_nonzero(counts.sum(axis=0)) <= _MOST_RATINGS
    starts = {f"{scale.positive_from:g}" for scale in ratings.scales.values()}
    start = starts.pop() if len(starts) == 1 else "?"
    for level, sign in ((NO, "<"), (YES, ">=")):
        rows = np.where(levels == level, counts, 0).sum(axis=0)
        if few:
            for value, n in zip(ratings.values[rows > 0], rows[rows > 0].tolist(), strict=True):
                yield SignalFacts(header, bin_text(value), _KIND_OF[level], n, source="rating")
        elif rows.any():
            text = f"{sign} {start}"
            yield SignalFacts(header, text, _KIND_OF[level], int(rows.sum()), source="rating")
