"""What is on the screen, as a line to type: the same view without the app."""

import shlex
from collections.abc import Sequence

import streamlit as st

from crossrec.ui.i18n import t


def as_command(*lines: Sequence[object], key: str = "as_command") -> None:
    """Show what a page shows as commands, folded away at its foot.

    Args:
        *lines: commands, each as its words without quotes: ``["crossrec", "explain", "--run",
            run.path, "--user", user]``.
        key: widget key.
    """
    with st.expander(t("command.title"), icon=":material/terminal:", key=key):
        st.caption(t("command.note"))
        typed = "\n".join(shlex.join(map(str, words)) for words in lines)
        st.code(typed, language="bash", wrap_lines=True)
