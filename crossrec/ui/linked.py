"""Choices that stand in the link by their option, not by their label.

Streamlit's own ``bind="query-params"`` writes the label that is shown, so a link made in one
language would lose the choice in another.
"""

from collections.abc import Callable, Sequence
from difflib import get_close_matches
from typing import Any

import streamlit as st

from crossrec.ui import state
from crossrec.ui.format import plain
from crossrec.ui.i18n import t


def choice(
    label: str,
    options: Sequence[str],
    named: Callable[[str], str],
    *,
    param: str,
    default: str | None = None,
    key: str | None = None,
    buttons: bool = False,
    **look: Any,
) -> str:
    """A select box, or a row of buttons, whose option is part of the link.

    Args:
        label: what is chosen.
        options: at least one; they stand in the link as they are.
        named: how an option is shown.
        param: its name in the link.
        default: the option without a link, which does not stand there; the first if not given.
        key: widget key; ``param`` if not given.
        buttons: a row of buttons instead of a select box.
        **look: further arguments of the widget.
    """
    options = list(options)
    usual = default if default in options else options[0]
    linked = state.param(param)
    first = linked if linked in options else usual
    key = key or param
    if buttons:
        chosen = st.segmented_control(
            label, options, format_func=named, default=first, required=True, key=key, **look
        )
    else:
        index = options.index(first)
        chosen = st.selectbox(label, options, index=index, format_func=named, key=key, **look)
    chosen = chosen if chosen in options else usual
    say_unknown(param, linked, options, chosen)
    state.set_param(param, None if chosen == usual else chosen)
    return chosen


def say_unknown(param: str, linked: str, known: Sequence[str], shown: str) -> None:
    """Say that the link names something that is not here, until something else is chosen.

    Args:
        param: its name in the link.
        linked: what the link says; "" for nothing.
        known: what there is.
        shown: what is shown.
    """
    memory = f"_unknown_{param}"
    if linked and linked not in known:
        st.session_state[memory] = (linked, shown)
    unknown, instead = st.session_state.get(memory, ("", ""))
    if not unknown or instead != shown:
        st.session_state.pop(memory, None)
        return
    near = get_close_matches(unknown, [str(one) for one in known], n=3, cutoff=0.4)
    nearest = t("link.nearest", names=", ".join(map(plain, near))) if near else ""
    st.caption(t("link.unknown", name=plain(unknown), shown=plain(shown)) + nearest)
