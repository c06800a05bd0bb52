"""Which column is which: what was recognised, how surely, open to correction, with first rows."""

from typing import Final

import pandas as pd
import streamlit as st

from crossrec.data.reading.mapping import EXACT, GIVEN, ColumnMap, profile_columns
from crossrec.errors import ColumnMissing, CrossRecError
from crossrec.schema import SCENARIO, USER
from crossrec.ui import data_looks, data_reading
from crossrec.ui.data_looks import NAMES, NEEDED, Table
from crossrec.ui.data_words import delimiter, encoding, said
from crossrec.ui.format import plain
from crossrec.ui.i18n import has, t
from crossrec.ui.tiles import tiles
from crossrec.ui.widgets import error_box

WIDTH: Final = 170  # pixels of a column's box at least
_RED: Final = ":red[{}]"
_ORANGE: Final = ":orange[{}]"


def editor(tables: dict[str, Table], *, expanded: bool) -> None:
    """A tab per table: what the file is, its columns, its first rows."""
    with st.expander(t("data.mapping.title"), expanded=expanded, icon=":material/view_column:"):
        st.caption(t("data.mapping.note"))
        tabs = st.tabs([t(f"data.table.{kind}") for kind in tables])
        for tab, table in zip(tabs, tables.values(), strict=True):
            with tab:
                _facts(table)
                _columns(table)
                if table.kind == "log":
                    data_reading.options()
                _rows(table)
                _saved(table)


def _facts(table: Table) -> None:
    """How the file is read, in words."""
    first = table.first
    parts = []
    if first.layout:
        parts.append(f"**{plain(first.layout)}**")
    parts.append(t(f"data.kind.{first.kind}") if has(f"data.kind.{first.kind}") else first.kind)
    if first.encoding != first.kind:
        parts.append(t("data.fact.encoding", encoding=plain(encoding(first.encoding))))
    if first.delimiter:
        shown = plain(delimiter(first.delimiter))
        parts.append(t("data.fact.delimiter", delimiter=shown))
    parts.append(t("data.fact.columns", n=len(first.columns)))
    with st.container(key=f"facts_{table.kind}", gap="xsmall"):
        st.markdown(" · ".join(parts))
        if first.note:
            st.caption(plain(said(first.note)))
        if len(table.looks) > 1:
            names = ", ".join(plain(one.name) for one in table.looks[:6])
            st.caption(t("data.fact.files", n=len(table.looks), names=names))
        if table.remembered:
            st.caption(t("data.mapping.remembered"))


def _columns(table: Table) -> None:
    kind, shown = table.kind, table.shown
    names = NAMES[kind]
    for tile, name in zip(tiles(f"columns_{kind}", len(names), least=WIDTH), names, strict=True):
        with tile.container(gap="xsmall"):
            _column(table, name, shown)
    if kind == "users":
        others = profile_columns(table.first.columns, shown)
        listed = ", ".join(plain(name) for name in others[:30]) or "–"
        st.caption(t("data.mapping.profile", n=len(others), columns=listed))


def _column(table: Table, name: str, shown: ColumnMap) -> None:
    kind = table.kind
    widget = f"map_{name}" if kind == "log" else f"map_{kind}_{name}"
    st.session_state[widget] = shown.get(name) or ""
    needed = t("data.mapping.needed") if name in NEEDED[kind] else ""
    st.selectbox(
        t(f"column.{name}") + needed,
        ["", *table.first.columns],
        format_func=lambda header: header or t("data.mapping.unused"),
        key=widget,
        help=t(f"column.{name}_help"),
        on_change=lambda: data_looks.keep_column(kind, name, st.session_state[widget]),
    )
    if shown.get(name):
        st.caption(_certainty(shown, name))
    elif name == SCENARIO and kind == "log" and (constant := table.constant):
        st.caption(t("data.mapping.constant", scenario=plain(constant)))
    elif (asked := table.asked.get(name)) and name not in table.given.columns:
        st.button(
            t("data.mapping.ask", column=plain(asked)),
            key=f"ask_{kind}_{name}",
            type="tertiary",
            icon=":material/help:",
            on_click=data_looks.keep_column,
            args=(kind, name, asked),
        )
    elif name in NEEDED[kind]:
        st.caption(_RED.format(t("data.mapping.missing")))


