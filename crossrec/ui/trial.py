"""One user tried out: model and histories of a run held ready, lists with and without transfer."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
import streamlit as st

from crossrec import pipeline, plots
from crossrec.data.history import Histories
from crossrec.data.space import ItemSpace
from crossrec.evaluation import RunReport
from crossrec.schema import ITEM, RANK, SCENARIO, SCORE, USER
from crossrec.transfer.model import TransferModel
from crossrec.transfer.recommender import Recommender, top_k
from crossrec.workspace import Run

KINDS: Final = ("most_helped", "most_harmed", "cold", "heavy", "random")
"""Users worth a look, by why."""

RANK_BEFORE: Final = "rank_without"


@dataclass(frozen=True)
class Trial:
    """Who is tried out on what.

    Attributes:
        name: what to call the user.
        one: the user's history, alone.
        row: the user's row in the run; None for one that was made up.
        target: name of the target scenario.
        coefficients: what-if coefficients, shape (S,); None for the learnt ones.
    """

    name: str
    one: Histories
    row: int | None
    target: str
    coefficients: np.ndarray | None = None


@dataclass(frozen=True)
class Engine:
    """What answers for one run; shared between sessions and never changed.

    Attributes:
        model: the transfer model.
        without: its target-only form.
        histories: of all users up to the test cut.
        hidden: their test items, same rows and scenarios.
    """

    model: TransferModel
    without: Recommender
    histories: Histories
    hidden: Histories

    @property
    def space(self) -> ItemSpace:
        """The candidates of every scenario."""
        return self.model.space_


def engine(run: Run) -> Engine:
    """The engine of a run, loaded once per server.

    Raises:
        RunUnreadable: the run has no model or no split, or they are damaged.
    """
    return _engine(str(run.path), str(run.info.get("created")))


@st.cache_resource(max_entries=3, show_spinner=False)
def _engine(path: str, created: str) -> Engine:
    del created  # part of the cache key: a run that was replaced is read anew
    run = Run(path)
    model, split = pipeline.load_model(run), run.split()
    histories = split.histories()
    hidden = Histories.from_log(split.test, split.space, histories.users.ids)
    return Engine(model, model.target_only(), histories, hidden)


def row_of(engine: Engine, user: str) -> int:
    """The row of a user.

    Raises:
        UnknownId: with the nearest known ids.
    """
    return engine.histories.users.code(user, "user")


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


def history(engine: Engine, one: Histories) -> pd.DataFrame:
    """What a user did: ``scenario, item_id, weight``, the strongest first within a scenario."""
    frames = []
    for code, name in enumerate(engine.space.scenarios.ids):
        row = one.by_scenario[code]
        order = np.argsort(row.data, kind="stable")[::-1]
        frames.append(
            pd.DataFrame(
                {
                    SCENARIO: name,
                    ITEM: engine.space.ids(code)[row.indices[order]],
                    "weight": row.data[order],
                }
            )
        )
    return pd.concat(frames, ignore_index=True)


def with_transfer(
    engine: Engine, one: Histories, target: int, coefficients: np.ndarray | None = None
) -> pd.DataFrame:
    """All candidates by the transfer model's score.

    Args:
        engine: of the run.
        one: a single user's history.
        target: code of the target scenario.
        coefficients: what-if coefficients, shape (S,); default the learnt ones.

    Returns:
        ``item_id, rank`` (from 1) and ``score``, without the items the user has.
    """
    given: dict[str, Any] = {} if coefficients is None else {"coefficients": coefficients[None]}
    return _ranked(engine, engine.model.scores(one, target, **given), one, target)


def without_transfer(engine: Engine, one: Histories, target: int) -> pd.DataFrame:
    """All candidates by the target-only model's score, as :func:`with_transfer`."""
    return _ranked(engine, engine.without.scores(one, target), one, target)


def _ranked(engine: Engine, scores: np.ndarray, one: Histories, target: int) -> pd.DataFrame:
    items, top = top_k(scores, one, target, scores.shape[1])
    kept = items[0] >= 0
    return pd.DataFrame(
        {
            ITEM: engine.space.ids(target)[items[0][kept]],
            RANK: np.arange(1, kept.sum() + 1),
            SCORE: top[0][kept],
        }
    )


def side_by_side(after: pd.DataFrame, before: pd.DataFrame, k: int) -> pd.DataFrame:
    """The first k of one list with their ranks in another.

    Returns:
        ``item_id, rank, score, rank_without`` and ``moved`` (places won, negative for lost).
    """
    old = before.loc[:, [ITEM, RANK]].rename(columns={RANK: RANK_BEFORE})
    table = after.head(k).merge(old, on=ITEM, how="left")
    return table.assign(moved=table[RANK_BEFORE] - table[RANK])


def hidden_items(engine: Engine, row: int, target: int) -> set[str]:
    """The user's test items in a scenario: what a perfect list would show."""
    matrix = engine.hidden.by_scenario[target][[row]]
    return set(engine.space.ids(target)[matrix.indices])
