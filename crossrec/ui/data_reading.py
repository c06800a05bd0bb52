"""How the log is read where a person wants it otherwise: the limit of bad rows, the time zone."""

from dataclasses import replace
from typing import Final

import streamlit as st

from crossrec.data.meaning.times import time_zones
from crossrec.ui import inputs
from crossrec.ui.i18n import t
from crossrec.ui.tiles import tiles

_WIDTH: Final = 200  # pixels


def options() -> None:
    """The widgets; what they say goes into the link."""
    now = inputs.reading()
    limit, zone = tiles("reading", 2, least=_WIDTH)
    st.session_state["reading_limit"] = round(now.max_rejects * 100, 2)
    limit.number_input(
        t("data.reading.limit"),
        0.0,
        100.0,
        step=5.0,
        format="%g",
        key="reading_limit",
        help=t("data.reading.limit_help"),
        on_change=_keep_limit,
    )
    names = _zones()
    st.session_state["reading_zone"] = now.zone
    zone.selectbox(
        t("data.reading.zone"),
        names if now.zone in names else [now.zone, *names],
        key="reading_zone",
        help=t("data.reading.zone_help"),
        on_change=_keep_zone,
    )


def _keep_limit() -> None:
    share = float(st.session_state["reading_limit"]) / 100
    inputs.write_reading(replace(inputs.reading(), max_rejects=share))


def _keep_zone() -> None:
    inputs.write_reading(replace(inputs.reading(), zone=st.session_state["reading_zone"]))


@st.cache_data(show_spinner=False)
def _zones() -> list[str]:
    return time_zones()
