"""Everything a batch of scores is put together from, computed once.

:class:`crossrec.transfer.model.TransferModel` gives scores and coefficients each on its own; a
question that needs both, or the inputs of the gate, would compute every preference twice.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from crossrec.data.history import Histories
from crossrec.transfer.model import TransferModel


@dataclass(frozen=True)
class Parts:
    """The terms of R for m users and all n items of a target.

    Attributes:
        own: P(u, t->t, .), shape (m, n).
        others: source -> P(u, s->t, .), shape (m, n).
        inputs: of the gate, shape (m, S, 6).
        coefficients: M_st(u), shape (m, S), float32.
        base: weight of popularity, shape (m,).
        popularity: b_j, shape (m, n).
    """

    target: int
    own: np.ndarray
    others: Mapping[int, np.ndarray]
    inputs: np.ndarray
    coefficients: np.ndarray
    base: np.ndarray
    popularity: np.ndarray

    def scores(self, coefficients: np.ndarray | None = None) -> np.ndarray:
        """R, shape (m, n), float32; with coefficients of one's own, shape (m, S)."""
        m = self.coefficients if coefficients is None else coefficients
        found = (self.base[:, None] * self.popularity).astype(np.float32)
        found += m[:, [self.target]] * self.own
        for source, part in self.others.items():
            found += m[:, [source]] * part
        return found


def parts_of(model: TransferModel, histories: Histories, target: int) -> Parts:
    """The parts of all scores of some users.

    Args:
        model: a fitted model.
        histories: m users; memory is m times the items of the target times the sources.
        target: code of the target scenario.
    """
    own, others, inputs, counts = model.parts(histories, target)
    m, base = model.gate(inputs, target), model.base(counts, target)
    popularity = model.popularity(target, warm=counts[:, target] > 0)
    return Parts(target, own, others, inputs, m, base, popularity)


def batch_rows(model: TransferModel, target: int) -> int:
    """Users whose parts of a target take about 200 MB."""
    cells = max(model.space_.sizes[target], 1) * (len(model.space_) + 2)
    return int(np.clip(50_000_000 // cells, 1, 512))
