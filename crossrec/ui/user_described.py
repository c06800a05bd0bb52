"""Described candidates for one user: an option beside the list, with what it is worth here."""

import numpy as np
import pandas as pd
import streamlit as st

from crossrec.language.generator import generator_installed
from crossrec.language.ideal import Ideal, union
from crossrec.lists.rerank import POOL
from crossrec.pipeline.described import Describer
from crossrec.ui.format import interval, number, plain
from crossrec.ui.i18n import t
from crossrec.ui.trial import Trial
from crossrec.ui.widgets import section
from crossrec.workspace import Run
from crossrec.workspace.knowledge import read_candidates

MODEL, DESCRIBED = "model", "described"


def panel(tried: Trial) -> None:
    """What it is worth, the switch, and the list that it makes."""
    section(t("user.described.title"), t("user.described.note"))
    st.caption(worth(tried.run, tried.target))
    if tried.who.row is None:
        st.caption(t("user.described.made_up"))
        return
    if not generator_installed():
        st.caption(t("user.described.no_model"))
        return
    if st.toggle(t("user.described.show"), key="described"):
        _list(tried)


def worth(run: Run, target: str) -> str:
    """The measured change of recall in a scenario, else what was found on food and kitchen."""
    told = read_candidates(run)
    mine = [row for row in (told or {"gains": []})["gains"] if row["target"] == target]
    if not mine:
        return f"{t('candidates.none')} {t('candidates.found')}"
    row = mine[0]
    return t(
        "user.described.worth",
        k=row["k"],
        target=plain(target),
        users=number(row["users"]),
        model=number(row["model"], 3),
        union=number(row["union"], 3),
        change=interval(row["union"] - row["model"], row["low"], row["high"], sign=True),
    )


def _list(tried: Trial) -> None:
    """The model's list and the described items in turns, each with where it comes from."""
    with st.spinner(t("user.described.writing")):
        near, ideal = _near(tried)
    if not ideal.text:
        st.caption(t("user.described.nothing"))
        return
    st.markdown(
        t("user.described.said", writer=plain(ideal.writer), text=plain(ideal.text.strip('"“”')))
    )
    own = tried.answer.ranking.local[: tried.k]
    both = union(own[None], near[None, : tried.k], tried.k)[0]
    both = both[both >= 0]
    ids = tried.who.model.space_.ids(tried.code)[both]
    ranks = tried.answer.ranking.ranks[both]
    sources = np.where(np.isin(both, own), MODEL, DESCRIBED)
    st.dataframe(
        pd.DataFrame(
            {
                t("user.rank"): np.arange(1, len(both) + 1),
                t("column.title"): tried.titles(ids),
                t("user.described.from"): [t(f"user.described.{one}") for one in sources],
                t("user.described.place"): ranks,
            }
        ),
        hide_index=True,
        key="described_list",
    )
    with st.expander(t("user.described.prompt")):
        st.text(ideal.prompt)


def _near(tried: Trial) -> tuple[np.ndarray, Ideal]:
    """Local numbers of items that the list may show, nearest to the description first."""
    created = str(tried.run.info.get("created"))
    ids = tried.who.model.space_.ids(tried.code)
    near, ideal = _described(ids, str(tried.run.path), created, tried.who.name, tried.target)
    return near[np.isin(near, tried.answer.ranking.local)], ideal


@st.cache_data(max_entries=50, show_spinner=False)
def _described(
    _ids: np.ndarray, path: str, created: str, user: str, target: str
) -> tuple[np.ndarray, Ideal]:
    near, ideals = _describer(path, created).near([user], target, _ids, POOL)
    return near[0], ideals[0]


@st.cache_resource(max_entries=1, show_spinner=False)
def _describer(path: str, created: str) -> Describer:
    del created  # part of the cache key: a run that was replaced is read anew
    return Describer.of(Run(path), everything=False)