def _certainty(shown: ColumnMap, name: str) -> str:
    """How sure the mapping of one column is, in a word."""
    level = shown.confidence.get(name)
    if level == GIVEN:
        return t("data.mapping.given")
    return t("data.mapping.exact") if level == EXACT else _ORANGE.format(t("data.mapping.likely"))


def _rows(table: Table) -> None:
    """The first rows; columns that are used come first and are named by what they mean."""
    rows, meaning = table.first.rows, {}
    for name, header in table.shown.columns.items():
        if header in rows.columns:
            meaning[header] = f"{t(f'column.{name}')} · {header}"
    order = [*meaning, *(header for header in rows.columns if header not in meaning)]
    st.caption(t("data.preview.note", n=len(rows)))
    shown = rows[order].set_axis([meaning.get(header, header) for header in order], axis="columns")
    if table.constant:  # no column of the file: its layout says it of every row
        shown.insert(len(meaning), t("data.mapping.every_row"), table.constant)
    st.dataframe(
        shown,
        hide_index=True,
        height=min(300, 38 + 35 * max(len(rows), 1)),
        key=f"preview_{table.kind}" if table.kind != "log" else "preview",
    )
    if bad := table.first.rejects:
        names = [t(f"data.rejects.{name}") for name in ("line", "value", "reason")]
        st.caption(t("data.preview.bad", n=len(bad)))
        listed = [(one.line, one.value, said(one.reason)) for one in bad[:5]]
        shown = pd.DataFrame(listed, columns=names)
        st.dataframe(shown, hide_index=True, key=f"preview_bad_{table.kind}")


def _saved(table: Table) -> None:
    """Save the map as JSON, or take one that was saved."""
    kind = table.kind
    with st.container(horizontal=True, vertical_alignment="center", key=f"map_tools_{kind}"):
        st.download_button(
            t("data.mapping.save"),
            data=lambda: (table.shown.to_json() + "\n").encode(),
            file_name=f"mapping_{kind}.json",
            mime="application/json",
            key=f"map_save_{kind}",
            on_click="ignore",
            icon=":material/download:",
            type="tertiary",
        )
        with st.popover(t("data.mapping.use_saved"), type="tertiary", icon=":material/upload:"):
            st.file_uploader(
                t("data.mapping.use_saved_help"),
                type=["json"],
                key=f"map_load_{kind}",
                on_change=_load,
                args=(table,),
            )
    if (refused := st.session_state.pop(f"_map_refused_{kind}", None)) is not None:
        error_box(refused)


def _load(table: Table) -> None:
    """Use a saved map once, when it is chosen: what is corrected afterwards stays."""
    given = st.session_state[f"map_load_{table.kind}"]
    if given is not None:
        try:
            data_looks.keep(table, _read_saved(table, given.getvalue()))
        except CrossRecError as error:
            st.session_state[f"_map_refused_{table.kind}"] = error


def _read_saved(table: Table, content: bytes) -> dict[str, str]:
    """The columns of a saved map that this file has, over what was corrected before."""
    try:
        held = ColumnMap.from_json(content.decode("utf-8"))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ColumnMissing(
            "expected a column map as it was saved here", str(error)[:120], "Save it again"
        ) from error
    fitting = {
        name: header
        for name, header in held.columns.items()
        if name in NAMES[table.kind] and (not header or header in table.first.columns)
    }
    if not any(fitting.values()):
        raise ColumnMissing(
            "expected a saved map for columns of this file",
            ", ".join(map(str, held.columns.values()))[:120] or "no columns",
            "Choose the map that was saved for such a file",
        )
    return {**table.given.columns, **fitting}


def ready(tables: dict[str, Table]) -> bool:
    """Whether every needed column is known; says which is not."""
    for kind, table in tables.items():
        if table.missing:
            columns = ", ".join(t(f"column.{name}") for name in table.missing)
            st.warning(
                t("data.mapping.incomplete", table=t(f"data.table.{kind}"), columns=columns),
                icon=":material/view_column:",
            )
    return not any(table.missing for table in tables.values())


def user_columns(tables: dict[str, Table]) -> tuple[str, ...]:
    """Profile columns of the user table; none without one."""
    if "users" not in tables:
        return ()
    table = tables["users"]
    return profile_columns(table.first.columns, ColumnMap({USER: table.shown.get(USER) or ""}))
