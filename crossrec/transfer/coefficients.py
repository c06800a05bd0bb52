"""Transfer coefficients M_st(u): how much of a source's opinion one user's score takes.

Source: 002 §4.1.2. ``M_st(u) = sigmoid(MLP[S_s, S_t, inputs(u, s, t)] + level_st)`` in (0, 1),
``M_tt = 1``; ``level_st`` is one number for users with and one for users without target history,
because they need opposite things. The same network gives the weight of the popularity base, which
a user without history leans on.
"""

import math
from collections.abc import Mapping

import numpy as np
import torch
from torch import nn

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

SCENARIO_STATISTICS = ("items", "users", "rows_per_user")
SCENARIO_WIDTH = 4
START_WARM, START_COLD = -2.0, 2.0
"""Where the levels of M start: nearly closed for users with target history, nearly open without.

Validation users may be few; training then stops early, and the start is what is left.
"""
START_BASE = 0.3
"""Weight of popularity at the start, for one open source."""
CLOSED_LOGIT = -6.0


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


def hide_target(inputs: torch.Tensor, rows: torch.Tensor) -> torch.Tensor:
    """The inputs as if the users at ``rows`` (boolean, (m,)) had no target history."""
    inputs = inputs.clone()
    inputs[rows, :, 1] = 0.0
    inputs[rows, :, 2] = 0.0
    inputs[rows, :, 4] = 0.0
    inputs[rows, :, 5] = 1.0
    return inputs


def hide_source(inputs: torch.Tensor, source: int, rows: torch.Tensor) -> torch.Tensor:
    """The inputs as if the users at ``rows`` (boolean, (m,)) had no history in one source."""
    inputs = inputs.clone()
    inputs[rows, source, 0] = 0.0
    inputs[rows, source, 2:5] = 0.0
    return inputs


class CoefficientNetwork(nn.Module):
    """The small network behind M_st(u) and the base weight.

    Args:
        statistics: S_s, log-scaled density statistics per scenario, shape (S, 3).
        hidden: width.

    Attributes:
        closed: 1 where a source was found useless, shape (S, S, 2): source, target, warm or cold.
    """

    statistics: torch.Tensor
    shift: torch.Tensor
    stretch: torch.Tensor
    closed: torch.Tensor

    def __init__(self, statistics: torch.Tensor, hidden: int) -> None:
        super().__init__()
        scenarios = len(statistics)
        self.scenario = nn.Embedding(scenarios, SCENARIO_WIDTH)
        pair_width = 2 * (SCENARIO_WIDTH + statistics.shape[1])
        out = nn.Linear(hidden, 1)
        self.gate = nn.Sequential(nn.Linear(len(GATE_INPUTS) + pair_width, hidden), nn.GELU(), out)
        levels = torch.tensor([START_WARM, START_COLD])
        self.pair = nn.Parameter(levels.expand(scenarios, scenarios, 2).clone())
        # Level and slope; the more sources are open, the larger is their sum.
        self.base_warm = nn.Parameter(_base_level(START_BASE).repeat(scenarios, 1))
        many = START_BASE * max(scenarios - 1, 1) ** 0.5
        self.base_cold = nn.Parameter(_base_level(many).repeat(scenarios, 1))
        nn.init.normal_(self.scenario.weight, std=0.1)
        nn.init.zeros_(out.weight)
        nn.init.zeros_(out.bias)
        self.register_buffer("statistics", statistics)
        self.register_buffer("shift", torch.zeros(len(GATE_INPUTS)))
        self.register_buffer("stretch", torch.ones(len(GATE_INPUTS)))
        self.register_buffer("closed", torch.zeros(scenarios, scenarios, 2))

    def standardise(self, inputs: torch.Tensor) -> None:
        """Fix mean and spread of the inputs, shape (rows, len(GATE_INPUTS))."""
        if len(inputs):
            self.shift.copy_(inputs.mean(0))
            self.stretch.copy_(inputs.std(0, unbiased=False).clamp_min(1e-3))

    def coefficients(self, inputs: torch.Tensor, target: int) -> torch.Tensor:
        """M_st(u) of a batch.

        Args:
            inputs: shape (m, S, len(GATE_INPUTS)).
            target: t.

        Returns:
            Shape (m, S), in (0, 1); column t is 1.
        """
        m = len(inputs)
        features = torch.cat([self.scenario.weight, self.statistics], dim=1)  # S_s, (S, w)
        pair = torch.cat([features, features[target].expand_as(features)], dim=1)  # (S, 2w)
        scaled = (inputs - self.shift) / self.stretch
        logits = self.gate(torch.cat([scaled, pair.expand(m, -1, -1)], dim=2)).squeeze(2)
        level = self.pair[:, target] + CLOSED_LOGIT * self.closed[:, target]  # (S, warm or cold)
        cold = inputs[:, :, GATE_INPUTS.index("cold")].bool()  # (m, S)
        logits = logits + torch.where(cold, level[:, 1], level[:, 0])
        return torch.where(identity(m, len(features), target).bool(), 1.0, torch.sigmoid(logits))

    def base_weight(self, counts: torch.Tensor, target: int) -> torch.Tensor:
        """Weight of popularity per user, > 0, shape (m,); ``counts`` is shape (m, S).

        Warm users have the weight of the target-only model, learnt without any source, so that
        with all sources closed the two models are one.
        """
        own = counts[:, target]
        warm = self.base_warm[target, 0] + self.base_warm[target, 1] * torch.log1p(own)
        everything = torch.log1p(counts.sum(1))
        cold = self.base_cold[target, 0] + self.base_cold[target, 1] * everything
        return nn.functional.softplus(torch.where(own > 0, warm, cold))


def _base_level(weight: float) -> torch.Tensor:
    """Level and slope that give the base weight ``weight`` to everybody: softplus undone."""
    return torch.tensor([math.log(math.expm1(weight)), 0.0])


def identity(m: int, scenarios: int, target: int) -> torch.Tensor:
    """M of the target-only model, shape (m, S): 1 in column t, else 0."""
    found = torch.zeros(m, scenarios)
    found[:, target] = 1.0
    return found


def scenario_statistics(histories: Histories) -> np.ndarray:
    """S_s: items, users and rows per user of each scenario, log-scaled, shape (S, 3), float32."""
    rows = []
    for matrix in histories.by_scenario:
        users = int((np.diff(matrix.indptr) > 0).sum())
        rows.append((shape(matrix)[1], users, matrix.nnz / max(users, 1)))
    return (np.log1p(np.array(rows)) / 10).astype(np.float32)
