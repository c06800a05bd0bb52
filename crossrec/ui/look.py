"""What the theme cannot say: room in narrow windows, and text that can be read on the accent.

Streamlit writes white on every primary button. In the dark theme the accent is also the colour of
links and chosen options, so it has to be light, and white on it cannot be read.
"""

from typing import Final

import streamlit as st

from crossrec.ui import state

_ROOM: Final = """<style>
[data-testid=stMainBlockContainer] {padding-top: 3.5rem}
@media (max-width: 1100px) {
  [data-testid=stMainBlockContainer] {padding-left: 2rem; padding-right: 2rem}
}
</style>"""

_DARK: Final = """<style>
button[kind^="primary"]:not(:disabled), button[kind^="primary"]:not(:disabled) * {color: #0C131B}
</style>"""


def apply() -> None:
    """Add the rules where they are needed; once, in app.py."""
    st.html(_ROOM)
    if state.theme() == "dark":
        st.html(_DARK)
