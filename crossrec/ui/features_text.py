"""The Features page on texts: one item as it was sent, its neighbours, lengths, languages."""

from typing import Literal

import pandas as pd
import streamlit as st

from crossrec import language, plots
from crossrec.ui import lengths, pick, reading, state
from crossrec.ui.format import number, percent, plain
from crossrec.ui.i18n import t
from crossrec.ui.widgets import (
    errors_shown,
    figure_with_table,
    plot_words,
    section,
    table_with_download,
)
from crossrec.workspace import Run

NEIGHBOURS = 10
_TOKENS_SHOWN = 600
_ENGLISH_ONLY = (language.MINILM, language.SMOLLM)
_MANY = 0.01  # share of texts in other scripts from which on a warning is worth its place


def texts_panel(run: Run) -> None:
    """All about what was read: an item, the lengths of all, their languages, the vectors."""
    section(t("features.item.title"), reading.summary(reading.of_run(run)))
    item = pick.item_picker(state.read(run, "catalog"), "features")
    if item is not None:
        left, right = st.columns([2, 3], gap="large")
        with right:
            st.markdown(f"**{t('features.alike')}**")
            _alike(run, item)
        with left, errors_shown():
            st.markdown(f"**{t('features.sent')}**")
            with st.spinner(t("features.loading")):
                seen = lengths.preview(run, item)
            sent(seen)
    if state.read(run, "features").encoder == language.NO_TEXT:
        return
    with errors_shown():
        _token_lengths(run)
    with errors_shown():
        _languages(run)
    _vectors(run)


def sent(seen: language.Preview) -> None:
    """The exact text of one item, its tokens, and where it is cut."""
    if not seen.sent:
        st.caption(t("features.no_text"))
        return
    words = "features.tokens" if seen.tokens else "features.tokens_about"
    line = t(words, n=number(seen.count))
    if seen.limit and seen.pieces == 1:
        line += t("features.of_limit", limit=number(seen.limit))
    if seen.pieces > 1:
        line += t("features.pieces", n=number(seen.pieces))
    st.caption(line)
    st.code(seen.read, language=None, wrap_lines=True, height=_height(seen.read))
    if seen.truncated:
        st.caption(t("features.cut"))
        st.code(seen.cut, language=None, wrap_lines=True, height=_height(seen.cut))
    if seen.ending:
        st.caption(t("features.asked"))
        st.code(seen.ending, language=None, wrap_lines=True)
    if seen.tokens:
        with st.expander(t("features.show_tokens")):
            shown = "  ".join(seen.tokens[:_TOKENS_SHOWN])
            more = " …" if len(seen.tokens) > _TOKENS_SHOWN else ""
            st.code(shown + more, language=None, wrap_lines=True, height=_height(shown))


def _height(text: str) -> int | Literal["content"]:
    """A long text scrolls in its box, so that what stands below stays in sight."""
    return 260 if len(text) > 900 else "content"


def _alike(run: Run, item: str) -> None:
    """The items whose vectors point the same way."""
    catalog = state.read(run, "catalog")
    near = language.neighbours(state.read(run, "features"), item, NEIGHBOURS, distinct=True)
    if near.empty:
        st.caption(t("features.no_text"))
        return
    ids = near["item_id"].to_numpy()
    table = {
        t("features.similarity"): near["similarity"],
        t("features.neighbour"): catalog.titles_of(ids),
        t("column.scenario"): pick.scenarios_of(run, ids),
    }
    if max(near["alike"].tolist()) > 1:
        table[t("features.same_text")] = near["alike"]
    table_with_download(
        pd.DataFrame(table),
        key="neighbours",
        columns={
            t("features.similarity"): st.column_config.NumberColumn(format="%.2f", width=70),
            t("features.neighbour"): st.column_config.TextColumn(width="medium"),
            t("features.same_text"): st.column_config.NumberColumn(width=90),
        },
    )


def _token_lengths(run: Run) -> None:
    section(t("features.lengths.title"), t("features.lengths.note"))
    with st.spinner(t("features.loading")):
        found = lengths.histogram(run)
    facts = {"limit": found.limit, "truncated": found.truncated}
    figure_with_table(
        plots.token_figure(found.bins, **facts, theme=state.theme(), words=plot_words),
        found.bins.set_axis(
            [t("features.lengths.low"), t("features.lengths.high"), t("features.lengths.items")],
            axis=1,
        ),
        t("features.lengths.caption", n=number(found.read), median=number(found.median)),
        key="tokens",
        alt=plots.token_alt(found.bins, **facts, median=found.median, words=plot_words),
    )


def _languages(run: Run) -> None:
    """The share of texts by script, per scenario; a warning where the encoder cannot read them."""
    found = lengths.scripts(run)
    overall = dict(found.loc[found["scenario"] == "", ["script", "share"]].to_numpy())
    section(t("features.scripts.title"), t("features.scripts.note"))
    encoder = state.read(run, "features").encoder
    foreign = float(1 - overall.get("latin", 0.0) - overall.get("none", 0.0))
    if encoder in _ENGLISH_ONLY and foreign > _MANY:
        st.warning(
            t("features.scripts.warning", encoder=plain(encoder), share=percent(foreign)),
            icon=":material/translate:",
        )
    if len(overall) == 1:
        st.markdown(t("features.scripts.one", script=t(f"script.{next(iter(overall))}")))
        return
    groups = {
        str(name): dict(part[["script", "share"]].to_numpy())
        for name, part in found.groupby("scenario", sort=False)
    }
    shown = {t("column.scenario"): [name or t("features.scripts.all") for name in groups]}
    for script in overall:
        shown[t(f"script.{script}")] = [100 * part.get(script, 0.0) for part in groups.values()]
    table_with_download(
        pd.DataFrame(shown),
        key="scripts",
        columns={
            t(f"script.{name}"): st.column_config.ProgressColumn(
                format="%.1f%%", min_value=0, max_value=100
            )
            for name in overall
        },
    )


def _vectors(run: Run) -> None:
    """All vectors with their ids, as a file."""
    table = state.read(run, "features")
    with st.container(horizontal=True, vertical_alignment="center"):
        st.download_button(
            t("features.vectors.button"),
            data=lambda: language.vectors_parquet(table),
            file_name="vectors.parquet",
            mime="application/vnd.apache.parquet",
            key="vectors_parquet",
            on_click="ignore",
            icon=":material/download:",
        )
        st.caption(
            t("features.vectors.note", n=number(len(table.items)), dim=number(table.dim)),
            width="content",
        )
