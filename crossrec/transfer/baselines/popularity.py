"""Everybody gets what most users have."""

import numpy as np
from scipy import sparse

from crossrec.data.history import shape
from crossrec.transfer.baselines.base import Baseline
from crossrec.transfer.baselines.matrix import shaped, user_counts


class Popularity(Baseline[np.ndarray]):
    """Rank by the number of distinct users before the test cut; repeats do not count.

    Pooled, a column still belongs to one scenario, so the order inside a scenario is the same as
    target-only; the flag exists because every baseline takes it.

    Args:
        pooled: see :class:`Baseline`.
    """

    def __init__(self, *, pooled: bool = False) -> None:
        super().__init__("Popularity", pooled=pooled)

    def _fit_group(self, group: tuple[int, ...], matrix: sparse.csr_array) -> np.ndarray:
        return user_counts(matrix)

    def _predict(
        self, model: np.ndarray, matrix: sparse.csr_array, columns: slice, users: np.ndarray
    ) -> np.ndarray:
        return np.tile(model[columns], (shape(matrix)[0], 1))

    def to_arrays(self, model: np.ndarray) -> dict[str, np.ndarray]:
        """See :meth:`Baseline.to_arrays`."""
        return {"users": model}

    def from_arrays(self, arrays: dict[str, np.ndarray], columns: int) -> np.ndarray:
        """See :meth:`Baseline.from_arrays`."""
        return shaped(arrays["users"], columns)
