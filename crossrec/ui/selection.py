"""What was chosen on the map, on its way to another page.

The Map page keeps a lasso with :func:`keep` and opens another page with ``?sel=<short id>``. That
page asks :func:`chosen` for it::

    selection = chosen(run, "items")      # None: nothing was sent (or not items)
    if selection is not None:
        for scenario, item in zip(selection.scenarios, selection.ids): ...

``selection.ids`` are object strings, the most active first; ``selection.distinct()`` holds each id
once. :func:`load_selection` reads any id and raises where there is none.
"""

import numpy as np
import streamlit as st

from crossrec.ui import state
from crossrec.workspace import Run
from crossrec.workspace.selections import Kind, Selection
from crossrec.workspace.selections import load_selection as read
from crossrec.workspace.selections import save_selection as save

PARAM = "sel"
"""The part of the link that names the selection."""


def load_selection(selection_id: str) -> Selection:
    """The kept selection of this id.

    Raises:
        UnknownId: there is none of this id (any more).
        RunUnreadable: its file is damaged.
    """
    return _load(str(state.workspace().root), selection_id)


def chosen(run: Run, kind: Kind) -> Selection | None:
    """The selection the link names, if it is of this run and kind.

    Args:
        run: the run on the page.
        kind: what the page can use, "items" or "users".

    Raises:
        UnknownId: the link names one that is not kept any more.
        RunUnreadable: its file is damaged.
    """
    named = state.param(PARAM)
    if not named:
        return None
    found = load_selection(named)
    return found if found.kind == kind and found.run == run.id else None


def keep(run: Run, kind: Kind, ids: np.ndarray, scenarios: np.ndarray) -> Selection:
    """Keep a choice of points and return it with its short id.

    Raises:
        WorkspaceError: the disk is full, or the workspace cannot be written.
    """
    return save(state.workspace(), run=run.id, kind=kind, ids=ids, scenarios=scenarios)


@st.cache_resource(max_entries=8, show_spinner=False)
def _load(root: str, selection_id: str) -> Selection:
    del root  # part of the cache key: two workspaces may hold different selections
    return read(state.workspace(), selection_id)
