"""The best published linear model with language-model text, in closed form."""

import numpy as np
from scipy import sparse

from crossrec.data.history import shape
from crossrec.data.split.cutting import ScenarioSplit
from crossrec.errors import CrossRecError
from crossrec.language.table import FeatureTable
from crossrec.transfer.baselines.base import Setting, TunedBaseline, settings
from crossrec.transfer.baselines.choice import ALL
from crossrec.transfer.baselines.ease import EASE, TRIAL_ITEMS, Weights, gram_of, inverse_of
from crossrec.transfer.baselines.matrix import user_counts
from crossrec.transfer.text import centred

GRID = (10.0, 50.0, 200.0, 800.0)
TOWARDS_TEXT = (20.0, 100.0, 400.0)
TEXT_PENALTY = 5.0


class L3AE(EASE):
    """Item-to-item weights drawn towards those that the texts alone give.

    ``B = lE P C - P diag((1 + lE diag(P C)) / diag P)`` with ``P = (X'X + (lX + lE) I)^-1`` and C
    the EASE of the items' text vectors. Source: Moon et al., CIKM 2025.

    Args:
        regularisation: lX, or a tuple of candidates; None for :data:`GRID`.
        towards_text: lE, likewise; None for :data:`TOWARDS_TEXT`.
        pooled, max_items, min_users, trial_items, tuned_for: as of :class:`EASE`.
    """

    def __init__(
        self,
        regularisation: float | tuple[float, ...] | None = None,
        towards_text: float | tuple[float, ...] | None = None,
        *,
        pooled: bool = False,
        max_items: int = 10_000,
        min_users: int = 1,
        trial_items: int = TRIAL_ITEMS,
        tuned_for: str = ALL,
    ) -> None:
        candidates = settings(
            GRID if regularisation is None else regularisation,
            TOWARDS_TEXT if towards_text is None else towards_text,
        )
        TunedBaseline.__init__(self, "L3AE", candidates, pooled=pooled, tuned_for=tuned_for)
        self.max_items = max_items
        self.min_users = min_users
        self.trial_items = trial_items

    def _prepare(self, split: ScenarioSplit, features: FeatureTable | None) -> None:
        super()._prepare(split, features)
        if features is None:
            raise CrossRecError(
                "expected text features for L3AE", "none", "Extract features and pass them to fit"
            )
        space = split.space
        self._vectors = [centred(features.rows(space.ids(s))) for s in range(len(space))]

    def _fit_group(self, group: tuple[int, ...], matrix: sparse.csr_array) -> Weights:
        self._text = np.concatenate([self._vectors[scenario] for scenario in group])
        return super()._fit_group(group, matrix)

    def _learn(self, matrix: sparse.csr_array, setting: Setting, *, trial: bool = False) -> Weights:
        active = self._active(matrix, trial=trial)
        counts = user_counts(matrix)
        weights = _closed_form(matrix[:, active], self._text[active], *setting)
        return Weights(active, weights, counts / max(counts.max(initial=0), 1))


def _closed_form(
    matrix: sparse.csr_array, text: np.ndarray, regularisation: float, towards_text: float
) -> np.ndarray:
    """B over n items, shape (n, n), zero diagonal; ``text`` is F, shape (n, d).

    By Woodbury ``(FF' + mu I)^-1 = (I - F K F') / mu``, so P is the only large inverse.
    """
    if not shape(matrix)[1]:
        return np.zeros((0, 0), dtype=np.float32)
    p = inverse_of(gram_of(matrix), regularisation + towards_text).numpy()
    middle = np.linalg.inv(text.T @ text + TEXT_PENALTY * np.eye(text.shape[1], dtype=np.float32))
    carried = text @ middle
    text_diagonal = (1 - (carried * text).sum(1)) / TEXT_PENALTY
    pc = p - (p - (p @ carried) @ text.T) / (TEXT_PENALTY * text_diagonal)
    scale = (1 + towards_text * pc.diagonal()) / p.diagonal()
    found = towards_text * pc - p * scale
    np.fill_diagonal(found, 0)
    return np.ascontiguousarray(found, dtype=np.float32)
