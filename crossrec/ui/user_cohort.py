"""The same contributions averaged over many users: which source items carry the transfer."""

from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd
import streamlit as st

from crossrec.data.seen import Seen
from crossrec.explanation.cohort import CohortExplanation, cohort_explanation
from crossrec.schema import CATEGORY, ITEM, SCENARIO, SOURCE_SCENARIO, USER
from crossrec.ui import selection, state, trial
from crossrec.ui.format import number
from crossrec.ui.i18n import t
from crossrec.ui.trial import Engine, Trial
from crossrec.ui.user_lists import source_name
from crossrec.ui.widgets import section, table_with_download
from crossrec.workspace import Run

COHORTS: Final = ("cold", "warm", "map")
MOST: Final = 1_000
"""Users explained together; a larger cohort is sampled."""


def panel(tried: Trial, engine: Engine) -> None:
    """Choose a cohort; see where its lists come from."""
    section(t("user.cohort.title"), t("user.cohort.note"))
    found = selection.chosen(tried.run, "users")
    name = st.segmented_control(
        t("user.cohort.which"),
        [name for name in COHORTS if name != "map" or found is not None],
        format_func=lambda one: t(f"user.cohort.{one}"),
        default="map" if found is not None else "cold",
        required=True,
        key="cohort_of",
        label_visibility="collapsed",
    )
    if name == "map" and found is not None:
        users, label = found.distinct(), found.id
    else:
        users, label = _judged(tried.run, tried.target, str(name)), str(name)
    users = np.array([user for user in users if user in engine.histories.users], dtype=object)
    if not len(users):
        st.caption(t("user.cohort.empty"))
        return
    with st.spinner(t("user.cohort.working")):
        told = _explained(
            str(tried.run.path),
            str(tried.run.info.get("created")),
            tried.target,
            label,
            tried.k,
            tried.seen,
            tuple(users[:MOST] if len(users) <= MOST else _sample(users)),
        )
    st.caption(t("user.cohort.told", n=number(told.users), total=number(len(users)), k=told.k))
    _tables(tried, told)


def _judged(run: Run, target: str, cohort: str) -> np.ndarray:
    """Users of a cohort of a target, each once."""
    per_user = state.read(run, "report").per_user
    here = (per_user[SCENARIO] == target) & (per_user["cohort"] == cohort)
    return per_user.loc[here, USER].drop_duplicates().to_numpy(dtype=object)


def _sample(users: np.ndarray) -> np.ndarray:
    return np.random.default_rng(0).choice(users, MOST, replace=False)


@st.cache_resource(max_entries=20, show_spinner=False)
def _explained(
    path: str, created: str, target: str, label: str, k: int, seen: Seen, users: Sequence[str]
) -> CohortExplanation:
    del created, label  # parts of the cache key
    run = Run(path)
    ready = trial.engine(run)
    rows = ready.histories.users.codes(np.array(users, dtype=object))
    catalog = state.read(run, "catalog")
    categories = None
    if CATEGORY in catalog.attributes:
        values = catalog.attributes[CATEGORY]
        categories = dict(zip(catalog.items.ids, map(str, values), strict=True))
    return cohort_explanation(
        ready.model, ready.histories.take(rows), target, k=k, categories=categories, seen=seen
    )


def _tables(tried: Trial, told: CohortExplanation) -> None:
    names = {
        SOURCE_SCENARIO: t("user.part.source_scenario"),
        "amount": t("user.part.amount"),
        "learnt": t("user.part.learnt"),
        "text": t("user.part.text"),
        "coefficient": t("user.part.coefficient"),
        "users": t("column.users"),
        CATEGORY: t("user.cohort.into"),
    }
    shown = told.sources.assign(**{SOURCE_SCENARIO: told.sources[SOURCE_SCENARIO].map(source_name)})
    figures = {
        names[column]: st.column_config.NumberColumn(format="%.4f")
        for column in ("amount", "learnt", "text", "coefficient")
    }
    st.markdown(f"**{t('user.cohort.sources')}**")
    table_with_download(shown.rename(columns=names), key="cohort_sources", columns=figures)
    for table, key in ((told.items, "items"), (told.cells, "cells")):
        st.markdown(f"**{t(f'user.cohort.{key}')}**")
        if table.empty:
            st.caption(t("user.cohort.none"))
            continue
        table_with_download(
            _titled(tried, table).rename(columns=names),
            key=f"cohort_{key}",
            columns=figures,
            height=320,
        )


def _titled(tried: Trial, table: pd.DataFrame) -> pd.DataFrame:
    """With titles in place of item ids."""
    titled = table.assign(**{ITEM: tried.titles(table[ITEM].to_numpy(dtype=object))})
    if CATEGORY in titled:
        names = [str(name) or t("user.cohort.no_category") for name in titled[CATEGORY]]
        titled = titled.assign(**{CATEGORY: names})
    return titled.rename(columns={ITEM: t("column.title")})
