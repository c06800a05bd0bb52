"""What the theme cannot say: room in narrow windows, and text that can be read on the accent.

Streamlit writes white on every primary button. In the dark theme the accent is also the colour of
links and chosen options, so it has to be light, and white on it cannot be read.
"""

from typing import Any, Final

import streamlit as st

from crossrec.ui import state

_ROOM: Final = """<style>
[data-testid=stMainBlockContainer] {padding-top: 3.5rem}
/* as high as a select box, so that names of controls in one row stand on one line */
[data-testid=stMain] [data-testid=stButtonGroup] button {min-height: 2.5rem}
@media (max-width: 1100px) {
  [data-testid=stMainBlockContainer] {padding-left: 2rem; padding-right: 2rem}
}
</style>"""

_DARK: Final = """<style>
button[kind^="primary"]:not(:disabled), button[kind^="primary"]:not(:disabled) * {color: #0C131B}
</style>"""


_SOON: Final = "charts_soon"
"""Key of a chart nobody sees."""
_NOTHING: Final[dict[str, Any]] = {"data": [{"type": "scatter"}], "layout": {"height": 10}}


def apply() -> None:
    """Add the rules where they are needed; once, in app.py."""
    st.html(_ROOM)
    if state.theme() == "dark":
        st.html(_DARK)


def charts_soon() -> None:
    """Let the browser fetch what draws charts now, while a page is read or still being worked out.

    That code has five megabytes; a browser asks for it with the first chart it is sent.
    """
    st.html(f"<style>.st-key-{_SOON} {{display: none}}</style>")
    with st.container(key=_SOON):
        st.plotly_chart(_NOTHING, key=f"{_SOON}_chart", theme=None)
