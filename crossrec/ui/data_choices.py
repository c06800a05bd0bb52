"""The widgets of the cleaning plan, standing as the link says."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

import streamlit as st

from crossrec.data.cleaning.plan import MISSING, NORMALISE, REPEATS, CleaningPlan
from crossrec.data.reading.readers import ReadOptions
from crossrec.intake import RunInputs
from crossrec.ui import state
from crossrec.ui.format import plain
from crossrec.ui.i18n import has, t
from crossrec.workspace import Run

DUPLICATES: Final = ("first", "last", "sum")
_MOST_WEIGHTS: Final = 8
_MOST_NAMES: Final = 12


def choices(asked: RunInputs, raw: Run) -> tuple[CleaningPlan, ReadOptions]:
    """What the widgets say.

    Args:
        asked: the check that is shown.
        raw: the check of the same files before cleaning.
    """
    now = asked.cleaning or CleaningPlan()
    duplicates = _select("duplicates", DUPLICATES, asked.reading.repeats)
    repeats = _select("repeats", REPEATS, now.repeats)
    users, items = st.columns(2)
    with users:
        user_core = _core("user_core", now.user_core)
    with items:
        item_core = _core("item_core", now.item_core)
    normalise = _select("normalise", NORMALISE, now.normalise)
    missing = _select("missing", MISSING, now.missing)
    outliers = st.toggle(
        t("data.clean.outliers"), value=now.drop_outliers, key="clean_outliers",
        help=t("data.clean.outliers_help"),
    )  # fmt: skip
    names = list(map(str, state.read(raw, "log").scenarios.ids))
    scenario_names = _scenario_names(asked.reading.scenario_names, names)
    plan = CleaningPlan(
        drop_outliers=outliers,
        repeats=repeats,
        scenario_weights=_scenario_weights(now.scenario_weights, names),
        normalise=normalise,
        user_core=user_core,
        item_core=item_core,
        missing=missing,
    )
    return plan, replace(asked.reading, repeats=duplicates, scenario_names=scenario_names)


def _select(name: str, options: Sequence[str], now: str) -> str:
    """One of the named policies of a step."""
    words = f"data.clean.{name}"
    return st.selectbox(
        t(words),
        options,
        index=options.index(now),
        format_func=lambda one: t(f"{words}_{one}"),
        key=f"clean_{name}",
        help=t(f"{words}_help") if has(f"{words}_help") else None,
    )


def _core(name: str, now: int) -> int:
    return int(
        st.number_input(
            t(f"data.clean.{name}"), 1, 100, now, key=f"clean_{name}",
            help=t("data.clean.core_help"),
        )
    )  # fmt: skip


def _scenario_names(given: Mapping[str, str], names: Sequence[str]) -> dict[str, str]:
    """Another name for each scenario as it is called now; what was given before stays."""
    changed = dict(given)
    if len(names) > _MOST_NAMES:
        return changed
    with st.expander(t("data.clean.names"), expanded=bool(given)):
        st.caption(t("data.clean.names_help"))
        for name in names:
            chosen = st.text_input(plain(name), name, max_chars=80, key=f"clean_n_{name}").strip()
            if chosen and chosen != name:
                before = [old for old, new in given.items() if new == name]
                changed |= dict.fromkeys(before or [name], chosen)
    return {old: new for old, new in changed.items() if old != new}


def _scenario_weights(now: Mapping[str, float], names: Sequence[str]) -> dict[str, float]:
    """A factor per scenario: where behaviours are the scenarios, these are the event weights."""
    weights = {name: factor for name, factor in now.items() if name in names}
    if len(names) > _MOST_WEIGHTS:
        return weights
    with st.expander(t("data.clean.weights"), expanded=bool(weights)):
        st.caption(t("data.clean.weights_help"))
        given = {
            name: st.number_input(
                plain(name), 0.01, 100.0, float(weights.get(name, 1.0)), 0.1, key=f"clean_w_{at}"
            )
            for at, name in enumerate(names)
        }
    return {name: float(factor) for name, factor in given.items() if factor != 1}
