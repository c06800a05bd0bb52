"""Transfer coefficients M_st(u): how much of a source's opinion one user's score takes.

Source: 002 §4.1.2. ``M_st(u) = sigmoid(b_st + w_t' (inputs(u, s, t) - centre_st))`` in (0, 1),
``M_tt = 1``: one linear layer, so that what each input does is an exact sum. What the source
document feeds in of the two scenarios, S_s and S_t, is in the level ``b_st`` of the pair. The
inputs are log counts of both histories and the likeness of their texts. A source that clearly
harms is closed (``b_st = -inf``).
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from crossrec.language.table import unit_rows

INPUTS = ("target_items", "source_items", "language_similarity")
"""Of M_st(u), in order: log(1 + history length) in t and in s; cosine of L(u,s) and L(u,t)."""
LEAST = 0.01
"""A smaller M counts as 0: it could change no list, but every comparison."""


@dataclass(frozen=True)
class Coefficients:
    """The layer of all pairs, S scenarios.

    Attributes:
        level: b_st, of a user without target history, shape (S, S): source, target; -inf closed.
        low, high: the same at the ends of the 95 % interval, see
            :mod:`crossrec.transfer.loudness`.
        users: validation users each rests on, shape (S, S); 0 where nobody could judge.
        slopes: w_t, shape (S, len(INPUTS)).
        centre: mean inputs of the pair's cold-start users, shape (S, S, len(INPUTS)).
    """

    level: np.ndarray
    low: np.ndarray
    high: np.ndarray
    users: np.ndarray
    slopes: np.ndarray
    centre: np.ndarray

    def of(self, inputs: np.ndarray, target: int) -> np.ndarray:
        """M_st(u) of a batch, shape (m, S), float32; column ``target`` is 1.

        Args:
            inputs: of :func:`coefficient_inputs`, shape (m, S, len(INPUTS)).
            target: t.
        """
        return self._at(self.level, inputs, target)

    def interval(self, inputs: np.ndarray, target: int) -> tuple[np.ndarray, np.ndarray]:
        """Ends of the 95 % interval of M_st(u), shape (m, S) each."""
        return self._at(self.low, inputs, target), self._at(self.high, inputs, target)

    def logits(self, inputs: np.ndarray, target: int) -> np.ndarray:
        """What each input adds to the logit, shape (m, S, len(INPUTS)), float64."""
        return (inputs - self.centre[:, target]) * self.slopes[target]

    def closed(self, source: int, target: int) -> bool:
        """Whether a source is closed for everybody."""
        return bool(np.isneginf(self.level[source, target]))

    def personal(self, target: int) -> bool:
        """Whether coefficients of users with equal target history differ."""
        return bool(self.slopes[target, 1:].any())

    def _at(self, level: np.ndarray, inputs: np.ndarray, target: int) -> np.ndarray:
        found = expit(level[:, target] + self.logits(inputs, target).sum(2))
        found[found < LEAST] = 0.0
        found[:, target] = 1.0
        return found.astype(np.float32)


def coefficient_inputs(counts: np.ndarray, language: list[np.ndarray], target: int) -> np.ndarray:
    """Inputs of the coefficients, shape (m, S, len(INPUTS)), float32.

    Args:
        counts: history lengths, shape (m, S).
        language: per scenario L(u,s), shape (m, d): mean text vectors at unit length, or zero.
        target: t.
    """
    m, scenarios = counts.shape
    found = np.zeros((m, scenarios, len(INPUTS)), dtype=np.float32)
    found[:, :, 0] = np.log1p(counts[:, [target]])
    found[:, :, 1] = np.log1p(counts)
    for source in range(scenarios):
        found[:, source, 2] = (language[source] * language[target]).sum(1)
    return found


def language_of(weights: list, texts: tuple[np.ndarray, ...]) -> list[np.ndarray]:
    """L(u,s) of m users, shape (m, d) each, from history weights and centred text vectors."""
    return [unit_rows(w @ text) for w, text in zip(weights, texts, strict=True)]


def identity(m: int, scenarios: int, target: int) -> np.ndarray:
    """M of the target-only model, shape (m, S), float32: 1 in column t, else 0."""
    found = np.zeros((m, scenarios), dtype=np.float32)
    found[:, target] = 1.0
    return found
