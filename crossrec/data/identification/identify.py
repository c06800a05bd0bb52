"""Learn the scenario from labelled rows, say how well that works, and label the others on request.

Source: 002 §3.2 step 1 (scenario identification by decision tree and random forest).

The forest on new users and items is the headline; the flattering ways stand beside it and say so
(:mod:`crossrec.data.identification.folds`).
"""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from sklearn.ensemble import RandomForestClassifier
from sklearn.tree import DecisionTreeClassifier

from crossrec.data.identification import figures
from crossrec.data.identification.context import BASKET, ROW, TIME_KIND, ContextRows
from crossrec.data.identification.figures import CONFIDENCE
from crossrec.data.identification.folds import (
    FOLDS,
    NEW_BOTH,
    NEW_USERS,
    RANDOM_ROWS,
    Folds,
    deal,
    majority,
    same_item,
)
from crossrec.data.identification.words import tree_in_words
from crossrec.data.ids import UNKNOWN
from crossrec.errors import DataError
from crossrec.progress import Progress, silent
from crossrec.schema import SCENARIO

SAMPLE = 20_000
"""Most labelled rows that are learnt from and judged on."""
TREES, DEPTH = 60, 4
LEAF = 0.005
"""Smallest share of the rows in a leaf of the tree that is shown."""
SURE_ITEM, KNOWN_ROWS = 0.9, 3
"""Labelled rows of an item agree from this share and number on; and so often they must be right."""
MAJORITY, SAME_ITEM, TREE, FOREST = "majority", "same item", "tree", "forest"
ALL_FEATURES, CONTEXT = "all", "context only"
SCORE_COLUMNS = ("model", "features", "folds", "leak", "accuracy", "low", "high", "rows")
HOW = "how"
BY_ITEM, BY_MODEL = "same item", "model"


@dataclass(frozen=True)
class Identification:
    """What was learnt, and how far it can be trusted.

    Attributes:
        scores: one row per way to judge: ``model`` (majority, same item, tree, forest),
            ``features`` (all, or context only: no item), ``folds``, ``leak`` (whether the folds
            share what would give the answer away), ``accuracy`` with its 95 % interval ``low`` and
            ``high`` (bootstrap over items), ``rows`` judged.
        confusion: rows of the judged sample, true scenario (index) x told scenario (columns), by
            the forest on new users and items.
        confidence: what a confidence is worth there: ``confidence`` (at least), ``share`` of the
            rows and their ``accuracy``.
        tree: a small tree in words, one line each.
        giveaways: context columns that name the scenario (a value has one scenario in 99 % of its
            rows): rather map such a column as the scenario.
        labelled, unlabelled: number of rows.
        importance: feature columns by how much the forest uses them, descending, summing to 1.
    """

    scores: pd.DataFrame = field(compare=False)
    confusion: pd.DataFrame = field(compare=False)
    confidence: pd.DataFrame = field(compare=False)
    tree: tuple[str, ...]
    giveaways: tuple[str, ...]
    labelled: int
    unlabelled: int
    importance: pd.DataFrame = field(compare=False)

    def score(self, model: str, features: str, folds: str) -> float:
        """The accuracy of one way to judge."""
        table = self.scores
        row = (table["model"] == model) & (table["features"] == features)
        return float(table.loc[row & (table["folds"] == folds), "accuracy"].iloc[0])

    @property
    def useful(self) -> bool:
        """Whether the forest is better than the majority on new users and items, beyond chance."""
        table = self.scores[self.scores["folds"] == NEW_BOTH]
        low = table.loc[(table["model"] == FOREST) & (table["features"] == ALL_FEATURES), "low"]
        majority = table.loc[table["model"] == MAJORITY, "accuracy"]
        return bool(low.iloc[0] > majority.iloc[0])


