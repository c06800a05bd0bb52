"""What was chosen on the map: the points as a table, one point closely, and the ways onward."""

from collections.abc import Callable
from typing import Final

import numpy as np
import pandas as pd
import streamlit as st

from crossrec import language, plots
from crossrec.schema import ITEM, SCENARIO
from crossrec.ui import map_draw, map_points, selection, state
from crossrec.ui.format import number, plain
from crossrec.ui.i18n import t
from crossrec.ui.map_draw import Touched
from crossrec.ui.map_points import Points
from crossrec.ui.widgets import go_button, paged_table, section, table_with_download
from crossrec.workspace import lookup

NEIGHBOURS: Final = 10
KEPT_AT_ONCE: Final = 50_000
"""A selection up to so many points goes into the link as it is made; a larger one when sent on."""
_LASSO: Final = "_map_lasso"


def show(points: Points, touched: Touched, words: str, found: np.ndarray) -> None:
    """The part below the map: a selection, a clicked or marked point, or what was searched."""
    event = touched.selection
    if event.get("lasso") or event.get("box"):
        rows = plots.selected_rows(*points.xy, event)
        st.session_state[_LASSO] = True
        _keep_in_link(points, rows)
        _selected(points, rows, t("map.selected", n=number(len(rows))))
        return
    if st.session_state.pop(_LASSO, False) and not touched.fresh:
        state.set_param(selection.PARAM, None)  # it was taken off on the chart
    if event.get("points"):
        data = event["points"][0].get("customdata", 0)
        _one(points, int(data[0] if isinstance(data, list) else data))
        return
    linked = map_points.linked(points, state.param(selection.PARAM))
    marked = points.rows_of([state.param(map_draw.AT)]) if state.param(map_draw.AT) else []
    if linked is not None:
        _selected(points, linked, t("map.selected_link", n=number(len(linked))))
    elif len(marked):
        _one(points, int(marked[0]))
    elif words:
        _selected(points, found, t("map.hits", n=number(len(found))))


def _keep_in_link(points: Points, rows: np.ndarray) -> None:
    if 0 < len(rows) <= KEPT_AT_ONCE:
        state.set_param(selection.PARAM, _keep(points, rows))
    else:
        state.set_param(selection.PARAM, None)


def _keep(points: Points, rows: np.ndarray) -> str:
    mine = points.table.iloc[points.most_active(rows)]
    ids = mine[points.column].to_numpy(dtype=object)
    return selection.keep(points.run, points.kind, ids, mine[SCENARIO].to_numpy(dtype=object)).id


def _selected(points: Points, rows: np.ndarray, title: str) -> None:
    section(title, t("map.selection_note") if len(rows) else "")
    if not len(rows):
        return
    st.caption(map_points.by_scenario(points, rows))
    order, listed = points.most_active(rows), _listing(points)
    paged_table(len(rows), lambda part: listed(order[part]), key="selection")
    with st.container(horizontal=True):
        _onward(points, rows)
        if state.param(selection.PARAM):
            st.button(t("map.clear"), key="map_clear", on_click=map_draw.take_off, type="tertiary")


def _listing(points: Points) -> Callable[[np.ndarray], pd.DataFrame]:
    """Makes rows a table that a person reads; titles are looked up only there.

    The words of its head are taken now: a file is made later, where the language is not known.
    """
    names = [points.column, *(["title"] if points.kind == "items" else []), SCENARIO]
    heads = [*(t(f"column.{name}") for name in names), t(f"map.count.{points.kind}")]

    def listed(rows: np.ndarray) -> pd.DataFrame:
        mine = points.table.iloc[rows]
        columns = [mine[points.column], mine[SCENARIO], mine["count"]]
        if points.kind == "items":
            columns.insert(1, map_points.titles(points, rows))
        values = (np.asarray(column) for column in columns)
        return pd.DataFrame(dict(zip(heads, values, strict=True)))

    return listed


def _onward(points: Points, rows: np.ndarray) -> None:
    """The selection on its way to another page."""
    kind = points.kind
    with st.container(horizontal=True, gap="small"):
        sent = st.button(
            t(f"map.send.{kind}"),
            key="map_send",
            type="primary",
            help=t(f"map.send.{kind}_help"),
            icon=":material/arrow_forward:",
        )
        why = kind == "users" and st.button(
            t("map.send.why"), key="map_why", help=t("map.send.why_help"), icon=":material/search:"
        )
    if not sent and not why:
        return
    query = {**state.here(points.run), selection.PARAM: _keep(points, rows)}
    if why:
        st.switch_page("pages/user.py", query_params={**query, "more": "cohort"})
    if kind == "users":
        st.switch_page("pages/transfer.py", query_params=query)
    from crossrec.ui.user_pick import MADE_UP  # loads torch: not before it must

    st.session_state["kind"], st.session_state["way"] = MADE_UP, "map"
    st.switch_page("pages/user.py", query_params=query)


def _one(points: Points, row: int) -> None:
    """One point: an item with its nearest in the original space, or a user in all scenarios."""
    if points.kind == "users":
        _user(points, row)
    else:
        _item(points, row)


def _item(points: Points, row: int) -> None:
    run, item = points.run, str(points.table[ITEM].iloc[row])
    section(
        t("map.neighbours", item=plain(map_points.titles(points, np.array([row]))[0])),
        t("map.neighbours_note"),
    )
    near = language.neighbours(state.read(run, "features"), item, NEIGHBOURS)
    ids = near[ITEM].to_numpy(dtype=object)
    table_with_download(
        pd.DataFrame(
            {
                t("column.title"): lookup.titles_of(run, ids),
                t("column.scenario"): _homes(points, ids),
                t("features.similarity"): near["similarity"],
            }
        ),
        key="near",
        columns={t("features.similarity"): st.column_config.NumberColumn(format="%.2f")},
    )
    with st.container(horizontal=True):
        _mark(item)


def _homes(points: Points, ids: np.ndarray) -> list[str]:
    """The scenarios each item is on the map in."""
    mine = points.table.iloc[points.rows_of(ids.tolist())]
    homes = mine.groupby(ITEM)[SCENARIO].agg(", ".join).to_dict()
    return [homes.get(item, "") for item in ids]


def _user(points: Points, row: int) -> None:
    user = str(points.table[points.column].iloc[row])
    rows = points.rows_of([user])
    section(plain(user), t("map.user_places", n=number(len(rows))))
    mine = points.table.iloc[rows]
    table_with_download(
        pd.DataFrame({t("column.scenario"): mine[SCENARIO], t("map.count.users"): mine["count"]}),
        key="places",
    )
    with st.container(horizontal=True):
        where = str(points.table[SCENARIO].iloc[row])
        query = {**state.here(points.run), "user": user, "scenario": where}
        go_button(t("map.open_user"), "user", "map_user", query=query, type="primary")
        _mark(user)


def _mark(name: str) -> None:
    """Ring a point, and join a user's points; it stands in the link."""
    marked = state.param(map_draw.AT) == name
    st.button(
        t("map.unmark" if marked else "map.show_at"),
        key="map_mark",
        on_click=state.set_param,
        args=(map_draw.AT, None if marked else name),
    )
