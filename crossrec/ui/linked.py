"""Choices that stand in the link by their option, not by their label.

Streamlit's own ``bind="query-params"`` writes the label that is shown, so a link made in one
language would lose the choice in another.
"""

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from crossrec.ui import state


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
    state.set_param(param, None if chosen == usual else chosen)
    return chosen
