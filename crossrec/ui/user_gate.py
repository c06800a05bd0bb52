"""Transfer for this user: his own coefficients among all users', and why they are what they are."""

import numpy as np
import pandas as pd
import streamlit as st

from crossrec import plots
from crossrec.explanation.gate import GateEffect, GateReference, gate_effects, gate_reference
from crossrec.ui import state, trial
from crossrec.ui.format import number, percent, plain, signed
from crossrec.ui.i18n import t
from crossrec.ui.trial import Trial
from crossrec.ui.widgets import figure_with_table, plot_words, section, table_with_download
from crossrec.workspace import Run


def reference_of(run: Run, target: str) -> GateReference:
    """The typical user of a target, worked out once per server."""
    return _reference(str(run.path), str(run.info.get("created")), target)


@st.cache_resource(max_entries=20, show_spinner=False)
def _reference(path: str, created: str, target: str) -> GateReference:
    del created  # part of the cache key: a run that was replaced is read anew
    ready = trial.engine(Run(path))
    return gate_reference(ready.model, ready.histories, target)


def panel(tried: Trial) -> None:
    """The user's own M among all users, then the reasons of one of them."""
    section(t("user.gate.title"), t("user.gate.note"))
    with st.spinner(t("user.gate.loading")):
        reference = reference_of(tried.run, tried.target)
        asked = tried.answer
        effects = gate_effects(asked.model, asked.history, reference, inputs=asked.inputs)
    if not effects:
        st.caption(t("user.sources_none"))
        return
    rows = _rows(tried, effects, reference)
    figure_with_table(
        plots.own_figure(rows, tried.scenarios, theme=state.theme(), words=plot_words),
        _table(rows),
        t("user.gate.caption", n=number(reference.users)),
        key="own",
        alt=plots.own_alt(rows, words=plot_words),
    )
    names = [one.source for one in effects]
    first = max(effects, key=lambda one: one.coefficient).source
    source = st.segmented_control(
        t("user.gate.source"),
        names,
        format_func=plain,
        default=first,
        required=True,
        key=f"gate_source_{tried.target}_{len(names)}",
    )
    _why(next(one for one in effects if one.source == (source or first)))


def _rows(tried: Trial, effects: tuple[GateEffect, ...], reference: GateReference) -> pd.DataFrame:
    """A row per source: the user's coefficient and the quartiles of all users'."""
    found = []
    for one in effects:
        everyone = reference.coefficients[tried.scenarios.index(one.source)]
        low, middle, high = (
            np.quantile(everyone, [0.05, 0.5, 0.95]) if len(everyone) else [np.nan] * 3
        )
        found.append(
            {
                "source": one.source,
                "coefficient": one.coefficient,
                "low": low,
                "median": middle,
                "high": high,
                "share_below": one.percentile,
                "n": len(everyone),
            }
        )
    return pd.DataFrame(found)


def _table(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.rename(columns={name: t(f"user.gate.{name}") for name in rows.columns})


def _why(one: GateEffect) -> None:
    """The effect of every input on one coefficient."""
    st.markdown(
        t(
            "user.gate.answer",
            source=plain(one.source),
            value=number(one.coefficient, 3),
            reference=number(one.reference, 3),
            share=percent(one.percentile),
        )
    )
    st.caption(
        t(
            "user.gate.interval",
            low=number(one.low, 2),
            high=number(one.high, 2),
            n=number(one.judged),
        )
        if one.judged
        else t("user.gate.unjudged")
    )
    if one.closed:
        st.caption(t("user.gate.closed"))
    elif not one.personal:
        st.caption(t("user.gate.shared", target=plain(one.target)))
    total = sum(one.table["effect"])
    table_with_download(
        pd.DataFrame(
            {
                t("user.gate.input"): [t(f"user.gate.input_{name}") for name in one.table["input"]],
                t("user.gate.value"): one.table["value"],
                t("user.gate.typical"): one.table["reference"],
                t("user.gate.effect"): one.table["effect"],
            }
        ),
        key="gate",
        columns={
            t("user.gate.value"): st.column_config.NumberColumn(format="%.3f"),
            t("user.gate.typical"): st.column_config.NumberColumn(format="%.3f"),
            t("user.gate.effect"): st.column_config.NumberColumn(format="%+.4f"),
        },
    )
    st.caption(
        t(
            "user.gate.check",
            reference=number(one.reference, 4),
            total=signed(total, 4),
            value=number(one.coefficient, 4),
        )
    )