def identify(rows: ContextRows, *, seed: int = 0, progress: Progress = silent) -> Identification:
    """Judge how well the scenario can be told from context.

    Args:
        rows: some of them labelled, in at least two scenarios.
        seed: of the sample, the folds and the forest.
        progress: told of phase "identify".

    Raises:
        DataError: fewer than two scenarios are labelled, too few rows, or no feature.
    """
    _check(rows)
    rng = np.random.default_rng(seed)
    at = rows.labelled
    at = np.sort(rng.choice(at, min(SAMPLE, len(at)), replace=False))
    truth = rows.scenario[at]
    folds, item = deal(rows, at, rng), rows.item[at]
    context = rows.of_kinds(TIME_KIND, BASKET, ROW)
    plans = [
        (FOREST, ALL_FEATURES, NEW_BOTH, rows),
        (TREE, ALL_FEATURES, NEW_BOTH, rows),
        (FOREST, ALL_FEATURES, RANDOM_ROWS, rows),
    ]
    if context.features:
        plans += [
            (FOREST, CONTEXT, NEW_BOTH, context),
            (TREE, CONTEXT, NEW_BOTH, context),
        ]
    table, told = [], []
    for step, (model, used, way, source) in enumerate(plans):
        progress("identify", step, len(plans) + 1, f"{model}, {used}, {way}")
        told.append(_out_of_fold(source, at, folds[way], model, seed))
        right = figures.accuracy(figures.best(told[-1]), truth, item, rng)
        table.append((model, used, way, way == RANDOM_ROWS, *right))
    n = len(rows.scenarios)
    most = majority(truth, folds[NEW_BOTH], n)
    table.append((MAJORITY, "none", NEW_BOTH, False, *figures.accuracy(most, truth, item, rng)))
    same = same_item(item, truth, folds[NEW_USERS], n)
    table.append(
        (SAME_ITEM, "item id", NEW_USERS, False, *figures.accuracy(same, truth, item, rng))
    )
    progress("identify", len(plans), len(plans) + 1, "the tree in words")
    small = _small_tree(len(at), seed).fit(rows.matrix(at), truth)
    forest = _forest(seed).fit(rows.matrix(at), truth)
    names = [rows.scenarios[code] for code in small.classes_]
    progress("identify", 1, 1)
    return Identification(
        scores=pd.DataFrame(table, columns=SCORE_COLUMNS),
        confusion=figures.confusion(told[0], truth, rows.scenarios),
        confidence=figures.confidence_table(told[0], truth),
        tree=tree_in_words(small, rows.features, names),
        giveaways=figures.giveaways(rows, at),
        labelled=len(rows.labelled),
        unlabelled=len(rows) - len(rows.labelled),
        importance=figures.importance(rows.features, forest.feature_importances_),
    )


