"""What several rules of the audit need to know about a log, computed once.

Made for ten million rows: one sort of packed (user, item, scenario) numbers serves most rules.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import sparse

from crossrec.data.log import InteractionLog
from crossrec.data.seen import SeenItems, seen_items


@dataclass(frozen=True)
class Facts:
    """A log seen from several sides.

    Attributes:
        log: the log.
    """

    log: InteractionLog

    @cached_property
    def names(self) -> list[str]:
        """Scenario names in code order."""
        return self.log.scenarios.ids.tolist()

    @cached_property
    def seen(self) -> tuple[SeenItems, ...]:
        """How often users come back to an item, per scenario."""
        return seen_items(self.log)

    @cached_property
    def rows(self) -> list[np.ndarray]:
        """Per scenario its row numbers."""
        # numpy sorts 16-bit integers by radix: ten times faster than 32-bit ones.
        order = np.argsort(self.log.scenario.astype(np.uint16), kind="stable")
        ends = np.cumsum(np.bincount(self.log.scenario, minlength=len(self.names)))
        return np.split(order, ends[:-1])

    @cached_property
    def users(self) -> list[np.ndarray]:
        """Per scenario the sorted codes of its users."""
        return [np.flatnonzero(column) for column in self.user_in.T]

    @cached_property
    def items(self) -> list[np.ndarray]:
        """Per scenario the sorted codes of its items."""
        return [np.flatnonzero(column) for column in self.item_in.T]

    @cached_property
    def user_in(self) -> np.ndarray:
        """Whether a user has rows in a scenario, shape (U, S), bool."""
        return self._presence(self.log.user, len(self.log.users))

    @cached_property
    def item_in(self) -> np.ndarray:
        """Whether an item has rows in a scenario, shape (I, S), bool."""
        return self._presence(self.log.item, len(self.log.items))

    @cached_property
    def overlap(self) -> np.ndarray:
        """Common users of two scenarios, shape (S, S), int64; the diagonal counts its users."""
        return _common(self.user_in)

    @cached_property
    def item_overlap(self) -> np.ndarray:
        """Common item ids of two scenarios, shape (S, S), int64; the diagonal counts its items."""
        return _common(self.item_in)

    @cached_property
    def shared(self) -> np.ndarray:
        """Per scenario how many of its users have rows in another one, shape (S,), int64."""
        return self.user_in[self.user_in.sum(axis=1) > 1].sum(axis=0)

    @cached_property
    def triples(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The distinct (user, item, scenario) codes, sorted, each shape (t,)."""
        n_items, n_scenarios = max(len(self.log.items), 1), max(len(self.names), 1)
        packed = self.log.user.astype(np.int64)
        packed *= n_items
        packed += self.log.item
        packed *= n_scenarios
        packed += self.log.scenario
        packed.sort()
        packed = packed[np.diff(packed, prepend=-1) != 0]
        pair, scenario = np.divmod(packed, n_scenarios)
        user, item = np.divmod(pair, n_items)
        return user, item, scenario

    @cached_property
    def common_pairs(self) -> np.ndarray:
        """Distinct (user, item) pairs that stand in both of two scenarios, shape (S, S), int64.

        The diagonal counts the distinct pairs of one scenario.
        """
        user, item, scenario = self.triples
        starts = np.flatnonzero((np.diff(user, prepend=-1) != 0) | (np.diff(item, prepend=-1) != 0))
        shape = (len(starts), len(self.names))
        ends = np.append(starts, len(user))
        present = sparse.csr_array((np.ones(len(user), np.int64), scenario, ends), shape=shape)
        return (present.T @ present).toarray()

    @cached_property
    def places(self) -> tuple[np.ndarray, np.ndarray]:
        """Item and scenario of every distinct (item, scenario), each shape (p,), int64."""
        item, scenario = np.nonzero(self.item_in)
        return item, scenario

    @cached_property
    def audiences(self) -> sparse.csr_array:
        """The users of every place, shape (p, U), int8 ones; its indices are sorted."""
        user, item, scenario = self.triples
        number = np.cumsum(self.item_in.ravel()) - 1  # of (item, scenario) among the places
        place = number[item * len(self.names) + scenario]
        shape = (len(self.places[0]), len(self.log.users))
        ones = np.ones(len(user), dtype=np.int8)
        # The triples are sorted by user: these are the columns, one after the other.
        ends = np.concatenate([[0], np.cumsum(np.bincount(user, minlength=shape[1]))])
        return sparse.csc_array((ones, place, ends), shape=shape).tocsr()

    def _presence(self, codes: np.ndarray, n: int) -> np.ndarray:
        present = np.zeros((n, len(self.names)), dtype=bool)
        present[codes, self.log.scenario] = True
        return present


def _common(present: np.ndarray) -> np.ndarray:
    held = sparse.csr_array(present.astype(np.int64))
    return (held.T @ held).toarray()


def rows_per_code(codes: np.ndarray) -> np.ndarray:
    """How often each code that occurs does."""
    counts = np.bincount(codes)
    return counts[counts > 0]
