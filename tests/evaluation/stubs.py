"""Recommenders whose lists can be told in advance."""

from collections.abc import Sequence

import numpy as np

from crossrec.transfer.recommender import Recommender


class Fixed(Recommender):
    """The same scores for everybody: the item numbers, ascending or descending."""

    name = "fixed"

    def __init__(self, sign: float = 1.0) -> None:
        self.sign = sign
        self.fits = 0

    def fit(self, split, features=None, *, progress=None):
        self.fits += 1
        self._remember(split)
        return self

    def scores(self, histories, scenario):
        row = self.sign * np.arange(self.space_.sizes[scenario], dtype=np.float32)
        return np.tile(row, (len(histories), 1))


class Tastes(Recommender):
    """Knows that item numbers that are equal modulo 3 are liked by the same users.

    Every source's history votes for a class with the source's coefficient; in the last
    scenario of ``misled`` the other scenarios' votes count for a wrong class.
    """

    name = "transfer"

    def __init__(self, opened: Sequence[float] | None = None, misled: Sequence[int] = ()) -> None:
        self.opened = opened
        self.misled = misled

    def fit(self, split, features=None, *, progress=None):
        self._remember(split)
        return self

    def _weights(self, target):
        n = len(self.space_)
        weights = np.full(n, 0.5) if self.opened is None else np.array(self.opened, dtype=float)
        weights[target] = 1
        return weights

    def scores(self, histories, scenario):
        classes = np.arange(self.space_.sizes[scenario]) % 3
        total = -0.001 * np.arange(len(classes)) * np.ones((len(histories), 1))
        for source, weight in enumerate(self._weights(scenario)):
            items = np.arange(self.space_.sizes[source])
            wrong = source != scenario and scenario in self.misled
            onto = np.eye(3)[(items + wrong) % 3]
            total += weight * (histories.by_scenario[source] @ onto)[:, classes]
        return total.astype(np.float32)

    def coefficient_intervals(self, histories, target):
        m = self.coefficients(histories, target)
        return m / 2, (1 + m) / 2, np.full(m.shape[1], 40)

    def coefficients(self, histories, target):
        return np.tile(self._weights(target), (len(histories), 1))

    def _with(self, opened):
        model = Tastes(opened, self.misled)
        model.space_, model.histories_ = self.space_, self.histories_
        return model

    def target_only(self):
        return self._with(np.zeros(len(self.space_)))

    def only_source(self, source, *, forced=False):
        opened = np.zeros(len(self.space_))
        opened[source] = 1.0 if forced else 0.5
        return self._with(opened)
