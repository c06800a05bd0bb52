"""From which rating on a person likes an item: the scale of the ratings, and its middle."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

_PER_UNIT = 100
"""Ratings are told apart to a hundredth."""
_LOWEST, _HIGHEST = -11.0, 101.0
"""Ratings beyond are counted as one value each side: they are on no scale, or damaged."""
_OUTLIERS, _FEW_OUTLIERS = 0.01, (3, 0.05)
"""Largest share of the ratings above a scale that is still the scale of the others; in small data
so many of them, as long as that is no larger share than the second number."""
_TOPS = (1.0, 5.0, 10.0, 100.0)
_MANY = 100
"""Of so many whole ratings the highest one is the end of the scale (1 to 3, 1 to 7)."""
_MIXED = 0.2
"""A scale inside a larger one is a second scale if this share of the ratings is on either side."""
_WIDEST, _NOT_RATED = 10.0, 99.0
"""Beside ratings of at most the first number, the second one alone beyond says "not rated"."""


@dataclass(frozen=True)
class Scale:
    """How the ratings of one scenario are read.

    Attributes:
        scenario: its name.
        low, high: the ends of the scale; ``high`` is None where the numbers are on no scale
            (hours, counts): all above 0 are then positive.
        positive_from: the lowest rating that is positive; lower ones are dislikes.
        given: a person named ``positive_from``; else it is the middle of the scale.
        outside: how many ratings are beyond the scale; their rows are rejected.
        mixed: two scales seem to stand in one column (1 to 5 and 0 to 100); no rating is then
            taken as a dislike.
    """

    scenario: str
    low: float
    high: float | None
    positive_from: float
    given: bool = False
    outside: int = 0
    mixed: bool = False


def bins(ratings: np.ndarray) -> np.ndarray:
    """The number of a rating among all that are told apart, shape (n,), int32.

    Args:
        ratings: finite numbers, shape (n,).
    """
    if ratings.min(initial=0) < _LOWEST or ratings.max(initial=0) > _HIGHEST:
        ratings = np.clip(ratings, _LOWEST, _HIGHEST)
    # Adding one half and cutting rounds, as no number is below 0 any more; one pass is enough.
    return (ratings * _PER_UNIT + (0.5 - _LOWEST * _PER_UNIT)).astype(np.int32)


def all_alike_beyond(ratings: np.ndarray) -> bool:
    """Whether the ratings that :func:`bins` puts into its last bin are one and the same number."""
    if ratings.max(initial=0) <= _HIGHEST:
        return False
    beyond = ratings[ratings > _HIGHEST]
    return bool((beyond == beyond[0]).all())


def bin_text(value: float) -> str:
    """A rating of :func:`bin_values` in words."""
    if value >= _HIGHEST:
        return f"> {_HIGHEST - 1:g}"
    return f"< {_LOWEST + 1:g}" if value <= _LOWEST else f"{value:g}"


def bin_values(numbers: np.ndarray) -> np.ndarray:
    """The ratings of :func:`bins`, shape (n,)."""
    return numbers / _PER_UNIT + _LOWEST


def scales_of(
    names: Sequence[str],
    values: np.ndarray,
    counts: np.ndarray,
    positive_from: float | None = None,
    *,
    one_beyond: bool = False,
) -> dict[int, Scale]:
    """The scale that the ratings of each scenario are on.

    It is the smallest of 0 to 1, 1 to 5, 1 to 10 and 0 to 100 (or -1 to 1, -10 to 10) that all
    but one in a hundred of the ratings fit; its middle is where liking begins. Ratings too few or
    too much alike to tell (all of them 1) are on the scale of all scenarios together.

    Args:
        names: of the scenarios, S of them.
        values: the different ratings, as :func:`bin_values` gives them, ascending, shape (v,).
        counts: how often each stands in each scenario, shape (S, v).
        positive_from: where liking begins, if a person said so.
        one_beyond: whether all ratings above the largest bin are one number, such as 999.

    Returns:
        Scenario code -> its scale, for scenarios with ratings.
    """
    together = counts.sum(axis=0)
    if not together.any():
        return {}
    rated = ~_not_rated(values, together, one_beyond=one_beyond)
    common = _ends(values, np.where(rated, together, 0))
    several = int((counts.sum(axis=1) > 0).sum()) > 1
    scales = {}
    for code, own in enumerate(counts):
        if own.any():
            usual = np.where(rated, own, 0) if own[rated].any() else own
            usual = np.where(_not_rated(values, usual, one_beyond=one_beyond), 0, usual)
            ends = _ends(values, usual)
            if several:
                ends = _with_common(ends, common, values[usual > 0], int(usual.sum()))
            scales[code] = _scale(names[code], ends, values[own > 0], own[own > 0], positive_from)
    return scales


def _not_rated(values: np.ndarray, counts: np.ndarray, *, one_beyond: bool) -> np.ndarray:
    """Which number far beyond all ratings says "not rated" (99, 999, -99); shape (v,), bool."""
    far = (np.abs(values) > _WIDEST) & (counts > 0)
    code = np.zeros(len(values), dtype=bool)
    if far.sum() == 1 and np.count_nonzero(counts[~far]) > 1:
        value = values[far][0]
        if value in (_NOT_RATED, _LOWEST) or (value == _HIGHEST and one_beyond):
            code = far
    return code


def _with_common(
    own: tuple[float, float], common: tuple[float, float], values: np.ndarray, total: int
) -> tuple[float, float]:
    """The ends of a scenario's scale, those of all scenarios where its ratings do not tell."""
    if not 1 < common[1] <= _WIDEST or values[-1] > common[1]:
        return own
    alike = len(values) == 1 or (own == (0.0, 1.0) and values[0] == 1)
    few = own == (0.0, 4.0) and total < _MANY
    if own[1] == common[1] or alike or few:
        return common
    return own


