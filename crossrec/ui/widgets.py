"""The parts every page is made of: the answer, figures with tables, errors, empty states.

User text (titles, ids, scenario names) goes through :func:`crossrec.ui.format.plain` before it
reaches anything that renders markdown; ``st.dataframe`` and ``st.text`` need no escaping.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Literal

import pandas as pd
import streamlit as st

from crossrec.errors import CrossRecError
from crossrec.ui import demo, state
from crossrec.ui.format import csv_bytes, plain
from crossrec.ui.i18n import language, t
from crossrec.ui.spoken import spoken
from crossrec.workspace import Run

CHART_FONT = '"Source Sans", "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", sans-serif'
"""The font of the pages, for charts."""

CHART_CONFIG = {
    "displaylogo": False,
    "modeBarButtonsToRemove": ["sendDataToCloud", "autoScale2d"],
}
"""Plotly settings of every chart."""
FORMATS = ("png", "svg")
"""What the camera button of a chart makes."""


def answer(question: str, sentence: str, note: str = "") -> None:
    """Open a page: its question small, the answer as one large sentence made of numbers.

    Args:
        question: what the page answers, e.g. ``t("data.question")``.
        sentence: the answer; user text in it already went through ``plain``.
        note: one line below, for what qualifies the answer (sample sizes, what brackets mean).
    """
    with st.container(key="answer", gap="xsmall"):
        st.caption(question)
        st.header(sentence, anchor=False)
        if note:
            st.caption(note)


def section(title: str, note: str = "") -> None:
    """A heading inside a page, with an optional line that says what to look at."""
    st.subheader(title, anchor=False)
    if note:
        st.caption(note)


def figure_with_table(
    figure: Any,
    table: pd.DataFrame | Callable[[], None],
    caption: str,
    key: str,
    *,
    alt: str = "",
    on_select: Literal["ignore", "rerun"] = "ignore",
    selection_mode: str | tuple[str, ...] = ("points",),
    columns: Mapping[str, Any] | None = None,
    config: Mapping[str, Any] | None = None,
) -> Any:
    """Show a figure, or the same numbers as a table when the viewer asks for it.

    Beside the toggle stands a menu that saves the figure as PNG, SVG or one HTML file.

    Args:
        figure: a ``plotly.graph_objects.Figure`` or one as a dict
            (:func:`crossrec.ui.kept.figure`, not changed); it is shown in the page's font.
        table: the numbers of the figure, with column titles a person reads; or what draws them,
            where they are too many for one table.
        caption: what the figure shows and what its intervals mean (already escaped).
        key: widget key; the chart is ``key``, its block on the page ``.st-key-<key>_block``.
        alt: text alternative; the caption if not given.
        on_select: "rerun" where points can be chosen, as in ``st.plotly_chart``.
        selection_mode: how they are chosen, as in ``st.plotly_chart``.
        columns: ``column_config`` of the table.
        config: Plotly settings beyond :data:`CHART_CONFIG`.

    Returns:
        The selection event of the chart (``event["selection"]["points"]``), or None when
        nothing is selectable or the table is shown.
    """
    figure = _in_page_font(figure)
    with st.container(key=f"{key}_block", gap="small"):
        with st.container(
            horizontal=True, horizontal_alignment="right", vertical_alignment="center"
        ):
            as_table = st.toggle(t("common.as_table"), key=f"{key}_as_table")
            picture = figure_menu(figure, alt or caption, key)
        event = None
        if as_table:
            if isinstance(table, pd.DataFrame):
                table_with_download(table, key=f"{key}_table", columns=columns)
            else:
                table()
        else:
            event = st.plotly_chart(  # pyright: ignore[reportCallIssue]
                figure,
                key=key,
                alt=alt or caption,
                on_select=on_select,  # pyright: ignore[reportArgumentType]
                selection_mode=selection_mode,  # pyright: ignore[reportArgumentType]
                config={**CHART_CONFIG, **(config or {}), "toImageButtonOptions": picture},
                theme=None,
            )
        st.caption(caption)
    return event if on_select == "rerun" else None


def _in_page_font(figure: Any) -> Any:
    """The figure with the font of the pages: a new dict for a dict, which others may share."""
    if not isinstance(figure, dict):
        return figure.update_layout(font_family=CHART_FONT)
    layout = figure["layout"]
    font = {**layout.get("font", {}), "family": CHART_FONT}
    return {**figure, "layout": {**layout, "font": font}}


def figure_menu(figure: Any, caption: str, key: str) -> dict[str, Any]:
    """How to take a figure along: the format of its camera button, and the file that stands alone.

    The browser itself makes PNG and SVG, so no program has to be installed and nothing is sent.

    Returns:
        Plotly's ``toImageButtonOptions``.
    """
    with st.popover(t("figure.save"), icon=":material/download:", type="tertiary"):
        kind = st.segmented_control(
            t("figure.format"),
            FORMATS,
            format_func=str.upper,
            default=FORMATS[0],
            required=True,
            key=f"{key}_format",
            help=t("figure.format_help"),
        )
        lang, theme = language(), state.theme()

        def page() -> bytes:
            from crossrec import plots  # Plotly is slow to import: not before a figure is asked for

            return plots.standalone(figure, caption, theme=theme, lang=lang).encode()

        st.download_button(
            t("figure.html"),
            data=page,
            file_name=f"{key}.html",
            mime="text/html",
            key=f"{key}_html",
            on_click="ignore",
            icon=":material/code:",
            type="tertiary",
        )
    return {"format": kind or FORMATS[0], "filename": key, "scale": 2}


def paged_table(
    rows: int,
    page_of: Callable[[slice], pd.DataFrame],
    key: str,
    *,
    size: int = 100,
    columns: Mapping[str, Any] | None = None,
    file_name: str = "",
) -> None:
    """A long table, a page at a time; the file below it holds all of it and is made on click.

    Args:
        rows: how many there are.
        page_of: makes any piece of the table.
        key: widget key of the table; its pager is ``<key>_page``.
        size: rows a page.
        columns: ``column_config`` of the table.
        file_name: of the CSV file; ``<key>.csv`` if not given.
    """
    pages = max(1, -(-rows // size))
    first = (min(st.session_state.get(f"{key}_page", 1), pages) - 1) * size
    st.dataframe(
        page_of(slice(first, first + size)),
        hide_index=True,
        key=key,
        column_config=columns,
        height="auto" if rows <= 8 else 320,
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        download_csv(
            lambda: page_of(slice(None)), key=f"{key}_csv", file_name=file_name or f"{key}.csv"
        )
        if pages > 1:
            st.pagination(pages, key=f"{key}_page")
            last = min(first + size, rows)
            st.caption(
                t("common.rows", first=f"{first + 1:,}", last=f"{last:,}", total=f"{rows:,}"),
                width="content",
            )


def table_with_download(
    table: pd.DataFrame,
    key: str,
    *,
    columns: Mapping[str, Any] | None = None,
    file_name: str = "",
    height: int | Literal["auto"] = "auto",
) -> None:
    """A table without row numbers, and below it the same as a CSV file."""
    st.dataframe(table, hide_index=True, column_config=columns, key=key, height=height)
    download_csv(table, key=f"{key}_csv", file_name=file_name or f"{key}.csv")


def download_csv(
    table: pd.DataFrame | Callable[[], pd.DataFrame],
    key: str,
    file_name: str,
    *,
    label: str = "",
) -> None:
    """A download button; the file is made on click (give a callable for a costly table)."""

    def content() -> bytes:
        return csv_bytes(table() if callable(table) else table)

    st.download_button(
        label or t("common.download_csv"),
        data=content,
        file_name=file_name,
        mime="text/csv",
        key=key,
        on_click="ignore",
        icon=":material/download:",
        type="tertiary",
    )


def error_box(error: CrossRecError) -> None:
    """A deliberate error: what was expected, what was found, what to do."""
    lines = [f"**{plain(error.expected[:1].upper() + error.expected[1:])}**"]
    if error.found:
        lines.append(t("common.found", found=plain(error.found)))
    if error.action:
        lines.append(t("common.todo", action=plain(spoken(error.action))))
    st.error("\n\n".join(lines), icon=":material/error:")


def plot_words(key: str, **values: object) -> str:
    """The words of figures (:data:`crossrec.plots.ENGLISH`) in the language of this page.

    Hand it to every figure as ``words=plot_words``.
    """
    return t(f"plot.{key}", **values)


@contextmanager
def errors_shown() -> Iterator[None]:
    """Show a deliberate error as :func:`error_box` where it happens; the rest of the page goes on.

    Programmer's mistakes pass through.
    """
    try:
        yield
    except CrossRecError as error:
        error_box(error)


def run_or_stop(question: str) -> Run:
    """The run this page shows; without one, say so, offer the ways out, and end the page.

    Args:
        question: what the page answers.
    """
    shown = state.run()
    if shown is None:
        answer(question, t("empty.no_run.title"), t("empty.no_run.body"))
        demo_box, own_box = st.columns(2, gap="medium")
        with demo_box.container(border=True, height="stretch"):
            demo.invitation()
        with own_box.container(border=True, height="stretch"):
            own_data()
        st.stop()
    return shown


def go_button(label: str, page: str, key: str, *, query: Mapping[str, str], **look: Any) -> None:
    """A button that opens another page.

    Args:
        label: what stands on it.
        page: name of the page, e.g. "transfer".
        key: widget key.
        query: the link's parameters there; usually ``state.here(run)``.
        **look: ``type``, ``icon`` ... of ``st.button``.
    """
    if st.button(label, key=key, **look):
        st.switch_page(f"pages/{page}.py", query_params=dict(query))


def own_data() -> None:
    """The way to the analyst's own data."""
    st.subheader(t("home.own.title"), anchor=False)
    st.markdown(t("home.own.body"))
    query = {**state.here(), "new": "1"}
    go_button(t("home.own.button"), "data", "go_data", query=query, icon=":material/upload:")


def empty_state(title: str, body: str) -> Any:
    """A calm box for a part of a page that has nothing to show.

    Returns:
        The box; put the way out into it (``with empty_state(...): st.page_link(...)``).
    """
    box = st.container(border=True)
    with box:
        st.subheader(title, anchor=False)
        st.markdown(body)
    return box
