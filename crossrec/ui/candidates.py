"""The Features page on described candidates: what they add to the model's own, measured here."""

from typing import Any, Final

import pandas as pd
import streamlit as st

from crossrec.evaluation import HELPS, HURTS, judge
from crossrec.language.generator import generator_installed
from crossrec.ui import knowledge, verdicts
from crossrec.ui.format import interval, plain
from crossrec.ui.i18n import t
from crossrec.ui.widgets import section, table_with_download
from crossrec.workspace import Run
from crossrec.workspace.knowledge import read_candidates

VERB: Final = "measure_candidates"
_USERS: Final = 60


def candidates_panel(run: Run) -> None:
    """The value of letting the generator describe what somebody would want next."""
    section(t("candidates.title"), t("candidates.note"))
    active = knowledge.job_panel(VERB, run, "candidates")
    told = read_candidates(run)
    if told is None:
        st.caption(f"{t('candidates.none')} {t('candidates.found')}")
    else:
        _measured(told)
    if active:
        return
    if not generator_installed():
        st.caption(t("profiles.no_model"))
        return
    st.button(
        t("candidates.start", n=_USERS),
        key="candidates_start",
        icon=":material/straighten:",
        on_click=knowledge.start,
        args=(VERB, run, {"users": _USERS}),
    )


def _measured(told: dict[str, Any]) -> None:
    rows = told["gains"]
    k = rows[0]["k"]
    judged = [judge(row["low"], row["high"], row["p_holm"], row["users"]) for row in rows]
    said = [one.verdict for one in judged]
    counts = {"gains": said.count(HELPS), "losses": said.count(HURTS), "n": len(rows)}
    st.markdown(t("candidates.answer", **counts))
    table = pd.DataFrame(
        {
            t("worth.into"): [row["target"] for row in rows],
            t("worth.users"): [row["users"] for row in rows],
            t("candidates.model", k=k): [row["model"] for row in rows],
            t("candidates.described", k=k): [row["described"] for row in rows],
            t("candidates.union", k=k): [row["union"] for row in rows],
            t("candidates.change"): [
                interval(row["union"] - row["model"], row["low"], row["high"], sign=True)
                for row in rows
            ],
            t("worth.verdict"): [verdicts.said(*one) for one in judged],
        }
    )
    decimals = st.column_config.NumberColumn(format="%.3f")
    table_with_download(
        table,
        key="candidates",
        file_name="candidates.csv",
        columns={
            t(f"candidates.{name}", k=k): decimals for name in ("model", "described", "union")
        },
    )
    caption = t("candidates.caption", writer=plain(told["generator"]))
    st.caption(f"{caption} {verdicts.rule()}")
    with st.expander(t("candidates.examples")):
        st.text("\n".join(f"{row['target']}: {text}" for row in rows for text in row["examples"]))