def _scale(
    scenario: str,
    ends: tuple[float, float],
    values: np.ndarray,
    counts: np.ndarray,
    positive_from: float | None,
) -> Scale:
    """A scale by its ends; the ratings are those of the scenario, ascending."""
    total = int(counts.sum())
    low, high = ends
    mixed = high == _TOPS[-1] and _two_scales(values, counts, total)
    outside = int(counts[(values > high) | (values < low)].sum())
    bounded = high < np.inf
    if positive_from is not None:
        start = positive_from
    elif bounded and not mixed:
        # On a scale around 0 the middle itself is no opinion.
        start = (low + high) / 2 or 1 / _PER_UNIT
    else:
        start = 1 / _PER_UNIT
    return Scale(
        scenario,
        low,
        high if bounded else None,
        start,
        given=positive_from is not None,
        outside=outside,
        mixed=mixed,
    )


def _ends(values: np.ndarray, counts: np.ndarray) -> tuple[float, float]:
    """The lowest and the highest rating of a scale; inf where there is none."""
    values, counts = values[counts > 0], counts[counts > 0]
    total = int(counts.sum())
    if values[0] < 0 and not (values[0] == -1 and values[-1] > 1):
        high = next((top for top in (1.0, 10.0) if -top <= values[0] and values[-1] <= top), np.inf)
        return (-high if high < np.inf else 0.0), high
    allowed = max(_OUTLIERS * total, min(_FEW_OUTLIERS[0], _FEW_OUTLIERS[1] * total))
    high = next((top for top in _TOPS if counts[values > top].sum() <= allowed), np.inf)
    if high in (1.0, 100.0, np.inf):
        return 0.0, high
    inside = values[(values >= 0) & (values <= high)]
    if np.all(inside % 1 == 0):
        if inside[0] == 0 and inside[-1] == 4:
            return 0.0, 4.0  # five steps that count from 0
        if total >= _MANY:
            high = float(inside[-1])
    # Half stars begin at one half; a 0 beside ratings from 1 on mostly says "not rated".
    return (0.5 if 0.5 in inside else 1.0), high


def _two_scales(values: np.ndarray, counts: np.ndarray, total: int) -> bool:
    """Whether 1 to 5 or 1 to 10 stands beside 0 to 100, with next to nothing in between."""
    for top in (5.0, 10.0):
        below = counts[(values >= 1) & (values <= top)].sum() / total
        between = counts[(values > top) & (values < 2 * top)].sum() / total
        if _MIXED <= below <= 1 - _MIXED and between <= _OUTLIERS:
            return True
    return False
