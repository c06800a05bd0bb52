"""The candidates: which items each scenario offers, and their local numbers."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from crossrec.data.catalog import Catalog
from crossrec.data.ids import UNKNOWN, IdMap
from crossrec.data.log import InteractionLog
from crossrec.schema import PROFILE


@dataclass(frozen=True)
class ItemSpace:
    """The items of every scenario.

    A recommender works with *local* item numbers ``0..n_s-1`` of one scenario s; this class
    translates between them, item codes and outside ids.

    Attributes:
        items: all item ids (those of the log first, then catalogue items without interactions).
        scenarios: all scenario names.
        members: per scenario the sorted codes of its items, shape (n_s,), int32.
    """

    items: IdMap
    scenarios: IdMap
    members: tuple[np.ndarray, ...]

    @classmethod
    def of(cls, log: InteractionLog, catalog: Catalog | None = None) -> "ItemSpace":
        """All items that occur in a scenario of the log or are listed there by the catalogue."""
        items = log.items if catalog is None else log.items.union(catalog.items.ids)
        members = []
        for code, name in enumerate(log.scenarios.ids):
            seen = np.unique(log.item[log.scenario == code])
            if catalog is not None and name in catalog.listed:
                listed = items.codes(catalog.items.ids[catalog.listed[name]])
                seen = np.union1d(seen, listed)
            members.append(seen.astype(np.int32))
        return cls(items, log.scenarios, tuple(members))

    def __len__(self) -> int:
        return len(self.scenarios)

    @cached_property
    def targets(self) -> tuple[int, ...]:
        """Codes of the scenarios whose items are recommended: all but profiles."""
        return tuple(code for code, name in enumerate(self.scenarios.ids) if name != PROFILE)

    @cached_property
    def offered(self) -> int:
        """Number of different items in these scenarios."""
        return len(np.unique(np.concatenate([self.members[target] for target in self.targets])))

    @cached_property
    def sizes(self) -> tuple[int, ...]:
        """Number of items per scenario."""
        return tuple(map(len, self.members))

    def ids(self, scenario: int) -> np.ndarray:
        """Outside ids of a scenario's items in local order, shape (n_s,)."""
        return self.items.ids[self.members[scenario]]

    def local(self, scenario: int, items: np.ndarray) -> np.ndarray:
        """Local numbers of item codes in a scenario; :data:`UNKNOWN` for items not in it."""
        members = self.members[scenario]
        if not len(members):
            return np.full(len(items), UNKNOWN, dtype=np.int32)
        at = np.searchsorted(members, items).clip(max=len(members) - 1)
        return np.where(members[at] == items, at, UNKNOWN).astype(np.int32)
