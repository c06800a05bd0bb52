"""The first minute: a tour over the pages of a finished run, one step at a time.

Nothing is computed for it. It can be left at every step, and a workspace remembers that somebody
does not want it.
"""

from typing import Final

import streamlit as st

from crossrec.ui import state
from crossrec.ui.i18n import t
from crossrec.workspace import Run

STEPS: Final = ("home", "transfer", "user", "map", "compare")
"""Pages of the tour, in order."""

_AT, _SETTING = "_tour", "tour"


def offer() -> None:
    """Invite to the tour on its first page, unless somebody said no or it is on."""
    if _AT in st.session_state or state.workspace().settings().get(_SETTING) == "no":
        return
    with st.container(horizontal=True, vertical_alignment="center", key="tour_offer"):
        st.button(t("tour.start"), key="tour_start", icon=":material/tour:", on_click=_begin)
        st.button(t("tour.no"), key="tour_no", type="tertiary", on_click=_decline)


def draw(page: str) -> None:
    """The step that is on, above the page; nothing where the tour is not on.

    Args:
        page: name of the page on the screen.
    """
    linked = state.param("tour")
    if linked.isdecimal() and 1 <= int(linked) <= len(STEPS):
        st.session_state[_AT] = int(linked) - 1
    at, run = st.session_state.get(_AT), state.run()
    if at is None or run is None:
        return
    name = STEPS[at]
    with st.container(border=True, key="tour", gap="small"):
        st.caption(t("tour.step", n=at + 1, total=len(STEPS)))
        st.markdown(f"**{t(f'tour.{name}.title')}** {t(f'tour.{name}.body')}")
        with st.container(horizontal=True, gap="small"):
            if page != name:
                _button(t("tour.go", page=t(f"nav.{name}")), "go", at, run, primary=True)
            elif at + 1 < len(STEPS):
                after = t(f"nav.{STEPS[at + 1]}")
                _button(t("tour.next", page=after), "next", at + 1, run, primary=True)
            if at:
                _button(t("tour.back"), "back", at - 1, run, primary=False)
            st.button(t("tour.end"), key="tour_end", type="tertiary", on_click=_end)


def _button(label: str, key: str, at: int, run: Run, *, primary: bool) -> None:
    kind = "primary" if primary else "tertiary"
    if st.button(label, key=f"tour_{key}", type=kind):
        _go(at, run)


def _go(at: int, run: Run) -> None:
    st.session_state[_AT] = at
    query = {**state.here(run), "tour": str(at + 1)}
    st.switch_page(f"pages/{STEPS[at]}.py", query_params=query)


def _begin() -> None:
    st.session_state[_AT] = 0
    state.set_param("tour", "1")


def _end() -> None:
    st.session_state.pop(_AT, None)
    state.set_param("tour", None)


def _decline() -> None:
    workspace = state.workspace()
    workspace.save_settings({**workspace.settings(), _SETTING: "no"})
