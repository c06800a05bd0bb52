"""Which attributes of the items connect two scenarios: a part of the verdicts."""

from typing import Final

import numpy as np
import streamlit as st

from crossrec.language.attributes import VALUE
from crossrec.ui import knowledge, state
from crossrec.ui.format import number, plain
from crossrec.ui.i18n import t
from crossrec.ui.widgets import section, table_with_download
from crossrec.workspace import Run

BEYOND_CHANCE: Final = 2.0
"""Users above the expected number, in its standard deviations (Poisson), from which on it tells."""


def show(checked: Run) -> None:
    """What a run on the same files read of the items, else what the catalogue states."""
    section(t("data.attributes.title"), t("data.attributes.note"))
    run = knowledge.read_by(checked)
    if run is None:
        found, origin = state.read(checked, "audit").attribute_bridges, t("data.attributes.stated")
    else:
        least = max(state.least_shown(checked), state.least_shown(run))
        found, reader = knowledge.bridges_of(run, least)
        origin = t("data.attributes.read", reader=plain(reader), run=plain(run.name or run.id))
    if found is None:
        st.caption(t("data.attributes.none"))
        return
    if found.empty:
        st.caption(f"{origin} {t('data.attributes.apart')}")
        return
    users, expected = (found[name].to_numpy(dtype=float) for name in ("users", "expected"))
    surplus = (users - expected) / np.sqrt(expected)
    first = found.iloc[int(surplus.argmax())]
    st.markdown(
        t(
            "data.attributes.first" if surplus.max() >= BEYOND_CHANCE else "data.attributes.chance",
            value=plain(first[VALUE]),
            source=plain(first["source"]),
            target=plain(first["target"]),
            users=number(first["users"]),
            expected=number(first["expected"], 1),
        )
    )
    names = [t(f"bridges.column.{name}") for name in found.columns]
    decimals = st.column_config.NumberColumn(format="%.1f")
    st.caption(origin)
    with st.expander(t("data.attributes.all", n=number(len(found)))):
        table_with_download(
            found.set_axis(names, axis="columns"),
            key="attribute_bridges",
            file_name="attribute_bridges.csv",
            columns={t(f"bridges.column.{name}"): decimals for name in ("expected", "lift")},
        )
