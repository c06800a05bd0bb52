"""The table of what transfer did to each user: sorted, paged, filtered; a row is a user to try."""

from typing import Any, Final

import pandas as pd
import streamlit as st

from crossrec.schema import USER
from crossrec.ui import user_pick
from crossrec.ui.format import number, plain
from crossrec.ui.i18n import t
from crossrec.ui.widgets import download_csv
from crossrec.workspace import Run
from crossrec.workspace.user_changes import CHANGE_COLUMNS, Page, UserFilter

SIZE: Final = 25
"""Rows of a page."""
EXPORTED: Final = 100_000
"""Rows of the file at most."""
ANY: Final = ""
FORMATS: Final = (("without", "%.3f"), ("with_transfer", "%.3f"), ("change", "%+.3f"))
WAYS: Final = ("down", "up")


def panel(run: Run, target: str) -> None:
    """The table, under its own heading; a click on a row shows that user."""
    shown = st.expander(
        t("user.table.title"), icon=":material/table_rows:", key="table", on_change="rerun"
    )
    if not shown.open:
        return
    with shown:
        st.caption(t("user.table.note"))
        only = _filters(run)
        order, descending = _order()
        _paged(run, target, only, order, descending=descending)


def _filters(run: Run) -> UserFilter:
    table = user_pick.changes_of(run)
    columns = table.profile_columns()
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        prefix = st.text_input(t("user.table.prefix"), key="table_prefix", max_chars=200, width=160)
        cohort = st.selectbox(
            t("user.table.cohort"),
            [ANY, "warm", "cold"],
            format_func=lambda name: t(f"cohort.{name or 'all'}"),
            key="table_cohort",
            width=190,
        )
        column = ANY
        if columns:
            column = st.selectbox(
                t("user.table.profile"),
                [ANY, *columns],
                format_func=lambda name: name or t("user.table.any"),
                key="table_profile",
                width=190,
            )
        profile = {}
        if column:
            values = table.profile_values(column)
            value = st.selectbox(
                plain(column),
                list(values),
                format_func=lambda one: f"{one or t('user.table.unknown')} ({number(values[one])})",
                key=f"table_value_{column}",
                width=190,
            )
            profile = {column: value}
    return UserFilter(prefix.strip(), cohort, 0, profile)


def _order() -> tuple[str, bool]:
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        order = st.selectbox(
            t("user.table.order"),
            CHANGE_COLUMNS,
            index=CHANGE_COLUMNS.index("change"),
            format_func=lambda name: t(f"user.table.{name}"),
            key="table_order",
            width=190,
        )
        way = st.segmented_control(
            t("user.table.way"),
            WAYS,
            format_func=lambda name: t(f"user.table.{name}"),
            default=WAYS[0],
            required=True,
            key="table_way",
        )
    return order, way != WAYS[1]


def _paged(run: Run, target: str, only: UserFilter, order: str, *, descending: bool) -> None:
    table = user_pick.changes_of(run)

    def rows(start: int, size: int) -> Page:
        return table.page(
            target, order=order, descending=descending, start=start, size=size, only=only
        )

    asked = str((target, only, order, descending))
    if st.session_state.setdefault("table_asked", asked) != asked:
        st.session_state["table_asked"] = asked
        st.session_state["table_page"] = 1
    at = st.session_state.get("table_page") or 1
    page = rows((at - 1) * SIZE, SIZE)
    if not page.total:
        st.caption(t("user.table.none"))
        return
    event = st.dataframe(
        page.table.rename(columns={name: t(f"user.table.{name}") for name in CHANGE_COLUMNS}),
        hide_index=True,
        key=f"table_rows_{at}_{asked}",
        on_select="rerun",
        selection_mode="single-row",
        column_config=_columns(),
    )
    pages = -(-page.total // SIZE)
    with st.container(horizontal=True, vertical_alignment="center"):
        if pages > 1:
            st.pagination(pages, key="table_page")
        st.caption(t("user.table.count", n=number(page.total)))
        download_csv(lambda: rows(0, EXPORTED).table, key="changes_csv", file_name="users.csv")
        _try(event, page.table)


def _try(event: Any, table: pd.DataFrame) -> None:
    chosen = event["selection"]["rows"]
    if chosen and chosen[0] < len(table):
        user = str(table[USER].iloc[chosen[0]])
        st.button(
            t("user.table.try", user=plain(user)),
            key="table_try",
            type="primary",
            on_click=user_pick.show,
            args=(user,),
        )


def _columns() -> dict[str, Any]:
    figures = {
        t(f"user.table.{name}"): st.column_config.NumberColumn(format=form)
        for name, form in FORMATS
    }
    return {**figures, t(f"user.table.{USER}"): st.column_config.TextColumn()}
