"""Why a user's transfer coefficients are what they are: the effect of each input, exactly."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from crossrec.data.history import Histories
from crossrec.explanation.terms import batch_rows
from crossrec.transfer.coefficients import INPUTS
from crossrec.transfer.model import TransferModel

GATE_COLUMNS = ("input", "value", "reference", "effect")
"""Columns of :attr:`GateEffect.table`."""


@dataclass(frozen=True)
class GateReference:
    """The typical user of one target scenario, whom others are compared with.

    Attributes:
        scenario: the target's name.
        inputs: per source the mean inputs of the sampled users with history in it and in the
            target, shape (S, 3); zeros where there is none.
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
        low, high: ends of its 95 % interval, from the bootstrap over validation users.
        judged: how many validation users it rests on; 0 where nobody could judge.
        reference: M of the typical user.
        percentile: share of the sampled users with a smaller coefficient (half of the equal ones),
            in [0, 1]; NaN where nobody sampled has history in the source.
        table: one row per input of :data:`crossrec.transfer.coefficients.INPUTS`, columns
            :data:`GATE_COLUMNS`, the largest effects first;
            ``effect.sum() = coefficient - reference``.
        closed: the source harmed validation users (:mod:`crossrec.transfer.stages.opening`), so
            that the coefficient is 0 whatever the inputs say.
        personal: False where only the length of the target history makes a difference.
    """

    source: str
    target: str
    coefficient: float
    low: float
    high: float
    judged: int
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
    fitted = model.fitted_
    target = fitted.space.scenarios.code(scenario, "scenario")
    counts = histories.counts()
    elsewhere = np.flatnonzero(counts.sum(axis=1) > counts[:, target])
    users = np.random.default_rng(seed).permutation(elsewhere)[:most]
    step, scenarios = batch_rows(model, target), len(fitted.space)
    inputs = [np.zeros((0, scenarios, len(INPUTS)))]
    inputs += [
        fitted.inputs(histories.take(users[start : start + step]), target)
        for start in range(0, len(users), step)
    ]
    everything = np.concatenate(inputs)
    coefficients = fitted.gate(everything, target)
    here, both = counts[users] > 0, (counts[users] > 0) & (counts[users, [target]] > 0)[:, None]
    means = [
        everything[both[:, s], s].mean(axis=0) if both[:, s].any() else np.zeros(len(INPUTS))
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
    """The effects of the inputs, for every source that a user has history in.

    The logit is a sum over inputs, so each one's share of the difference to the typical user is
    exact; M itself is divided in the same shares, which for a sigmoid of a sum is what integrated
    gradients give (Sundararajan, Taly, Yan, ICML 2017).

    Args:
        model: a fitted model.
        one: the history of a single user.
        reference: of :func:`gate_reference`.
        inputs: the user's, shape (S, 3), where they are known, as in an
            :class:`~crossrec.explanation.whatif.Answer`.

    Returns:
        Sources in the order of the scenarios; none for a target-only model.
    """
    fitted = model.fitted_
    target = fitted.space.scenarios.code(reference.scenario, "scenario")
    mine = fitted.inputs(one, target)[0] if inputs is None else inputs
    counts = one.counts()[0]
    return tuple(
        _effect(model, mine, reference, source, target)
        for source in range(len(counts))
        if counts[source] and (source, target) in fitted.between
    )


def _effect(
    model: TransferModel, inputs: np.ndarray, reference: GateReference, source: int, target: int
) -> GateEffect:
    found = model.fitted_.coefficients
    ends = np.stack([reference.inputs, inputs])
    first, last = found.of(ends, target)[:, source].tolist()
    low, high = (end[0, source] for end in found.interval(inputs[None], target))
    added = np.subtract(*found.logits(ends, target)[::-1, source])  # per input, of the logit
    whole = float(added.sum())
    shares = added / whole if abs(whole) > 1e-12 else np.zeros(len(INPUTS))
    table = pd.DataFrame(
        {
            "input": INPUTS,
            "value": inputs[source].astype(np.float64),
            "reference": reference.inputs[source].astype(np.float64),
            "effect": shares * (last - first),
        }
    )
    order = np.argsort(-np.abs(table["effect"].to_numpy()), kind="stable")
    names = model.space_.scenarios.ids
    return GateEffect(
        source=str(names[source]),
        target=str(names[target]),
        coefficient=last,
        low=float(low),
        high=float(high),
        judged=int(found.users[source, target]),
        reference=first,
        percentile=_percentile(reference.coefficients[source], last),
        table=table.iloc[order].reset_index(drop=True),
        closed=found.closed(source, target),
        personal=found.personal(target),
    )


def _percentile(others: np.ndarray, value: float) -> float:
    if not len(others):
        return float("nan")
    below = np.searchsorted(others, value - 1e-6)
    upto = np.searchsorted(others, value + 1e-6)
    return float((below + upto) / 2 / len(others))
