"""Transfer coefficients M_st(u): how much of a source's opinion one user's score takes.

Source: 002 §4.1.2. ``M_st(u) = sigmoid(MLP[S_s, S_t, inputs(u, s, t)] + level_st)`` in (0, 1),
``M_tt = 1``; ``level_st`` is one number for users with and one for users without target history,
because they need opposite things. A source that did not earn its place has M = 0. The same network
gives the weight of the popularity base, which a user without history leans on. Here is what a
fitted one computes, in numpy alone: whoever only looks at a run need not load PyTorch. It is
trained as :mod:`crossrec.transfer.network`.
"""

from collections.abc import Mapping

import numpy as np
from scipy.special import erf, expit

from crossrec.data.history import Histories, shape
from crossrec.language.table import unit_rows

GATE_INPUTS = (
    "source_items", "target_items", "language_similarity", "confidence", "agreement", "cold",
)  # fmt: skip
"""The inputs per user and pair, in order.

``source_items``, ``target_items``: log(1 + history length). ``language_similarity``: cosine of the
mean text vectors L(u,s) and L(u,t). ``confidence``: log(1 + spread of P(u, s->t, .)).
``agreement``: correlation of P(u, s->t, .) and P(u, t->t, .) over items. ``cold``: 1 without target
history.
"""

_COLD = GATE_INPUTS.index("cold")

SCENARIO_STATISTICS = ("items", "users", "rows_per_user")
START_BASE = 0.3
"""Weight of popularity at the start, for one open source."""


def gate_inputs(
    counts: np.ndarray,
    language: list[np.ndarray],
    own: np.ndarray,
    others: Mapping[int, np.ndarray],
    target: int,
) -> np.ndarray:
    """Inputs of the coefficient network.

    Args:
        counts: history lengths, shape (m, S).
        language: per scenario L(u,s) at unit length or zero, shape (m, d).
        own: P(u, t->t, .), shape (m, n_t).
        others: source s -> P(u, s->t, .), shape (m, n_t).
        target: t.

    Returns:
        Shape (m, S, len(GATE_INPUTS)), float32; zeros for the target and missing sources.
    """
    m, scenarios = counts.shape
    found = np.zeros((m, scenarios, len(GATE_INPUTS)), dtype=np.float32)
    cold = counts[:, target] == 0
    own_deviation = unit_rows(own - own.mean(1, keepdims=True))
    for source, scores in others.items():
        deviation = scores - scores.mean(1, keepdims=True)
        found[:, source, 0] = np.log1p(counts[:, source])
        found[:, source, 1] = np.log1p(counts[:, target])
        found[:, source, 2] = (language[source] * language[target]).sum(1)
        found[:, source, 3] = np.log1p(deviation.std(1))
        found[:, source, 4] = (unit_rows(deviation) * own_deviation).sum(1)
        found[:, source, 5] = cold
    return found


