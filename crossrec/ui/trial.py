"""One user tried out: model and histories of a run held ready, lists with and without transfer."""

import hashlib
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
import streamlit as st

from crossrec import pipeline, plots
from crossrec.data.catalog import Catalog
from crossrec.data.history import Histories
from crossrec.data.seen import EXCLUDE, SEEN, Seen
from crossrec.data.space import ItemSpace
from crossrec.evaluation import RunReport
from crossrec.evaluation.metrics import ndcg, recall
from crossrec.explanation import Explanation, contributions
from crossrec.explanation.ranking import Ranking
from crossrec.explanation.whatif import Answer, WhatIf, what_if
from crossrec.schema import ITEM, SCENARIO, USER
from crossrec.transfer.model import TransferModel
from crossrec.ui import state
from crossrec.workspace import Run

SIZES: Final = (5, 10, 20, 50)
"""Lengths of a list to choose from."""
KEPT: Final = "_answers"
MOST_KEPT: Final = 4
"""Answers a session keeps."""


@dataclass(frozen=True)
class Engine:
    """What answers for one run; shared between sessions and never changed.

    Attributes:
        model: the transfer model.
        histories: of all users up to the test cut.
        hidden: their test items, same rows and scenarios.
        with_repeats: the same with the test items they already had.
    """

    model: TransferModel
    histories: Histories
    hidden: Histories
    with_repeats: Histories

    @property
    def space(self) -> ItemSpace:
        """The candidates of every scenario."""
        return self.model.space_

    @property
    def targets(self) -> list[str]:
        """Names of those that have lists, in the run's order."""
        return [str(self.space.scenarios.ids[target]) for target in self.space.targets]

    def wanted(self, seen: Seen) -> Histories:
        """The test items that lists should find."""
        return self.hidden if seen == EXCLUDE else self.with_repeats


@dataclass(frozen=True)
class Who:
    """Who is tried out.

    Attributes:
        name: what to call the user; hostile text.
        one: the user's history, alone.
        row: the user's row in the run; None for one that was made up.
        model: the run's model, or for a user made of a sentence one that knows the sentence.
        texts: item id -> what to call it, for items that no catalogue knows (the sentence).
    """

    name: str
    one: Histories
    row: int | None
    model: TransferModel
    texts: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Trial:
    """A user, a target and what is changed: with the lists it leads to.

    Attributes:
        run: whose model answers.
        who: the user; feedback is already part of the history.
        target: name of the target scenario.
        state: what is changed.
        learnt: the lists without any change.
        answer: the lists with it; the same as ``learnt`` where nothing is changed.
        hidden: the user's test items in the target; where the lists may include seen items, also
            those he already had.
        k: list length.
    """

    run: Run
    who: Who
    target: str
    state: WhatIf
    learnt: Answer
    answer: Answer
    hidden: frozenset[str]
    k: int

    @property
    def catalog(self) -> Catalog:
        """What is known about the items."""
        return state.read(self.run, "catalog")

    @property
    def code(self) -> int:
        """Of the target scenario."""
        return self.who.model.space_.scenarios.code(self.target, "scenario")

    @property
    def known(self) -> frozenset[str]:
        """The seen items of the target: what the user already has there."""
        mine = self.who.one.by_scenario[self.code].indices
        return frozenset(self.who.model.space_.ids(self.code)[mine])

    @property
    def scenarios(self) -> list[str]:
        """Names in the run's order, which fixes their colours."""
        return [str(name) for name in self.who.model.space_.scenarios.ids]

    @property
    def seen(self) -> Seen:
        """Whether the lists leave seen items out: as is changed, else as the run does."""
        return self.state.seen or self.run.seen_in(self.target)

    def titles(self, ids: np.ndarray) -> np.ndarray:
        """What to call items, shape (len(ids),); hostile text."""
        found = self.catalog.titles_of(ids).copy()
        for item, text in self.who.texts:
            found[np.asarray(ids, dtype=object) == item] = text
        return found

    def title(self, item: str) -> str:
        """What to call one item."""
        return str(self.titles(np.array([item], dtype=object))[0])

    def explain(self, item: str) -> Explanation:
        """The exact terms of an item's score in the list with the changes."""
        history = self.answer.history
        return contributions(
            self.answer.model,
            history,
            str(history.users.ids[0]),
            self.target,
            item,
            coefficients=self.answer.ranking.coefficients,
        )


def engine(run: Run) -> Engine:
    """The engine of a run, loaded once per server.

    Raises:
        RunUnreadable: the run has no model or no split, or they are damaged.
    """
    return _engine(str(run.path), str(run.info.get("created")))


@st.cache_resource(max_entries=2, show_spinner=False)
def _engine(path: str, created: str) -> Engine:
    del created  # part of the cache key: a run that was replaced is read anew
    run = Run(path)
    model, split = pipeline.load_model(run), run.split()
    histories = split.histories(dislikes=True)
    hidden, with_repeats = (
        Histories.from_log(split.wanted(seen), split.space, histories.users.ids) for seen in SEEN
    )
    return Engine(model, histories, hidden, with_repeats)


def of_run(engine: Engine, user: str) -> Who:
    """A user of the run.

    Raises:
        UnknownId: there is none of this id.
    """
    row = engine.histories.users.code(user, "user")
    return Who(user, engine.histories.take(np.array([row])), row, engine.model)


def tried(run: Run, engine: Engine, who: Who, target: str, changes: WhatIf, k: int) -> Trial:
    """The lists of a user, as learnt and with changes.

    Raises:
        UnknownId: the changes name an item or a scenario that is not there.
        DataError: a filter is asked for that the catalogue has no column for.
    """
    learnt, answer = unchanged(run, who, target, changes), _answer(run, who, target, changes)
    hidden = hidden_items(engine, who, target, changes.seen or run.seen_in(target))
    return Trial(run, who, target, changes, learnt, answer, hidden, k)


