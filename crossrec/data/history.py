"""User histories as sparse matrices, one per scenario: what every recommender reads."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import cast

import numpy as np
from scipy import sparse

from crossrec.data.ids import IdMap
from crossrec.data.log import InteractionLog
from crossrec.data.space import ItemSpace


@dataclass(frozen=True)
class Histories:
    """The histories of m users.

    Attributes:
        users: user ids, m of them, in row order.
        by_scenario: per scenario s a CSR matrix of event strengths, shape (m, n_s), float32.
    """

    users: IdMap
    by_scenario: tuple[sparse.csr_array, ...]

    def __len__(self) -> int:
        return len(self.users)

    @classmethod
    def from_log(
        cls, log: InteractionLog, space: ItemSpace, users: Sequence[str] | np.ndarray | None = None
    ) -> "Histories":
        """Collect the rows of a log per user and scenario; repeated rows add their weights.

        Args:
            log: the interactions; its scenarios must be those of ``space``.
            space: the item numbering.
            users: ids of the wanted users in the wanted order (unknown ones get an empty
                history); default all users of the log.
        """
        user_map = log.users if users is None else IdMap(users)
        row = user_map.codes(log.users.ids)[log.user]
        item = space.items.codes(log.items.ids)[log.item]
        matrices = []
        for scenario in range(len(space)):
            column = space.local(scenario, item)
            mine = (log.scenario == scenario) & (row >= 0) & (column >= 0)
            matrix = sparse.coo_array(
                (log.weight[mine], (row[mine], column[mine])),
                shape=(len(user_map), space.sizes[scenario]),
                dtype=np.float32,
            )
            matrices.append(matrix.tocsr())
        return cls(user_map, tuple(matrices))

    @classmethod
    def from_items(
        cls, items: Mapping[str, Mapping[str, float]], space: ItemSpace, user: str = ""
    ) -> "Histories":
        """One made-up user: ``{scenario: {item id: weight}}``.

        Raises:
            UnknownId: a scenario or an item is not in the space.
        """
        matrices = [sparse.csr_array((1, size), dtype=np.float32) for size in space.sizes]
        for name, weights in items.items():
            scenario = space.scenarios.code(name, "scenario")
            codes = np.array([space.items.code(item, "item") for item in weights], dtype=np.int32)
            column = space.local(scenario, codes)
            keep = column >= 0
            values = np.array(list(weights.values()), dtype=np.float32)[keep]
            matrices[scenario] = sparse.coo_array(
                (values, (np.zeros(keep.sum(), dtype=np.int32), column[keep])),
                shape=(1, space.sizes[scenario]),
            ).tocsr()
        return cls(IdMap([user]), tuple(matrices))

    def take(self, rows: np.ndarray | slice) -> "Histories":
        """The users at ``rows``, in that order."""
        ids = self.users.ids[rows]
        return Histories(IdMap(ids), tuple(matrix[rows] for matrix in self.by_scenario))

    def without(self, scenario: int) -> "Histories":
        """The same users with nothing in one scenario."""
        empty = sparse.csr_array(self.by_scenario[scenario].shape, dtype=np.float32)
        matrices = list(self.by_scenario)
        matrices[scenario] = empty
        return replace(self, by_scenario=tuple(matrices))

    def counts(self) -> np.ndarray:
        """Number of history items per user and scenario, shape (m, S), int64."""
        return np.stack([np.diff(matrix.indptr) for matrix in self.by_scenario], axis=1)


def shape(matrix: sparse.csr_array) -> tuple[int, int]:
    """Rows and columns; scipy allows arrays of one dimension, histories never have one."""
    return cast("tuple[int, int]", matrix.shape)
