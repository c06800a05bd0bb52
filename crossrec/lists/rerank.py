"""From scores to a list worth showing: the rules of the house first, then variety."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field

import numpy as np

from crossrec.errors import DataError
from crossrec.lists.measures import divergence
from crossrec.lists.shelf import Shelf

POOL = 200
"""Candidates that variety chooses from: enough for any list a person reads."""


@dataclass(frozen=True)
class Rules:
    """What a list keeps to, whatever the scores say.

    Attributes:
        pinned: item ids that stand first, in this order, where the scenario has them.
        excluded: item ids that are never shown.
        most_per_category: at most so many items of one category (pinned ones count); None for any
            number. Items without a category are free.
        no_doubles: of items that are one product only the best is shown, and none that the user
            has under another id.
    """

    pinned: tuple[str, ...] = ()
    excluded: frozenset[str] = field(default_factory=frozenset)
    most_per_category: int | None = None
    no_doubles: bool = True

    def __post_init__(self) -> None:
        if self.most_per_category is not None and self.most_per_category < 1:
            raise DataError("expected at least one item per category", f"{self.most_per_category}")
        if both := sorted(set(self.pinned) & self.excluded):
            raise DataError(
                "expected items to be pinned or excluded", f"both for {both[0]!r}", "Choose one"
            )

    def to_dict(self) -> dict[str, object]:
        """As JSON-able values."""
        return {**asdict(self), "pinned": list(self.pinned), "excluded": sorted(self.excluded)}

    @classmethod
    def from_dict(cls, values: Mapping[str, object]) -> "Rules":
        """The inverse of :meth:`to_dict`.

        Raises:
            DataError: these are not such values.
        """
        try:
            most = values.get("most_per_category")
            return cls(
                tuple(_texts(values.get("pinned", []))),
                frozenset(_texts(values.get("excluded", []))),
                None if most is None else int(most),  # type: ignore[call-overload]
                bool(values.get("no_doubles", True)),
            )
        except (TypeError, ValueError, AttributeError) as error:
            raise DataError(
                "expected rules with pinned, excluded, most_per_category and no_doubles",
                str(error),
                "Save them again",
            ) from error


def _texts(values: object) -> Iterable[str]:
    if isinstance(values, str) or not isinstance(values, Sequence):
        raise TypeError(f"{values!r} is no list")
    return map(str, values)


def rerank(
    scores: np.ndarray,
    order: np.ndarray,
    shelf: Shelf,
    k: int,
    *,
    variety: float = 0.0,
    rules: Rules | None = None,
    known: np.ndarray | None = None,
    mix: np.ndarray | None = None,
    calibration: float = 0.0,
    pool: int = POOL,
) -> np.ndarray:
    """The k items to show.

    Each place goes to the candidate with the best ``(1 - variety) * (1 - calibration) * relevance -
    variety * (largest cosine to an item above) - calibration * (divergence of the list's categories
    from mix)``, where relevance is the score brought to [0, 1] over the pool: maximal marginal
    relevance (Carbonell, Goldstein, SIGIR 1998) and greedy calibration (Steck, RecSys 2018), each
    off at 0.

    Args:
        scores: of all items of the scenario, shape (n,).
        order: candidates, best first, local numbers.
        shelf: what is known about the items.
        k: list length.
        variety: 0 keeps the order of the scores, 1 cares for variety alone.
        rules: what the list keeps to; default :class:`Rules`.
        known: local items of which the user has the product (:meth:`Shelf.known_products`).
        mix: wanted share of each category, shape (K,), such as :meth:`Shelf.mix` of the history;
            needed for ``calibration``.
        calibration: 0 does not care for the mix, 1 for nothing else.
        pool: candidates that variety and calibration choose from, the best; never fewer than 5 k.

    Returns:
        Local numbers, at most k, in the order to show.

    Raises:
        DataError: variety or calibration is not in [0, 1].
    """
    for name, value in (("variety", variety), ("calibration", calibration)):
        if not 0 <= value <= 1:
            raise DataError(f"expected a {name} from 0 to 1", f"{value}")
    keeper = _Keeper(shelf, rules or Rules(), known)
    chosen = []
    for at in keeper.pins():
        if len(chosen) < k and keeper.allows(at, pinned=True):
            keeper.take(at)
            chosen.append(at)
    candidates = keeper.candidates(order)
    wanted = mix if calibration and mix is not None and mix.any() else None
    if variety == 0 and wanted is None:
        for at in candidates.tolist():
            if len(chosen) == k:
                break
            if keeper.allows(at):
                keeper.take(at)
                chosen.append(at)
        return np.array(chosen, dtype=np.int64)
    price = _Price(shelf, variety, calibration if wanted is not None else 0.0, wanted)
    return _chosen(scores, candidates, k, price, keeper, chosen, max(pool, 5 * k))


def _chosen(
    scores: np.ndarray,
    candidates: np.ndarray,
    k: int,
    price: "_Price",
    keeper: "_Keeper",
    chosen: list[int],
    pool: int,
) -> np.ndarray:
    """The greedy choice; goes on below the pool where rules leave too few."""
    while len(chosen) < k and len(candidates):
        here, candidates = candidates[:pool], candidates[pool:]
        relevance = _unit(scores[here])
        open_ = np.ones(len(here), dtype=bool)
        near = price.nearest(here, chosen)
        while len(chosen) < k and open_.any():
            worth = np.where(open_, price.worth(relevance, near, here, chosen), -np.inf)
            best = int(worth.argmax())
            open_[best] = False
            at = int(here[best])
            if keeper.allows(at):
                keeper.take(at)
                chosen.append(at)
                near = np.maximum(near, price.nearest(here, [at]))
    return np.array(chosen, dtype=np.int64)


class _Price:
    """What a candidate is worth beside the items that have a place already."""

    def __init__(
        self, shelf: Shelf, variety: float, calibration: float, wanted: np.ndarray | None
    ) -> None:
        self._shelf, self._variety = shelf, variety
        self._calibration, self._wanted = calibration, wanted

    def nearest(self, here: np.ndarray, chosen: Sequence[int]) -> np.ndarray:
        """Largest cosine of each candidate to one of some items; -1 without any."""
        likeness = self._shelf.vectors[here] @ self._shelf.vectors[list(chosen)].T
        return likeness.max(axis=1, initial=-1.0)

    def worth(
        self, relevance: np.ndarray, near: np.ndarray, here: np.ndarray, chosen: list[int]
    ) -> np.ndarray:
        found = (1 - self._variety) * (1 - self._calibration) * relevance
        if chosen:
            found = found - self._variety * near
        if self._wanted is not None:
            found = found - self._calibration * self._off(here, chosen, self._wanted)
        return found

    def _off(self, here: np.ndarray, chosen: list[int], wanted: np.ndarray) -> np.ndarray:
        """How far the list's categories would be from the wanted ones with each candidate."""
        kinds, which = np.unique(self._shelf.category[here], return_inverse=True)
        mine = self._shelf.category[chosen] if chosen else np.zeros(0, dtype=np.int64)
        counts = np.bincount(mine[mine >= 0], minlength=len(wanted)).astype(np.float64)
        mixes = np.repeat(counts[None, :], len(kinds), axis=0)
        known = np.flatnonzero(kinds >= 0)
        mixes[known, kinds[known]] += 1
        total = mixes.sum(axis=1, keepdims=True)
        shares = np.divide(mixes, total, out=np.zeros_like(mixes), where=total > 0)
        return np.where(total[:, 0] > 0, divergence(shares, wanted), 1.0)[which]