class Gates:
    """M_st(u) and the weight of popularity of a fitted model.

    Args:
        state: arrays of the trained network by name, as they are stored; what files of earlier
            versions lack is filled in.

    Attributes:
        closed: the part of M that a source did not earn, 1 where it was found useless, shape
            (S, S, 2): source, target, warm or cold.
        personal: whether a target's coefficients differ from user to user, shape (S,), bool; where
            they do not, everybody of a cohort has its mean.
    """

    def __init__(self, state: Mapping[str, np.ndarray]) -> None:
        scenarios = len(state["statistics"])
        self.state = {
            "personal": np.ones(scenarios, np.float32),
            "equal": np.zeros((scenarios, scenarios, 2), np.float32),
            **state,
        }
        self.closed = self.state["closed"]
        self.personal = self.state["personal"] > 0
        features = np.concatenate([self.state["scenario.weight"], self.state["statistics"]], axis=1)
        width = len(GATE_INPUTS)
        weight = self.state["gate.0.weight"]  # columns: inputs, S_s, S_t
        middle = width + features.shape[1]
        self._inputs = weight[:, :width]
        self._sources = features @ weight[:, width:middle].T + self.state["gate.0.bias"]
        self._targets = features @ weight[:, middle:].T

    def coefficients(self, inputs: np.ndarray, target: int) -> np.ndarray:
        """M_st(u) of a batch, shape (m, S), float32; column ``target`` is 1.

        Args:
            inputs: of :func:`gate_inputs`, shape (m, S, len(GATE_INPUTS)).
            target: t.
        """
        cold = inputs[:, :, _COLD] > 0
        if self.personal[target]:
            hidden = self._hidden(inputs, target)
            found = expit(
                _gelu(hidden) @ self.state["gate.2.weight"][0] + self._level(cold, target)
            ) * self._of_cohort(1 - self.closed[:, target], cold)
        else:
            found = self._of_cohort(self.state["equal"][:, target], cold)
        found[:, target] = 1.0
        return found.astype(np.float32)

    def slopes(self, inputs: np.ndarray, source: int, target: int) -> np.ndarray:
        """dM_st / d inputs of a batch, shape (m, len(GATE_INPUTS)).

        ``cold`` chooses a level and has no slope of its own but that in the network.
        """
        if not self.personal[target]:
            return np.zeros((len(inputs), len(GATE_INPUTS)))
        hidden = self._hidden(inputs, target)[:, source]
        m = self.coefficients(inputs, target)[:, source].astype(np.float64)
        cold = inputs[:, :, _COLD] > 0
        earned = self._of_cohort(1 - self.closed[:, target], cold)[:, source]
        rising = m * (1 - np.divide(m, earned, out=np.zeros_like(m), where=earned > 0))
        inner = (_gelu_slope(hidden) * self.state["gate.2.weight"][0]) @ self._inputs
        return rising[:, None] * inner / self.state["stretch"]

    def base(self, counts: np.ndarray, target: int) -> np.ndarray:
        """Weight of popularity per user, > 0, shape (m,), float32.

        Warm users have that of the target-only model, learnt without any source, so that with all
        sources closed the two models are one.

        Args:
            counts: history lengths, shape (m, S).
            target: t.
        """
        own = counts[:, target]
        warm, cold = self.state["base_warm"][target], self.state["base_cold"][target]
        linear = np.where(
            own > 0,
            warm[0] + warm[1] * np.log1p(own),
            cold[0] + cold[1] * np.log1p(counts.sum(1)),
        )
        return np.logaddexp(0, linear).astype(np.float32)

    def _hidden(self, inputs: np.ndarray, target: int) -> np.ndarray:
        """Before the hidden layer's nonlinearity, shape (m, S, hidden)."""
        scaled = (inputs - self.state["shift"]) / self.state["stretch"]
        return scaled @ self._inputs.T + self._sources + self._targets[target]

    def _level(self, cold: np.ndarray, target: int) -> np.ndarray:
        return self._of_cohort(self.state["pair"][:, target], cold) + self.state["gate.2.bias"]

    @staticmethod
    def _of_cohort(values: np.ndarray, cold: np.ndarray) -> np.ndarray:
        """Values for warm and cold users, (S, 2), as they hold for each user, shape (m, S)."""
        return np.where(cold, values[:, 1], values[:, 0])


def _gelu(x: np.ndarray) -> np.ndarray:
    return 0.5 * x * (1 + erf(x / 2**0.5))


def _gelu_slope(x: np.ndarray) -> np.ndarray:
    return 0.5 * (1 + erf(x / 2**0.5)) + x * np.exp(-(x**2) / 2) / (2 * np.pi) ** 0.5


def identity(m: int, scenarios: int, target: int) -> np.ndarray:
    """M of the target-only model, shape (m, S), float32: 1 in column t, else 0."""
    found = np.zeros((m, scenarios), dtype=np.float32)
    found[:, target] = 1.0
    return found


def scenario_statistics(histories: Histories) -> np.ndarray:
    """S_s: items, users and rows per user of each scenario, log-scaled, shape (S, 3), float32."""
    rows = []
    for matrix in histories.by_scenario:
        users = int((np.diff(matrix.indptr) > 0).sum())
        rows.append((shape(matrix)[1], users, matrix.nnz / max(users, 1)))
    return (np.log1p(np.array(rows)) / 10).astype(np.float32)
