"""The reason in words: by template at once; by a language model when asked, checked and marked."""

import json
from typing import Final, cast

import pandas as pd
import streamlit as st

from crossrec.explanation import Explanation, list_removals
from crossrec.explanation.facts import ReasonFacts, reason_facts
from crossrec.explanation.paths import attribute_paths
from crossrec.explanation.reason import Language, Reason, Writer, prompt_of, written_reason
from crossrec.explanation.writers import load_writer
from crossrec.language.bundled import SMOLLM
from crossrec.ui import i18n
from crossrec.ui.format import plain
from crossrec.ui.i18n import t
from crossrec.ui.trial import Trial
from crossrec.ui.user_attributes import attributes_of
from crossrec.ui.user_why import titles_of

WRITTEN: Final = "written_reasons"
"""Where the session keeps what a model wrote, by facts and language."""


def panel(tried: Trial, told: Explanation) -> None:
    """One or two sentences; who wrote them; the facts and the prompt one click away."""
    facts = facts_of(tried, told)
    language = cast("Language", i18n.language())
    kept: dict[str, Reason] = st.session_state.setdefault(WRITTEN, {})
    key = json.dumps([facts.to_dict(), language], ensure_ascii=False)
    reason = kept.get(key) or written_reason(facts, language)
    with st.container(border=True, gap="small"):
        st.markdown(plain(reason.text))
        _mark(reason)
    _write_button(facts, language, key)
    with st.expander(t("user.reason.facts")):
        st.caption(t("user.reason.facts_note"))
        st.code(json.dumps(facts.to_dict(), ensure_ascii=False, indent=2), language="json")
        st.caption(t("user.reason.prompt"))
        st.code(reason.prompt or prompt_of(facts, language), language=None, wrap_lines=True)


def facts_of(tried: Trial, told: Explanation) -> ReasonFacts:
    """All that a reason for an item may speak of."""
    return _facts(tried, told, removals(tried, [told.item_id])[0])


def short(tried: Trial, told: Explanation, removed: pd.DataFrame) -> str:
    """The reason by template, in the language of the page; hostile text inside.

    Args:
        tried: the list.
        told: of an item of it.
        removed: of :func:`removals`, the item's own table.
    """
    facts = _facts(tried, told, removed)
    return written_reason(facts, cast("Language", i18n.language())).text


def removals(tried: Trial, items: list[str]) -> list[pd.DataFrame]:
    """What each of some items would lose without parts of the history."""
    return list_removals(
        tried.answer.model,
        tried.answer.history,
        tried.target,
        items,
        coefficients=dict(tried.state.coefficients),
        candidates=tried.answer.ranking.local,
    )


def _facts(tried: Trial, told: Explanation, removed: pd.DataFrame) -> ReasonFacts:
    titles = {**titles_of(tried, told.contributions), told.item_id: tried.title(told.item_id)}
    return reason_facts(told, removed, titles, attribute_paths(told, attributes_of(tried.run)))


def _mark(reason: Reason) -> None:
    """Who wrote it, and what was wrong with what a model wrote."""
    if reason.by_machine:
        st.caption(t("user.reason.machine", model=plain(reason.writer)))
        return
    st.caption(t("user.reason.template"))
    if reason.problems:
        problems = t("common.semicolon").join(plain(said) for said in reason.problems)
        st.caption(t("user.reason.refused", model=plain(reason.writer), problems=problems))
        st.text(reason.refused)


def _write_button(facts: ReasonFacts, language: Language, key: str) -> None:
    """Who is to write: the bundled model, or one behind an address."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        asked = st.text_input(
            t("user.reason.model"),
            key="reason_model",
            max_chars=300,
            placeholder=SMOLLM,
            help=t("user.reason.model_help"),
            width=320,
        ).strip()
        pressed = st.button(t("user.reason.write"), key="reason_write", icon=":material/edit_note:")
    if pressed:
        with st.spinner(t("user.reason.writing")):
            reason = written_reason(facts, language, writer=_writer(asked or SMOLLM, language))
        st.session_state[WRITTEN][key] = reason
        st.rerun()


@st.cache_resource(max_entries=2, show_spinner=False)
def _writer(name: str, language: Language) -> Writer:
    return load_writer(name, language)
