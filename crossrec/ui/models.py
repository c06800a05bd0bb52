"""Recommenders by name on the pages: what they are called, and which of them beat transfer."""

from collections.abc import Iterable

import streamlit as st

from crossrec.evaluation import Simpler, simpler_models
from crossrec.transfer.lineup import key_of
from crossrec.ui import kept, state, verdicts
from crossrec.ui.format import interval, number, plain
from crossrec.ui.i18n import has, t
from crossrec.ui.widgets import plot_words, section
from crossrec.workspace import Run

KIND, POOLED = "lineup", "-pooled"


def name(key: str) -> str:
    """What to call a recommender of the lineup."""
    plain_key = key.removesuffix(POOLED)
    said = t(f"{KIND}.{plain_key}")
    return said if plain_key == key else t(f"{KIND}.pooled", model=said)


def report_name(model: str) -> str:
    """What to call a model of a report."""
    own = f"model.{model.lower().replace(' ', '_')}"
    if has(own):
        return t(own)
    key = key_of(model)
    return name(key) if key else model


def simpler(run: Run) -> Simpler:
    """The simpler models of a run, and where they beat transfer; once per server."""
    return kept.value(
        run,
        "simpler_models",
        make=lambda: simpler_models(state.read(run, "report"), least=state.least_shown(run)),
    )


def told(run: Run, title: str = "") -> None:
    """Say where a simpler model of the run is clearly better than transfer, or that none is."""
    found = simpler(run)
    if not found.models:
        return
    if title:
        section(title)
    if not found.better:
        st.markdown(t("report.simpler_none", models=_listed(found.models)))
    for one in found.better:
        st.markdown(
            t(
                "report.simpler_better",
                model=f"**{report_name(one.model)}**",
                cohort=plot_words(f"cohort_{one.cohort}"),
                scenario=plain(one.scenario),
                value=number(one.value),
                transfer=number(one.transfer),
                gain=interval(one.gain, one.low, one.high, sign=True),
                users=number(one.n),
            )
        )
    st.caption(f"{t('report.simpler_method')} {verdicts.rule()}")


def _listed(models: Iterable[str]) -> str:
    return t("common.comma").join(map(report_name, models))
