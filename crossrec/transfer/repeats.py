"""The repeat term: what a user took before he may take again, the surer the newer.

It adds ``r log2(1 + times) 2^(-age / half_life)`` to the own item of every history item, age
counted in newer items. No preference model does: there no item speaks for itself.
"""

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from crossrec.data.history import Histories
from crossrec.transfer.refusals import positions_among_likes


@dataclass(frozen=True)
class RepeatTerm:
    """How loud repeats are in one scenario.

    Attributes:
        loud: r, in spreads of the scenario's own preference; 0: no term.
        half_life: in newer items; 0: age does not matter.
    """

    loud: float = 0.0
    half_life: float = 0.0

    def amounts(self, histories: Histories, scenario: int) -> sparse.csr_array:
        """What each history item adds to itself, shape (m, n), where the histories have entries."""
        matrix = histories.by_scenario[scenario]
        times = np.ones(matrix.nnz) if histories.times is None else histories.times[scenario]
        positions = positions_among_likes(histories, scenario) if self.half_life else None
        fresh = 1.0 if positions is None else np.exp2(-positions / self.half_life)
        liked = matrix.data > 0  # nobody wants again what he refused
        values = self.loud * np.log2(1.0 + times) * fresh * liked
        parts = (values.astype(np.float32), matrix.indices, matrix.indptr)
        return sparse.csr_array(parts, shape=matrix.shape)
