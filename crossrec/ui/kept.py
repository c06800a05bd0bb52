"""What a page works out from a run, kept for the whole server: a finished run never changes.

Every change of a widget runs a page anew. What took a tenth of a second the first time must not
take it again, for nobody. Whatever is kept is shared between sessions: never change it.
"""

from collections.abc import Callable
from typing import Any, TypeAlias, TypeVar

import streamlit as st

from crossrec.ui import state
from crossrec.ui.i18n import language
from crossrec.workspace import Run

Part: TypeAlias = str | int | bool | tuple[str, ...] | None
"""What a kept thing depends on, beside the run."""

Kept = TypeVar("Kept")


def value(run: Run, name: str, *of: Part, make: Callable[[], Kept]) -> Kept:
    """Something small, worked out once per server.

    Args:
        run: the run.
        name: of what is worked out.
        *of: all that it depends on beside the run and its smallest group of users.
        make: works it out.
    """
    return _value(*_key(run), name, of, _make=make)


def table(run: Run, name: str, *of: Part, make: Callable[[], Kept]) -> Kept:
    """As :func:`value`, for what is as long as the run has users: only the last few are kept."""
    return _table(*_key(run), name, of, _make=make)


def figure(run: Run, name: str, *of: Part, draw: Callable[[], Any]) -> dict[str, Any]:
    """A figure as a plain dict, drawn once per server, language and theme.

    Args:
        run: the run.
        name: of the figure.
        *of: all that it depends on beside the run, its smallest group of users, the language and
            the theme.
        draw: makes the ``plotly.graph_objects.Figure``.
    """
    return _figure(*_key(run), name, (*of, language(), state.theme()), _draw=draw)


def _key(run: Run) -> tuple[str, str, int]:
    return str(run.path), str(run.info.get("created")), state.least_shown(run)


@st.cache_resource(max_entries=200, show_spinner=False)
def _value(
    path: str, created: str, least: int, name: str, of: tuple[Part, ...], *, _make: Callable
) -> Any:
    del path, created, least, name, of  # parts of the cache key
    return _make()


@st.cache_resource(max_entries=8, show_spinner=False)
def _table(
    path: str, created: str, least: int, name: str, of: tuple[Part, ...], *, _make: Callable
) -> Any:
    del path, created, least, name, of
    return _make()


@st.cache_resource(max_entries=100, show_spinner=False)
def _figure(
    path: str, created: str, least: int, name: str, of: tuple[Part, ...], *, _draw: Callable
) -> dict[str, Any]:
    del path, created, least, name, of
    return _draw().to_dict()
