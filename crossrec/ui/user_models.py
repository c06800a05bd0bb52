"""Whose lists are shown: transfer, or any other recommender beside it.

``?model=`` holds the choice. A baseline that the run does not keep is fitted by a job, and kept.
"""

import numpy as np
import streamlit as st

from crossrec import pipeline
from crossrec.explanation.ranking import Ranking, moves
from crossrec.schema import ITEM
from crossrec.transfer.lineup import LINEUP, TARGET_ONLY, TRANSFER
from crossrec.transfer.recommender import Recommender
from crossrec.ui import models, state, user_lists, work
from crossrec.ui.i18n import t
from crossrec.ui.trial import Engine, Trial
from crossrec.ui.widgets import download_csv
from crossrec.workspace import Run
from crossrec.workspace.kept_models import kept_models

VERB = "fit_model"


def choose() -> str:
    """The recommender to try; it stands in the link."""
    keys, linked = list(LINEUP), state.param("model")
    chosen = st.selectbox(
        t("user.model"),
        keys,
        index=keys.index(linked) if linked in keys else 0,
        format_func=models.name,
        key="model",
        help=t("user.model_help"),
        width=320,
    )
    state.set_param("model", None if chosen == TRANSFER else chosen)
    return chosen


def panel(run: Run, engine: Engine, tried: Trial, name: str) -> None:
    """The list of another recommender beside that of transfer, and why nothing explains it."""
    note = "user.model_note_own" if name == TARGET_ONLY else "user.model_note"
    st.caption(t(note, model=models.name(name)))
    ranking = _ranking(run, engine, tried, name)
    if ranking is None:
        return
    transfer = tried.answer.ranking
    table = moves(ranking, transfer, tried.k)
    left, right = user_lists.side_by_side()
    with left:
        st.markdown(f"**{t('user.with')}**")
        user_lists.one_list(tried, transfer, transfer.frame(tried.k), key="with")
    with right:
        st.markdown(f"**{models.name(name)}**")
        user_lists.one_list(tried, ranking, table, key="of_model")
    download_csv(
        lambda: table.assign(title=tried.titles(table[ITEM].to_numpy())),
        key="model_csv",
        file_name=f"recommendations-{name}.csv",
    )


def _ranking(run: Run, engine: Engine, tried: Trial, name: str) -> Ranking | None:
    """All candidates in the order of a recommender; None where the page has said why not."""
    if name == TARGET_ONLY:
        return tried.answer.target_only
    if tried.who.model is not engine.model:
        st.info(t("user.model_sentence"))
        return None
    if name not in kept_models(run):
        _offer(run, name)
        return None
    model = _kept(str(run.path), str(run.info.get("created")), name)
    return ranked(model, tried)


def ranked(model: Recommender, tried: Trial) -> Ranking:
    """The candidates of a trial by the scores of another recommender, for the same history."""
    scores = model.scores(tried.answer.history, tried.code)[0]
    local = np.sort(tried.answer.ranking.local)  # what filters hide is hidden here, too
    local = local[np.argsort(-scores[local], kind="stable")]
    ids = model.space_.ids(tried.code)[local]
    none = np.zeros(0, dtype=np.float32)  # a baseline has no coefficients
    return Ranking(tried.target, ids, local, scores[local], scores, none)


@st.cache_resource(max_entries=3, show_spinner=False)
def _kept(path: str, created: str, name: str) -> Recommender:
    del created  # part of the cache key: a run that was replaced is read anew
    return pipeline.load_recommender(path, name)


def _offer(run: Run, name: str) -> None:
    """The way to a model that is not there yet: a job that fits and keeps it."""
    kept = [models.name(key) for key in kept_models(run)]
    there = t("common.comma").join(kept) or t("user.model_none")
    st.markdown(t("user.model_missing", model=models.name(name), kept=there))
    mark = f"{run.id} {name}"
    job = work.latest(VERB, mark)
    if job is not None and job.state != "done":
        work.panel(job, key="model")
        if job.active:
            return
    st.button(
        t("user.model_fit"),
        key="model_fit",
        icon=":material/model_training:",
        on_click=_start,
        args=(run, name, mark),
    )


def _start(run: Run, name: str, mark: str) -> None:
    work.start(VERB, {"run": run.path, "name": name}, dedupe=mark)