def assign(
    rows: ContextRows, *, least: float = 0.0, seed: int = 0, progress: Progress = silent
) -> pd.DataFrame:
    """Label the rows without a scenario.

    Where items tell their scenario at all (the other labelled rows of its item name nine in ten
    labelled rows rightly), a row takes the scenario its item's labelled rows agree on (``how``
    "same item", with that share as the confidence); else what the forest says ("model").

    Args:
        rows: some of them labelled.
        least: confidence below which a row stays unlabelled, in [0, 1].
        seed: of the forest and its sample.
        progress: told of phase "identify".

    Returns:
        One row per row: ``scenario`` ("" where unknown still), ``confidence`` (1 where it was
        given) and ``how`` ("given", "same item", "model" or "").

    Raises:
        DataError: as :func:`identify`.
    """
    _check(rows)
    rng = np.random.default_rng(seed)
    codes = rows.scenario.copy()
    confidence = np.where(codes >= 0, 1.0, 0.0)
    how = np.where(codes >= 0, "given", "").astype(object)
    known = rows.labelled
    names_of, worth = _items_that_tell(rows)
    open_rows = np.flatnonzero(codes < 0)
    sure = open_rows[names_of[rows.item[open_rows]] >= 0] if worth >= SURE_ITEM else open_rows[:0]
    codes[sure] = names_of[rows.item[sure]]
    confidence[sure], how[sure] = worth, BY_ITEM
    rest = np.flatnonzero(codes < 0)
    if len(rest):
        at = rng.choice(known, min(SAMPLE, len(known)), replace=False)
        forest = _forest(seed).fit(rows.matrix(at), rows.scenario[at])
        blocks = np.array_split(rest, len(rest) // 100_000 + 1)
        for step, block in enumerate(blocks):
            progress("identify", step, len(blocks), "labelling")
            told = forest.predict_proba(rows.matrix(block))
            codes[block] = forest.classes_[told.argmax(axis=1)]
            confidence[block], how[block] = told.max(axis=1), BY_MODEL
    doubtful = confidence < least
    names = np.array([*rows.scenarios, ""], dtype=object)
    progress("identify", 1, 1)
    return pd.DataFrame(
        {
            SCENARIO: names[np.where(doubtful, UNKNOWN, codes)],
            CONFIDENCE: confidence.round(4),
            HOW: np.where(doubtful, "", how),
        }
    )


def _check(rows: ContextRows) -> None:
    labelled = rows.scenario[rows.labelled]
    if len(np.unique(labelled)) < 2 or len(labelled) < 10 * FOLDS:
        raise DataError(
            f"expected at least {10 * FOLDS} labelled rows of two scenarios",
            f"{len(labelled):,} rows of {len(np.unique(labelled))}",
            "Label some rows, or look at clusters instead",
        )
    if not rows.features:
        raise DataError(
            "expected columns to tell the scenario from",
            "none: no time, no context column, no item attribute or text",
            "Add a time, a device, a page, a category or item titles",
        )


def _forest(seed: int) -> RandomForestClassifier:
    return RandomForestClassifier(
        TREES, min_samples_leaf=3, max_features="sqrt", random_state=seed, n_jobs=1
    )


def _small_tree(rows: int, seed: int) -> DecisionTreeClassifier:
    least = max(2, int(LEAF * rows))
    return DecisionTreeClassifier(max_depth=DEPTH, min_samples_leaf=least, random_state=seed)


def _out_of_fold(
    rows: ContextRows, at: np.ndarray, folds: Folds, model: str, seed: int
) -> np.ndarray:
    """Probabilities by a model that has not seen the row, shape (len(at), S); NaN if unjudged."""
    features, truth = rows.matrix(at), rows.scenario[at]
    told = np.full((len(at), len(rows.scenarios)), np.nan)
    for train, test in folds:
        if not len(test) or len(np.unique(truth[train])) < 2:
            continue
        learner = _forest(seed) if model == FOREST else _small_tree(len(train), seed)
        learner.fit(features[train], truth[train])
        told[test] = 0
        told[np.ix_(test, learner.classes_)] = learner.predict_proba(features[test])
    return told


def _items_that_tell(rows: ContextRows) -> tuple[np.ndarray, float]:
    """What each item's labelled rows agree on, and how often that would have been right.

    Returns:
        The scenario of every item, shape (items,), -1 where its labelled rows are too few or
        disagree; and the share of the labelled rows that the *other* labelled rows of their item
        name rightly. A few rows agree by chance too: the share says whether items tell at all.
    """
    n = len(rows.scenarios)
    item, truth = rows.item[rows.labelled], rows.scenario[rows.labelled]
    flat = np.bincount(item * n + truth, minlength=(int(rows.item.max()) + 1) * n)
    counts = flat.reshape(-1, n)
    told = np.where(_agree(counts), counts.argmax(axis=1), UNKNOWN)
    others = counts[item]
    others[np.arange(len(item)), truth] -= 1
    judged = _agree(others)
    worth = float((others.argmax(axis=1) == truth)[judged].mean()) if judged.any() else 0.0
    return told, worth


def _agree(counts: np.ndarray) -> np.ndarray:
    total = counts.sum(axis=1)
    return (total >= KNOWN_ROWS) & (counts.max(axis=1) >= SURE_ITEM * total)
