"""The Features page on what attributes are worth as item features: with and without, judged."""

from dataclasses import replace
from typing import Final

import pandas as pd
import streamlit as st

from crossrec.schema import NO_ATTRIBUTES
from crossrec.ui import reading, state, verdicts
from crossrec.ui.format import interval
from crossrec.ui.i18n import t
from crossrec.ui.transfer_models import against
from crossrec.ui.widgets import section, table_with_download
from crossrec.workspace import Run, write_json
from crossrec.workspace.knowledge import FOLDER, SCENARIOS, Knowledge

VOCABULARY: Final = "vocabulary.json"
_METRIC: Final = "ndcg"


def worth_panel(run: Run, known: Knowledge) -> None:
    """What the attributes change in this run, and the button that trains with them."""
    section(t("worth.title"), f"{t('worth.note', metric=t(f'metric.{_METRIC}'))} {verdicts.rule()}")
    if run.info.get("config", {}).get("attributes"):
        _judged(run)
    else:
        st.caption(t("worth.without"))
    if st.button(t("worth.use"), key="worth_use", icon=":material/arrow_forward:"):
        vocabulary = run.path / FOLDER / VOCABULARY
        write_json(vocabulary, known.vocabulary.to_json())
        typed = run.path / FOLDER / SCENARIOS
        reading.remember(
            replace(
                reading.of_run(run),
                attributes=str(vocabulary),
                scenario_texts=str(typed) if typed.is_file() else "",
            )
        )
        st.switch_page("pages/data.py", query_params=state.here())


def _judged(run: Run) -> None:
    """The run's own comparison of the model with attributes and the one without."""
    found = against(run, _METRIC, model=NO_ATTRIBUTES)
    if not found:
        st.caption(t("worth.not_taken"))
        return
    table = pd.DataFrame(
        {
            t("column.scenario"): [one.scenario for one in found],
            t("worth.users"): [one.n for one in found],
            t("worth.change"): [interval(one.lift, one.low, one.high, sign=True) for one in found],
            t("worth.verdict"): [verdicts.versus(one) for one in found],
        }
    )
    table_with_download(table, key="worth", file_name="attributes_worth.csv")
