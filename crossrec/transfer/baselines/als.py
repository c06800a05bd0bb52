"""Weighted matrix factorisation by alternating least squares."""

import numpy as np
from implicit.cpu.als import AlternatingLeastSquares
from scipy import sparse
from threadpoolctl import threadpool_limits

from crossrec.data.history import shape
from crossrec.transfer.baselines.base import TunedBaseline


class ALS(TunedBaseline[AlternatingLeastSquares]):
    """Implicit-feedback matrix factorisation; users are folded in from the history given.

    Because a user's factors are solved anew from the history at scoring time, users who were not
    in training are scored like any other. Source: Hu, Koren & Volinsky, ICDM 2008; solved by the
    package ``implicit``.

    Args:
        factors: length of a vector.
        regularisation: L2 weight; None chooses it on the validation part.
        alpha: confidence of an interaction is ``1 + alpha * strength``.
        iterations: sweeps over users and items.
        threads: of the solver; the result does not depend on it.
        seed: of the starting vectors.
        pooled: see :class:`Baseline`.
    """

    def __init__(
        self,
        factors: int = 128,
        regularisation: float | None = None,
        alpha: float = 50.0,
        iterations: int = 15,
        *,
        threads: int = 1,
        seed: int = 0,
        pooled: bool = False,
    ) -> None:
        candidates = (10.0, 50.0, 200.0) if regularisation is None else (regularisation,)
        super().__init__("ALS", candidates, pooled=pooled)
        self.factors = factors
        self.regularisation = regularisation
        self.alpha = alpha
        self.iterations = iterations
        self.threads = threads
        self.seed = seed

    def _learn(
        self, matrix: sparse.csr_array, value: float, *, trial: bool = False
    ) -> AlternatingLeastSquares:
        # One BLAS thread inside each of the solver's own, else they get in each other's way.
        with threadpool_limits(1, "blas"):
            model = AlternatingLeastSquares(
                factors=self.factors,
                regularization=value,
                iterations=self.iterations,
                num_threads=self.threads,
                random_state=self.seed,
            )
            model.fit(self._confidence(matrix), show_progress=False)
        return model

    def _predict(
        self, model: AlternatingLeastSquares, matrix: sparse.csr_array, columns: slice
    ) -> np.ndarray:
        with threadpool_limits(1, "blas"):
            users = model.recalculate_user(np.arange(shape(matrix)[0]), self._confidence(matrix))
        users[np.diff(matrix.indptr) == 0] = 0  # nothing known: all candidates tie
        return users @ model.item_factors[columns].T

    def _confidence(self, matrix: sparse.csr_array) -> sparse.csr_matrix:
        weighted = sparse.csr_matrix(matrix, dtype=np.float32)
        weighted.data = 1 + self.alpha * weighted.data
        return weighted
