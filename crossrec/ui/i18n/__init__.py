"""Wording: every sentence a person reads stands in ``en.json`` and ``zh.json`` under one key.

Keys are ``page.part.thing``; placeholders are ``{name}``. Widget keys, option values, paths and
metric ids stay English, so that a link survives a switch of language.
"""

import json
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import Final

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

LANGUAGES: Final = {"en": "English", "zh": "中文"}
"""Language code -> its own name."""

FALLBACK: Final = "en"

_settled: ContextVar[str | None] = ContextVar("language of this run of the page", default=None)


@cache
def wording(language: str) -> dict[str, str]:
    """All sentences of one language by key."""
    file = Path(__file__).with_name(f"{language}.json")
    return json.loads(file.read_text(encoding="utf-8"))


def language() -> str:
    """The language of this page: ``?lang=``, the choice, the settings, the browser's, English."""
    if (known := _settled.get()) is not None:
        return known
    if get_script_run_ctx(suppress_warning=True) is None:
        return FALLBACK
    for wish in (
        st.query_params.get("lang"),
        st.session_state.get("_language"),
        st.session_state.get("_language_set"),
        str(st.context.locale or "").split("-")[0].lower(),
    ):
        if wish in LANGUAGES:
            return wish
    return FALLBACK


def settle() -> None:
    """Look the language up once for this run of the page: it is asked a thousand times."""
    _settled.set(None)
    _settled.set(language())


def choose(code: str) -> None:
    """Set the language for this session and for the link."""
    _settled.set(None)
    st.session_state["_language"] = code
    st.query_params["lang"] = code


def t(key: str, **values: object) -> str:
    """The sentence under ``key`` in the language of this page, placeholders filled.

    Values are put in as they are: a caller that shows the result as markdown escapes user text
    with :func:`crossrec.ui.format.plain` first.

    Raises:
        KeyError: no such key (a programmer's mistake; a test looks for it).
    """
    return wording(language())[key].format(**values)


def has(key: str) -> bool:
    """Whether there is a sentence under ``key`` (rules and phases of the engine may be newer)."""
    return key in wording(FALLBACK)
