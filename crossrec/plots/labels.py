"""What the points of a map are coloured by, and which of them are drawn."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import numpy as np
import pandas as pd

from crossrec.plots.theme import PALETTES, SYMBOLS, Mark, Theme, marks

MOST_DRAWN: Final = 20_000
"""Up to so many points all of them are drawn."""
SAMPLED: Final = 10_000
"""Of more points so many are drawn: the image behind them shows where all are, and a browser that
draws without a graphics card needs half as long."""
MOST_LABELS: Final = 8
BANDS: Final = 5


@dataclass(frozen=True)
class Labels:
    """What points are coloured by.

    Attributes:
        names: the labels in fixed order, which fixes their colours; at most :data:`MOST_LABELS`
            where they come from :func:`labels_of`.
        code: number of the label of every point, shape (n,), int32; -1 for none of them.
        ordered: the labels go from little to much, and so do their colours.
    """

    names: tuple[str, ...]
    code: np.ndarray
    ordered: bool = False

    def __len__(self) -> int:
        return len(self.code)

    def marks(self, theme: Theme) -> dict[str, Mark]:
        """How the points of each label are drawn."""
        if not self.ordered:
            return marks(self.names)
        ramp = PALETTES[theme].ramp
        steps = np.linspace(0, len(ramp) - 1, max(len(self.names), 1)).round().astype(int)
        return {
            name: Mark(ramp[step], SYMBOLS[0], "solid")
            for name, step in zip(self.names, steps, strict=False)
        }

    def counts(self) -> np.ndarray:
        """Points of each label, shape (len(names),)."""
        return np.bincount(self.code[self.code >= 0], minlength=len(self.names))


def labels_of(values: Any, order: Sequence[str] | None = None) -> Labels:
    """Labels of points: those in ``order``, or else the most frequent values.

    Args:
        values: shape (n,), an array or a series; "" and missing values are no label.
        order: labels in a fixed order, e.g. the scenarios of the run.
    """
    codes, found = pd.factorize(values)  # -1 where missing
    found = np.array([str(value) for value in found], dtype=object)
    names = order
    if names is None:
        count = np.bincount(codes[codes >= 0], minlength=len(found))
        ranked = sorted(range(len(found)), key=lambda at: (-count[at], found[at]))
        names = [found[at] for at in ranked if found[at]][:MOST_LABELS]
    place = {str(name): at for at, name in enumerate(names)}
    number = np.array([*(place.get(name, -1) for name in found), -1], dtype=np.int32)
    return Labels(tuple(place), number[codes])


def bands_of(values: np.ndarray, bands: int = BANDS) -> Labels:
    """Labels of a numeric attribute: bands that hold about as many points each.

    Args:
        values: shape (n,), float; NaN is no label.
        bands: how many at most; fewer where values repeat.
    """
    values = np.asarray(values, dtype=float)
    known = np.isfinite(values)
    if not known.any():
        return Labels((), np.full(len(values), -1, dtype=np.int32), ordered=True)
    edges = np.unique(np.quantile(values[known], np.linspace(0, 1, bands + 1)))
    inner = edges[1:-1]
    code = np.where(known, np.searchsorted(inner, values, side="right"), -1).astype(np.int32)
    names = [f"{low:.4g} – {high:.4g}" for low, high in pairwise(edges)]
    return Labels(tuple(names or [f"{edges[0]:.4g}"]), code, ordered=True)


def attribute_labels(values: pd.Series, *, number: bool) -> Labels:
    """Labels of an attribute: bands of a number, else its values; shape (n,)."""
    if number:
        return bands_of(values.to_numpy(dtype=float, na_value=np.nan))
    return labels_of(values)


def cluster_labels(numbers: np.ndarray, words: Sequence[Sequence[str]]) -> Labels:
    """Labels of clusters: their number from 1, and the words that set them apart.

    Args:
        numbers: cluster of every point, shape (n,), int32, from 0.
        words: of each cluster; there may be fewer.
    """
    count = max(len(words), int(numbers.max(initial=-1)) + 1)
    told = [", ".join(words[at]) if at < len(words) else "" for at in range(count)]
    names = [f"{at + 1} · {said}" if said else str(at + 1) for at, said in enumerate(told)]
    return Labels(tuple(names), numbers)


def drawn_rows(
    labels: Labels,
    *,
    always: Sequence[int] | np.ndarray = (),
    most: int = MOST_DRAWN,
    sampled: int = SAMPLED,
    seed: int = 0,
) -> np.ndarray:
    """Which points are drawn: all where they are few, else a sample by label and those named.

    Every label gets a share of the sample by the square root of its size, so a small scenario is
    not lost beside a large one.

    Args:
        labels: of all points.
        always: row numbers that must be among them (search hits, the chosen user).
        most: up to so many points all are drawn.
        sampled: of more points, how many are drawn.
        seed: of the sample.

    Returns:
        Row numbers, ascending.
    """
    n = len(labels)
    if n <= most:
        return np.arange(n)
    rng = np.random.default_rng(seed)
    kept = np.unique(np.asarray(always, dtype=np.int64))[:sampled]
    order = np.argsort(labels.code, kind="stable")  # one pass instead of one per label
    _, sizes = np.unique(labels.code[order], return_counts=True)
    roots = np.sqrt(sizes)
    wanted = np.floor((sampled - len(kept)) * roots / roots.sum()).astype(int)
    sample = [
        rng.choice(group, min(size, len(group)), replace=False)
        for group, size in zip(np.split(order, np.cumsum(sizes)[:-1]), wanted, strict=True)
    ]
    return np.union1d(kept, np.concatenate(sample))
