"""What a list is like beside being relevant."""

from dataclasses import dataclass

import numpy as np

from crossrec.lists.shelf import Shelf


@dataclass(frozen=True)
class ListFigures:
    """Figures of one list.

    Attributes:
        diversity: mean distance (1 - cosine) over its pairs of items, in [0, 2]; NaN for fewer than
            two items.
        novelty: mean self-information ``-log2(share of users with the item)``, in bits, where an
            item that nobody has counts as one with half a user; NaN for an empty list.
        serendipity: mean over its places of the distance of relevant items to the nearest history
            item (0 for items that are not relevant); NaN without a known relevant item or without
            history.
        calibration: Jensen-Shannon divergence in bits, in [0, 1], of the category mix of the list
            to that of the user's history in the scenario; 0 is the same mix; NaN where either has
            no category. Source: Steck, "Calibrated recommendations" (RecSys 2018), with a
            divergence that needs no smoothing.
        categories: number of different categories.
    """

    diversity: float
    novelty: float
    serendipity: float
    calibration: float
    categories: int


def list_figures(
    items: np.ndarray,
    shelf: Shelf,
    *,
    users: int,
    history: np.ndarray | None = None,
    relevant: np.ndarray | None = None,
) -> ListFigures:
    """Figures of a list.

    Args:
        items: local numbers, in order.
        shelf: what is known about the scenario's items.
        users: number of users that popularity was counted over.
        history: local numbers of what the user has there.
        relevant: local numbers of what the user is known to like (hidden items).
    """
    share = np.maximum(shelf.popularity[items], 0.5 / max(users, 1))
    kinds = shelf.category[items]
    return ListFigures(
        _diversity(shelf.vectors[items]),
        float(-np.log2(share).mean()) if len(items) else float("nan"),
        _serendipity(items, shelf, history, relevant),
        _calibration(items, shelf, history),
        len(np.unique(kinds[kinds >= 0])),
    )


def _diversity(vectors: np.ndarray) -> float:
    n = len(vectors)
    if n < 2:
        return float("nan")
    total = np.linalg.norm(vectors.sum(axis=0)) ** 2 - (vectors**2).sum()
    return float(1 - total / (n * (n - 1)))


def _serendipity(
    items: np.ndarray, shelf: Shelf, history: np.ndarray | None, relevant: np.ndarray | None
) -> float:
    if history is None or relevant is None or not len(history) or not len(relevant):
        return float("nan")
    near = (shelf.vectors[items] @ shelf.vectors[history].T).max(axis=1, initial=-1.0)
    return float((np.isin(items, relevant) * (1 - near)).sum() / max(len(items), 1))


def _calibration(items: np.ndarray, shelf: Shelf, history: np.ndarray | None) -> float:
    if history is None:
        return float("nan")
    mix, wanted = shelf.mix(items), shelf.mix(history)
    if not mix.any() or not wanted.any():
        return float("nan")
    return float(divergence(mix, wanted))


def divergence(mixes: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Jensen-Shannon divergence in bits of shares to other shares.

    Args:
        mixes: shares that add up to 1, shape (..., K).
        wanted: shares that add up to 1, shape (K,).

    Returns:
        Shape (...), in [0, 1].
    """
    middle = (mixes + wanted) / 2
    return (_relative(mixes, middle) + _relative(wanted, middle)) / 2


def _relative(mix: np.ndarray, middle: np.ndarray) -> np.ndarray:
    """Kullback-Leibler divergence in bits; shares of 0 add nothing."""
    mix = np.broadcast_to(mix, middle.shape)
    ratio = np.divide(mix, middle, out=np.ones_like(middle), where=mix > 0)
    return (mix * np.log2(ratio)).sum(axis=-1)
