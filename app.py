"""The browser app: seven pages, each answering one question, and one for upkeep."""

from pathlib import Path

import streamlit as st

from crossrec import ui
from crossrec.ui import look, sidebar, state, tour
from crossrec.ui.i18n import t

ICONS = {
    "home": ":material/home:",
    "data": ":material/table_view:",
    "features": ":material/notes:",
    "map": ":material/bubble_chart:",
    "transfer": ":material/swap_horiz:",
    "user": ":material/person_search:",
    "compare": ":material/balance:",
    "settings": ":material/settings:",
}

# A file of our own: Streamlit would fetch an emoji or Material icon for the tab from the network.
ICON = Path(ui.__file__).with_name("icon.svg").read_text(encoding="utf-8")

st.set_page_config(page_title=t("app.name"), page_icon=ICON, layout="wide")
state.sync()
look.apply()
page = st.navigation(
    [
        st.Page(
            f"pages/{name}.py",
            title=t(f"nav.{name}"),
            icon=icon,
            url_path=name,
            default=name == "home",
        )
        for name, icon in ICONS.items()
    ]
)
look.charts_soon()
sidebar.draw()
tour.draw(page.url_path or "home")
page.run()
