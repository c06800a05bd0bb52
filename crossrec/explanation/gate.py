"""Why a user's transfer coefficients are what they are: the effect of each input of the gate."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from crossrec.data.history import Histories
from crossrec.explanation.parts import batch_rows, parts_of
from crossrec.transfer.coefficients import GATE_INPUTS
from crossrec.transfer.model import TransferModel

GATE_COLUMNS = ("input", "value", "reference", "effect")
"""Columns of :attr:`GateEffect.table`."""

STEPS = 128
"""Points of the integral; by Gauss and Legendre, so that it is exact to rounding."""
_COLD = GATE_INPUTS.index("cold")


@dataclass(frozen=True)
class GateReference:
    """The typical user of one target scenario, whom others are compared with.

    Attributes:
        scenario: the target's name.
        inputs: per source the mean inputs of the sampled users with history in it and in the
            target, shape (S, 6); zeros where there is none.
        coefficients: per source M of the sampled users with history in it, sorted; empty for the
            target itself.
        users: how many were sampled.
    """

    scenario: str
    inputs: np.ndarray
    coefficients: tuple[np.ndarray, ...]
    users: int


@dataclass(frozen=True)
class GateEffect:
    """Why one coefficient M_st(u) is what it is.

    Attributes:
        source, target: scenario names.
        coefficient: M_st(u).
        reference: M of the typical user.
        percentile: share of the sampled users with a smaller coefficient (half of the equal ones),
            in [0, 1]; NaN where nobody sampled has history in the source.
        table: one row per input of :data:`crossrec.transfer.coefficients.GATE_INPUTS`, columns
            :data:`GATE_COLUMNS`, the largest effects first;
            ``effect.sum() = coefficient - reference`` (integrated gradients are complete).
        closed: training found the source useless for users of this kind (with or without history in
            the target), so that the coefficient is 0 whatever the inputs say.
        personal: False where everybody with, and everybody without history in the target has the
            same coefficient: then only ``cold`` can have an effect.
    """

    source: str
    target: str
    coefficient: float
    reference: float
    percentile: float
    table: pd.DataFrame
    closed: bool
    personal: bool


def gate_reference(
    model: TransferModel, histories: Histories, scenario: str, *, most: int = 1_000, seed: int = 0
) -> GateReference:
    """The typical user and the coefficients of a sample of all users; to be made once and kept.

    Args:
        model: a fitted model.
        histories: all users.
        scenario: the target's name.
        most: users sampled, those with history in more than the target first.
        seed: of the sample.

    Raises:
        UnknownId: the scenario is not known.
    """
    target = model.space_.scenarios.code(scenario, "scenario")
    counts = histories.counts()
    elsewhere = np.flatnonzero(counts.sum(axis=1) > counts[:, target])
    users = np.random.default_rng(seed).permutation(elsewhere)[:most]
    step = batch_rows(model, target)
    inputs, found = [], []
    for start in range(0, len(users), step):
        parts = parts_of(model, histories.take(users[start : start + step]), target)
        inputs.append(parts.inputs)
        found.append(parts.coefficients)
    scenarios = len(model.space_)
    everything = np.concatenate([*inputs, np.zeros((0, scenarios, len(GATE_INPUTS)))])
    coefficients = np.concatenate([*found, np.zeros((0, scenarios))])
    here, both = counts[users] > 0, (counts[users] > 0) & (counts[users, [target]] > 0)[:, None]
    means = [
        everything[both[:, s], s].mean(axis=0) if both[:, s].any() else np.zeros(len(GATE_INPUTS))
        for s in range(scenarios)
    ]
    spreads = [
        np.sort(coefficients[here[:, s], s]) if s != target else np.zeros(0)
        for s in range(scenarios)
    ]
    return GateReference(scenario, np.array(means, np.float32), tuple(spreads), len(users))


def gate_effects(
    model: TransferModel,
    one: Histories,
    reference: GateReference,
    *,
    inputs: np.ndarray | None = None,
) -> tuple[GateEffect, ...]:
    """The effects of the gate's inputs, for every source that a user has history in.

    Integrated gradients (Sundararajan, Taly, Yan: Axiomatic attribution for deep networks, ICML
    2017) along the straight line from the typical user to this one. ``cold``, which is yes or no,
    is switched first and has its exact effect; the other inputs share the rest.

    Args:
        model: a fitted model.
        one: the history of a single user.
        reference: of :func:`gate_reference`.
        inputs: the user's, shape (S, 6), where they are known, as in an
            :class:`~crossrec.explanation.whatif.Answer`.

    Returns:
        Sources in the order of the scenarios; none for a target-only model.
    """
    target = model.space_.scenarios.code(reference.scenario, "scenario")
    if not model.config.transfer:
        return ()
    mine = parts_of(model, one, target).inputs[0] if inputs is None else inputs
    counts = one.counts()[0]
    return tuple(
        _effect(model, mine, reference, source, target)
        for source in range(len(counts))
        if counts[source] and (source, target) in model.preferences_.across
    )


def _effect(
    model: TransferModel,
    inputs: np.ndarray,
    reference: GateReference,
    source: int,
    target: int,
) -> GateEffect:
    start = reference.inputs.copy()
    switched = start.copy()
    switched[source, _COLD] = inputs[source, _COLD]
    ends = np.stack([start, switched, np.where(_row(inputs, source), inputs, switched)])
    first, second, last = model.gate(ends, target)[:, source].tolist()
    effects = _integrated(model, ends[1], ends[2], source, target)
    effects[_COLD] += second - first
    table = pd.DataFrame(
        {
            "input": GATE_INPUTS,
            "value": inputs[source].astype(np.float64),
            "reference": start[source].astype(np.float64),
            "effect": effects,
        }
    )
    order = np.argsort(-np.abs(effects), kind="stable")
    names = model.space_.scenarios.ids
    return GateEffect(
        str(names[source]),
        str(names[target]),
        last,
        first,
        _percentile(reference.coefficients[source], last),
        table.iloc[order].reset_index(drop=True),
        bool(model.gates_.closed[source, target, int(inputs[source, _COLD] > 0)] == 1),
        bool(model.gates_.personal[target]),
    )


def _row(inputs: np.ndarray, source: int) -> np.ndarray:
    mask = np.zeros(inputs.shape, dtype=bool)
    mask[source] = True
    return mask


def _integrated(
    model: TransferModel, start: np.ndarray, end: np.ndarray, source: int, target: int
) -> np.ndarray:
    """Integrated gradients of M of one source, shape (6,), float64."""
    nodes, weights = np.polynomial.legendre.leggauss(STEPS)
    places = ((nodes + 1) / 2)[:, None, None]
    line = (start + places * (end - start)).astype(np.float32)
    slopes = model.gates_.slopes(line, source, target)
    return ((weights / 2) @ slopes) * (end - start)[source].astype(np.float64)


def _percentile(others: np.ndarray, value: float) -> float:
    if not len(others):
        return float("nan")
    below = np.searchsorted(others, value - 1e-6)
    upto = np.searchsorted(others, value + 1e-6)
    return float((below + upto) / 2 / len(others))
