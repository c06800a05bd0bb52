"""Verdicts, and what is counted from them, in the language of the page."""

from typing import Any

import pandas as pd
import streamlit as st

from crossrec import evaluation
from crossrec.evaluation import HELPS, HURTS, VERSUS, Answer, Summary
from crossrec.ui.format import plain
from crossrec.ui.widgets import answer, plot_words

_COLOURS = {HELPS: "blue", HURTS: "orange"}


def headline(question: str, found: Summary, *more: str) -> None:
    """The answer at the top of a page, with further sentences below it."""
    title, notes = evaluation.headline(found, plot_words, plain)
    answer(question, title, " ".join([*notes, *more]))


def badge(one: Answer) -> str:
    """A verdict as a badge, with what leaves it open."""
    return f":{_COLOURS.get(one.verdict, 'gray')}-badge[{said(one.verdict, one.why)}]"


def said(verdict: str, why: str) -> str:
    """A verdict in words."""
    return evaluation.tell(verdict, why, plot_words)


def versus(one: Answer) -> str:
    """A verdict on two models: better, worse."""
    return said(VERSUS.get(one.verdict, one.verdict), one.why)


def told(table: pd.DataFrame) -> pd.DataFrame:
    """A table to read: its column of verdicts in words, with what leaves them open."""
    if "why" not in table:
        return table
    words = [said(*row) for row in zip(table["verdict"], table["why"], strict=True)]
    return table.assign(verdict=words).drop(columns="why")


def rule() -> str:
    """What a verdict needs."""
    return evaluation.rule(plot_words)


def column() -> Any:
    """The look of a table's column of verdicts: its head says on hover what one needs."""
    return st.column_config.TextColumn(help=rule())


def method(k: int) -> str:
    """What a lift is, and what a verdict needs."""
    return evaluation.method(k, plot_words)