def _unit(values: np.ndarray) -> np.ndarray:
    low, high = float(values.min()), float(values.max())
    return (values - low) / (high - low) if high > low else np.ones(len(values))


class _Keeper:
    """Keeps to the rules while a list grows."""

    def __init__(self, shelf: Shelf, rules: Rules, known: np.ndarray | None) -> None:
        self._shelf, self._rules = shelf, rules
        self._products: set[int] = set()
        self._categories = np.zeros(len(shelf.categories) + 1, dtype=np.int64)
        self._out = np.zeros(len(shelf), dtype=bool)
        if rules.excluded:
            self._out |= np.isin(shelf.ids, np.array(sorted(rules.excluded), dtype=object))
        if rules.no_doubles and known is not None:
            self._out[known] = True

    def pins(self) -> list[int]:
        """Local numbers of the pinned items that the scenario has."""
        found = []
        for item in dict.fromkeys(self._rules.pinned):
            found += np.flatnonzero(self._shelf.ids == item).tolist()
        return found

    def candidates(self, order: np.ndarray) -> np.ndarray:
        """The candidates less what is out for good."""
        return order[~self._out[order]]

    def allows(self, at: int, *, pinned: bool = False) -> bool:
        """Whether an item may take the next place; a pin overrides what the user has."""
        if self._rules.no_doubles and int(self._shelf.product[at]) in self._products:
            return False
        most = self._rules.most_per_category
        kind = int(self._shelf.category[at])
        return pinned or most is None or kind < 0 or bool(self._categories[kind] < most)

    def take(self, at: int) -> None:
        """Note that an item has a place."""
        self._products.add(int(self._shelf.product[at]))
        self._categories[int(self._shelf.category[at])] += 1
