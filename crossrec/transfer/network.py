"""The coefficient network while it is trained; fitted, it is a :class:`Gates`."""

import math

import numpy as np
import torch
from scipy.special import expit, logit
from torch import nn

from crossrec.transfer.coefficients import GATE_INPUTS, START_BASE

SCENARIO_WIDTH = 4
START_WARM, START_COLD = -2.0, 2.0
"""Where the levels of M start: nearly closed for users with target history, nearly open without.

Validation users may be few; training then stops early, and the start is what is left.
"""
LEAST_SHARE = 0.01
"""Of the loudest source's M, where the M of another one starts at least."""


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
    """The small network behind M_st(u) and the base weight, see :class:`Gates`.

    Args:
        statistics: S_s, log-scaled density statistics per scenario, shape (S, 3).
        hidden: width.
        spreads: how loud the sources are, shape (S, S), see :func:`cold_levels`; None: unknown.

    Attributes:
        closed: the part of M that a source did not earn, 1 where it was found useless, shape
            (S, S, 2): source, target, warm or cold.
        personal: 1 where a target's coefficients differ from user to user, shape (S,).
        equal: the coefficients of a cohort where they do not, shape (S, S, 2).
    """

    statistics: torch.Tensor
    shift: torch.Tensor
    stretch: torch.Tensor
    closed: torch.Tensor
    personal: torch.Tensor
    equal: torch.Tensor

    def __init__(
        self, statistics: torch.Tensor, hidden: int, spreads: np.ndarray | None = None
    ) -> None:
        super().__init__()
        scenarios = len(statistics)
        self.scenario = nn.Embedding(scenarios, SCENARIO_WIDTH)
        pair_width = 2 * (SCENARIO_WIDTH + statistics.shape[1])
        out = nn.Linear(hidden, 1)
        self.gate = nn.Sequential(nn.Linear(len(GATE_INPUTS) + pair_width, hidden), nn.GELU(), out)
        unknown = np.zeros((scenarios, scenarios))
        cold = torch.from_numpy(cold_levels(unknown if spreads is None else spreads)).float()
        self.pair = nn.Parameter(torch.stack([torch.full_like(cold, START_WARM), cold], dim=2))
        # Level and slope; the more sources are open, the larger is their sum.
        self.base_warm = nn.Parameter(base_level(START_BASE).repeat(scenarios, 1))
        many = START_BASE * max(scenarios - 1, 1) ** 0.5
        self.base_cold = nn.Parameter(base_level(many).repeat(scenarios, 1))
        nn.init.normal_(self.scenario.weight, std=0.1)
        nn.init.zeros_(out.weight)
        nn.init.zeros_(out.bias)
        self.register_buffer("statistics", statistics)
        self.register_buffer("shift", torch.zeros(len(GATE_INPUTS)))
        self.register_buffer("stretch", torch.ones(len(GATE_INPUTS)))
        self.register_buffer("closed", torch.zeros(scenarios, scenarios, 2))
        self.register_buffer("personal", torch.ones(scenarios))
        self.register_buffer("equal", torch.zeros(scenarios, scenarios, 2))

    def standardise(self, inputs: torch.Tensor) -> None:
        """Fix mean and spread of the inputs, shape (rows, len(GATE_INPUTS))."""
        if len(inputs):
            self.shift.copy_(inputs.mean(0))
            self.stretch.copy_(inputs.std(0, unbiased=False).clamp_min(1e-3))

    def coefficients(
        self, inputs: torch.Tensor, target: int, *, personal: bool | None = None
    ) -> torch.Tensor:
        """M_st(u) of a batch.

        Args:
            inputs: shape (m, S, len(GATE_INPUTS)).
            target: t.
            personal: of each user or of his cohort; None as :attr:`personal` has it.

        Returns:
            Shape (m, S), in [0, 1), 0 where a source is closed; column t is 1.
        """
        m = len(inputs)
        features = torch.cat([self.scenario.weight, self.statistics], dim=1)  # S_s, (S, w)
        pair = torch.cat([features, features[target].expand_as(features)], dim=1)  # (S, 2w)
        scaled = (inputs - self.shift) / self.stretch
        logits = self.gate(torch.cat([scaled, pair.expand(m, -1, -1)], dim=2)).squeeze(2)
        cold = inputs[:, :, GATE_INPUTS.index("cold")].bool()  # (m, S)

        def of_cohort(values: torch.Tensor) -> torch.Tensor:  # (S, warm or cold) -> (m, S)
            return torch.where(cold, values[:, 1], values[:, 0])

        is_open = 1 - of_cohort(self.closed[:, target])
        found = torch.sigmoid(logits + of_cohort(self.pair[:, target])) * is_open
        if not (bool(self.personal[target]) if personal is None else personal):
            found = of_cohort(self.equal[:, target])
        return torch.where(torch.arange(len(features)) == target, 1.0, found)

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


def cold_levels(spreads: np.ndarray) -> np.ndarray:
    """Where M of users without target history starts, as logits, shape (S, S): source, target.

    All preferences have unit spread, yet some sources have much to say of a target and others
    little. The factors of all scenarios together know: the loudest source of a target starts at
    :data:`START_COLD`, the others with the part of its M that their spread is of its spread. That
    is the sum that pooling would make, from where every M is learnt.

    Args:
        spreads: of what these factors say, shape (S, S), in one unit per target; 0: unknown, which
            starts like the loudest.
    """
    loudest = spreads.max(axis=0, keepdims=True)
    known = spreads > 0
    share = np.divide(spreads, loudest, out=np.ones(spreads.shape), where=known)
    return logit(np.maximum(share, LEAST_SHARE) * expit(START_COLD))


def base_level(weight: float) -> torch.Tensor:
    """Level and slope that give the base weight ``weight`` to everybody: softplus undone."""
    return torch.tensor([math.log(math.expm1(weight)), 0.0])