def unchanged(run: Run, who: Who, target: str, changes: WhatIf) -> Answer:
    """The lists as learnt, under the filters of some changes.

    What a filter hides is hidden in both lists; only then do their ranks compare.

    Raises:
        DataError: a filter is asked for that the catalogue has no column for.
    """
    shown = WhatIf(
        categories=changes.categories,
        price_from=changes.price_from,
        price_to=changes.price_to,
        seen=changes.seen,
    )
    return _answer(run, who, target, shown)


def _answer(run: Run, who: Who, target: str, changes: WhatIf) -> Answer:
    """The lists of a user under changes; the session keeps its last few.

    A switch runs the whole page again, and taking it back asks for what has been computed before.
    """
    about = (str(run.path), str(run.info.get("created")))
    kept = st.session_state.setdefault(KEPT, {})
    if kept.get("run") != about:  # do not hold the model of a run nobody looks at
        kept.clear()
        kept["run"] = about
    key = (_print_of(who), target, changes)
    found = kept.pop(key, None)
    if found is None:
        catalog = state.read(run, "catalog")
        found = what_if(
            who.model, who.one, target, changes, catalog=catalog, seen=run.seen_in(target)
        )
    kept[key] = found  # the newest last
    for old in [one for one in kept if one != "run"][:-MOST_KEPT]:
        del kept[old]
    return found


def _print_of(who: Who) -> tuple[str, tuple[tuple[str, str], ...], bytes]:
    """Tells users and their histories apart, feedback and sentences included."""
    found = hashlib.blake2b()
    for at, matrix in enumerate(who.one.by_scenario):
        for column in (matrix.indptr, matrix.indices, matrix.data):
            found.update(np.ascontiguousarray(column).tobytes())
        for facts in (who.one.ages, who.one.times):
            if facts is not None:
                found.update(np.ascontiguousarray(facts[at]).tobytes())
    return who.name, who.texts, found.digest()


def hidden_items(engine: Engine, who: Who, target: str, seen: Seen) -> frozenset[str]:
    """The user's test items in a scenario: what a perfect list would show."""
    if who.row is None:
        return frozenset()
    code = engine.space.scenarios.code(target, "scenario")
    matrix = engine.wanted(seen).by_scenario[code][[who.row]]
    return frozenset(engine.space.ids(code)[matrix.indices])


@dataclass(frozen=True)
class Figures:
    """How well a list finds what is hidden: hits, NDCG@k and Recall@k."""

    hits: int
    ndcg: float
    recall: float


def figures(ranking: Ranking, trial: Trial) -> Figures | None:
    """Of a list's first k; None where nothing is hidden."""
    if not trial.hidden:
        return None
    top = np.isin(ranking.item_ids[: trial.k], list(trial.hidden))[None]
    n = np.array([len(trial.hidden)])
    return Figures(
        int(top.sum()), float(ndcg(top, n, trial.k)[0]), float(recall(top, n, trial.k)[0])
    )


def suggestions(report: RunReport, scenario: str, seed: int) -> dict[str, str]:
    """Judged users of a target scenario worth a look: kind -> user id.

    Args:
        report: of the run.
        scenario: the target.
        seed: of "random".
    """
    names = {"model": str(report.config["transfer"]), "baseline": str(report.config["baseline"])}
    changes = plots.user_changes(report.per_user, scenario=scenario, **names)
    if changes.empty:
        return {}
    judged = report.per_user
    judged = judged.loc[(judged["model"] == names["model"]) & (judged[SCENARIO] == scenario)]
    found = {}
    if changes["change"].iloc[-1] > 0:
        found["most_helped"] = changes[USER].iloc[-1]
    if changes["change"].iloc[0] < 0:
        found["most_harmed"] = changes[USER].iloc[0]
    cold = judged.loc[judged["cohort"] == "cold"]
    if len(cold):
        found["cold"] = cold.sort_values("other_items", kind="stable")[USER].iloc[-1]
    size = (judged["target_items"] + judged["other_items"]).to_numpy()
    found["heavy"] = judged[USER].iloc[int(size.argmax())]
    found["random"] = judged[USER].iloc[int(np.random.default_rng(seed).integers(len(judged)))]
    return {kind: str(user) for kind, user in found.items()}


def history(model: TransferModel, one: Histories) -> pd.DataFrame:
    """What a user did: ``scenario, item_id, weight, age, times``, newest first in a scenario.

    ``age`` is in the unit of the histories, NaN where it is not known; ``times`` is how many times
    he took the item.
    """
    frames = []
    for code, name in enumerate(model.space_.scenarios.ids):
        row = one.by_scenario[code]
        age = np.full(row.nnz, np.nan) if one.ages is None else one.ages[code]
        times = row.data > 0 if one.times is None else one.times[code]
        order = np.lexsort((np.negative(row.data), np.nan_to_num(age)))
        frames.append(
            pd.DataFrame(
                {
                    SCENARIO: name,
                    ITEM: model.space_.ids(code)[row.indices[order]],
                    "weight": row.data[order],
                    "age": age[order],
                    "times": times[order].astype(np.int64),
                }
            )
        )
    return pd.concat(frames, ignore_index=True)


def home_of(model: TransferModel, item: str) -> list[str]:
    """Names of the scenarios that have an item."""
    space = model.space_
    code = space.items.codes([item])
    return [
        str(name)
        for at, name in enumerate(space.scenarios.ids)
        if code[0] >= 0 and space.local(at, code)[0] >= 0
    ]
