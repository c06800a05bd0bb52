"""How far a reader's best value can be trusted, learnt from texts with their clue taken out."""

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from crossrec.language.text import has_cjk
from crossrec.language.tfidf import terms

LEAST_EXAMPLES = 30
"""Fewer say too little; a cautious curve is used then."""

_CAUTIOUS = (1.0, -1.5)  # slope and intercept over the margin, in standard deviations
_LEFT = 2  # terms a text must keep without its clue, to be an example


@dataclass(frozen=True)
class Calibration:
    """A logistic curve from a margin to the probability of being right.

    Attributes:
        slope, intercept: of the curve over the margin (in standard deviations of the scores).
        examples: masked texts it was fitted on, 0 for the cautious curve that stands in.
        accuracy: share of them that were read right; NaN without examples.
        error: expected calibration error on the half the curve was not fitted on: the mean
            distance between said confidence and found accuracy over ten bins; NaN without.
    """

    slope: float
    intercept: float
    examples: int = 0
    accuracy: float = float("nan")
    error: float = float("nan")

    def confidence(self, margin: np.ndarray) -> np.ndarray:
        """The probability of being right, in the shape of ``margin``."""
        return 1 / (1 + np.exp(-np.clip(self.slope * margin + self.intercept, -50, 50)))


CAUTIOUS = Calibration(*_CAUTIOUS)
"""Used where too few texts name a value."""


def calibrated(margin: np.ndarray, right: np.ndarray, *, seed: int = 0) -> Calibration:
    """Fit the curve.

    Args:
        margin: of k masked texts, shape (k,).
        right: whether the best value was the one whose words were taken out, shape (k,).
        seed: of the half that is held out to measure the curve's error.
    """
    if len(margin) < LEAST_EXAMPLES:
        return CAUTIOUS
    half = np.random.default_rng(seed).permutation(len(margin)) % 2 == 0
    trial = Calibration(*_fit(margin[half], right[half]))
    error = calibration_error(trial.confidence(margin[~half]), right[~half])
    slope, intercept = _fit(margin, right)
    return Calibration(slope, intercept, len(margin), float(right.mean()), error)


def calibration_error(confidence: np.ndarray, right: np.ndarray, bins: int = 10) -> float:
    """Expected calibration error: sum over bins of share * |mean confidence - accuracy|."""
    if not len(confidence):
        return float("nan")
    place = np.minimum((confidence * bins).astype(int), bins - 1)
    gaps = [
        (place == at).mean() * abs(confidence[place == at].mean() - right[place == at].mean())
        for at in np.unique(place)
    ]
    return float(sum(gaps))


def without_names(text: str, named: Collection[str]) -> str:
    """A text without the words that name a value; "" if hardly anything else is left."""
    plain = unicodedata.normalize("NFKC", text)
    for term in sorted(named, key=len, reverse=True):
        word = re.escape(term)
        plain = re.sub(word if has_cjk(term) else rf"\b{word}\b", " ", plain, flags=re.IGNORECASE)
    plain = " ".join(plain.split())
    return plain if len(terms(plain)) >= _LEFT else ""


def _fit(margin: np.ndarray, right: np.ndarray) -> tuple[float, float]:
    from sklearn.linear_model import LogisticRegression

    # One made-up example either way, or a reader that was never wrong would have no curve.
    margin = np.concatenate([margin, [0.0, margin.max()]])
    right = np.concatenate([right, [False, True]])
    curve = LogisticRegression(C=10.0).fit(margin[:, None], right)
    # A clearer reading must never mean less trust, however few the examples.
    return max(float(curve.coef_[0, 0]), 0.0), float(curve.intercept_[0])
