"""Accuracies, confusions and what gives a scenario away."""

from collections import defaultdict

import numpy as np
import pandas as pd

from crossrec.data.identification.context import ContextRows, Feature

RESAMPLES = 200
GIVES_AWAY = 0.99
CONFIDENCE = "confidence"


def accuracy(
    told: np.ndarray, truth: np.ndarray, item: np.ndarray, rng: np.random.Generator
) -> tuple[float, float, float, int]:
    """Accuracy of the rows that were judged (told is not -1), its interval, and their number.

    The 95 % interval is that of a bootstrap over items: rows of one item are not independent.
    """
    judged = told >= 0
    right = (told == truth)[judged]
    _, group = np.unique(item[judged], return_inverse=True)
    rows_of, right_of = np.bincount(group), np.bincount(group, right)
    drawn = rng.multinomial(len(rows_of), np.full(len(rows_of), 1 / len(rows_of)), RESAMPLES)
    means = (drawn @ right_of) / np.maximum(drawn @ rows_of, 1)
    low, high = np.percentile(means, [2.5, 97.5])
    return float(right.mean()), float(low), float(high), int(judged.sum())


def best(told: np.ndarray) -> np.ndarray:
    """The likeliest scenario by row of probabilities, shape (n,); -1 where they are NaN."""
    unjudged = np.isnan(told[:, 0])
    return np.where(unjudged, -1, np.nan_to_num(told).argmax(axis=1))


def confusion(told: np.ndarray, truth: np.ndarray, names: tuple[str, ...]) -> pd.DataFrame:
    """True scenario (index) x likeliest one (columns), rows of NaN left out."""
    chosen = best(told)
    judged = chosen >= 0
    counts = np.zeros((len(names), len(names)), dtype=np.int64)
    np.add.at(counts, (truth[judged], chosen[judged]), 1)
    return pd.DataFrame(counts, index=list(names), columns=list(names))


def confidence_table(told: np.ndarray, truth: np.ndarray) -> pd.DataFrame:
    """Share of the rows above a confidence and their accuracy."""
    chosen = best(told)
    judged = chosen >= 0
    sure, right = told[judged].max(axis=1), (chosen == truth)[judged]
    table = []
    for least in (0.0, 0.5, 0.6, 0.7, 0.8, 0.9):
        above = sure >= least
        share = float(right[above].mean()) if above.any() else np.nan
        table.append((least, float(above.mean()), share))
    return pd.DataFrame(table, columns=[CONFIDENCE, "share", "accuracy"])


def giveaways(rows: ContextRows, at: np.ndarray) -> tuple[str, ...]:
    """Columns of which nearly every value has rows of one scenario only."""
    truth = rows.scenario[at]
    found = []
    for name, column in rows.columns.items():
        if column.values.dtype.kind != "i":
            continue
        values = column.values[rows.item[at] if column.by_item else at]
        seen = values >= 0
        if seen.mean() < GIVES_AWAY or len(np.unique(values[seen])) < 2:
            continue
        counts = np.zeros((values.max() + 1, len(rows.scenarios)), dtype=np.int64)
        np.add.at(counts, (values[seen], truth[seen]), 1)
        if counts.max(axis=1).sum() >= GIVES_AWAY * counts.sum():
            found.append(name)
    return tuple(found)


def importance(features: tuple[Feature, ...], shares: np.ndarray) -> pd.DataFrame:
    """Columns ``column, share``: how much each column was used, descending."""
    used: dict[str, float] = defaultdict(float)
    for feature, share in zip(features, shares.tolist(), strict=True):
        used[feature.column] += share
    ordered = sorted(used.items(), key=lambda pair: -pair[1])
    return pd.DataFrame(ordered, columns=["column", "share"])
