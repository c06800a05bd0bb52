"""User-based nearest neighbours."""

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from crossrec.data.history import shape
from crossrec.data.ids import UNKNOWN
from crossrec.data.split.cutting import ScenarioSplit
from crossrec.language.table import FeatureTable
from crossrec.transfer.baselines.base import Setting, TunedBaseline, known_rows, settings
from crossrec.transfer.baselines.choice import ALL
from crossrec.transfer.baselines.matrix import arrays_of, matrix_from

CELLS = 1 << 24
"""Similarities held at once: 64 MB."""


@dataclass(frozen=True)
class Neighbourhood:
    """The users that others are compared with.

    Attributes:
        strengths: their histories, shape (U, n).
        neighbours: how many of them speak for a user.
        shrinkage: added to the product of two histories' lengths.
    """

    strengths: sparse.csr_array
    neighbours: int
    shrinkage: float


class UserKNN(TunedBaseline[Neighbourhood]):
    """Sum of the strengths of an item in the histories of the most similar users.

    ``sim(u, v) = <x_u, x_v> / (|x_u| |x_v| + shrinkage)``, and the score of an item is the sum of
    ``sim(u, v) x_v`` over the ``neighbours`` most similar users in training. Users are compared by
    the history they are scored with, so those who were not in training are scored like any other;
    nobody is a neighbour of himself. Source: Resnick et al., CSCW 1994, for implicit feedback;
    the shrinkage is that of Bell & Koren, 2007.

    Args:
        neighbours: per user; a tuple of values is chosen from on the validation part.
        shrinkage: pulls similarities that rest on short histories towards 0; likewise.
        pooled: see :class:`Baseline`.
        tuned_for: see :class:`TunedBaseline`.
    """

    def __init__(
        self,
        neighbours: int | tuple[int, ...] = 200,
        shrinkage: float | tuple[float, ...] = 10.0,
        *,
        pooled: bool = False,
        tuned_for: str = ALL,
    ) -> None:
        candidates = settings(neighbours, shrinkage)
        super().__init__("User kNN", candidates, pooled=pooled, tuned_for=tuned_for)

    def _prepare(self, split: ScenarioSplit, features: FeatureTable | None) -> None:
        super()._prepare(split, features)
        self.users_ = split.train.users

    def _learn(
        self, matrix: sparse.csr_array, setting: Setting, *, trial: bool = False
    ) -> Neighbourhood:
        return Neighbourhood(matrix, int(setting[0]), setting[1])

    def _predict(
        self, model: Neighbourhood, matrix: sparse.csr_array, columns: slice, users: np.ndarray
    ) -> np.ndarray:
        others = model.strengths
        own = known_rows(self.users_, users)
        theirs = sparse.csr_array(others[:, columns])
        length, other_length = _norms(matrix), _norms(others)
        found = np.zeros((len(users), shape(theirs)[1]), dtype=np.float32)
        block = max(1, CELLS // max(shape(others)[0], 1))
        for start in range(0, len(users), block):
            rows = slice(start, start + block)
            product = sparse.csr_array(matrix[rows] @ others.T).toarray()  # (b, U)
            similar = product / np.maximum(
                length[rows, None] * other_length + model.shrinkage, 1e-12
            )
            known = np.flatnonzero(own[rows] != UNKNOWN)
            similar[known, own[rows][known]] = 0
            nearest = _nearest(similar, model.neighbours)
            found[rows] = sparse.csr_array(nearest @ theirs).toarray()
        return found

    def to_arrays(self, model: Neighbourhood) -> dict[str, np.ndarray]:
        """See :meth:`Baseline.to_arrays`."""
        numbers = np.array([model.neighbours, model.shrinkage])
        return {**arrays_of(model.strengths), "numbers": numbers}

    def from_arrays(self, arrays: dict[str, np.ndarray], columns: int) -> Neighbourhood:
        """See :meth:`Baseline.from_arrays`."""
        neighbours, shrinkage = arrays["numbers"].tolist()
        strengths = matrix_from(arrays, (len(self.users_ or ()), columns))
        return Neighbourhood(strengths, int(neighbours), shrinkage)


def _norms(matrix: sparse.csr_array) -> np.ndarray:
    """Euclidean length of each row, shape (m,), float32."""
    return np.sqrt(matrix.multiply(matrix).sum(axis=1)).astype(np.float32)


def _nearest(similar: np.ndarray, kept: int) -> sparse.csr_array:
    """The ``kept`` largest values above 0 of each row, the first users among equals."""
    n = similar.shape[1]
    if kept < n:
        least = np.partition(similar, n - kept, axis=1)[:, [n - kept]]  # the kept-th largest
        above, level = similar > least, similar == least
        room = kept - above.sum(axis=1, keepdims=True)
        similar = np.where(above | (level & (np.cumsum(level, axis=1) <= room)), similar, 0)
    return sparse.csr_array(np.maximum(similar, 0))
