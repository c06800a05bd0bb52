"""Features: what did the language model see?"""

import pandas as pd
import streamlit as st

from crossrec import language, plots
from crossrec.ui import lengths, pick, state
from crossrec.ui.format import duration, number, plain
from crossrec.ui.i18n import t
from crossrec.ui.widgets import (
    answer,
    errors_shown,
    figure_with_table,
    go_button,
    plot_words,
    run_or_stop,
    section,
    table_with_download,
)
from crossrec.workspace import Run

NEIGHBOURS = 10


def headline(run: Run) -> None:
    features, catalog = state.read(run, "features"), state.read(run, "catalog")
    with_text = int(features.vectors.any(axis=1).sum())
    if features.encoder == language.NO_TEXT:
        answer(t("features.question"), t("features.answer_no_text"))
        return
    answer(
        t("features.question"),
        t(
            "features.answer",
            encoder=plain(features.encoder),
            n=number(with_text),
            total=number(len(catalog)),
        ),
        t("features.answer_note", dim=features.dim),
    )


def sent(run: Run, item: str) -> None:
    """The exact text of one item, its tokens, and where it is cut."""
    with st.spinner(t("features.loading")):
        seen = lengths.preview(run, item)
    limit = t("features.of_limit", limit=seen.limit) if seen.limit else ""
    st.caption(t("features.tokens", n=len(seen.tokens)) + limit)
    if not seen.sent:
        st.caption(t("features.no_text"))
        return
    st.code(seen.read, language=None, wrap_lines=True)
    if seen.truncated:
        st.caption(t("features.cut"))
        st.code(seen.cut, language=None, wrap_lines=True)
    with st.expander(t("features.show_tokens")):
        st.code("  ".join(seen.tokens), language=None, wrap_lines=True)


def alike(run: Run, item: str) -> None:
    """The items whose vectors point the same way."""
    catalog = state.read(run, "catalog")
    near = language.neighbours(state.read(run, "features"), item, NEIGHBOURS)
    if near.empty:
        st.caption(t("features.no_text"))
        return
    ids = near["item_id"].to_numpy()
    table_with_download(
        pd.DataFrame(
            {
                t("features.neighbour"): catalog.titles_of(ids),
                t("column.scenario"): pick.scenarios_of(run, ids),
                t("features.similarity"): near["similarity"],
            }
        ),
        key="neighbours",
        columns={
            t("features.similarity"): st.column_config.NumberColumn(format="%.2f", width="small")
        },
    )


def token_lengths(run: Run) -> None:
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


def other_encoders(run: Run) -> None:
    section(t("features.other.title"), t("features.other.note"))
    choice, cost = st.columns([2, 3], gap="large")
    with choice:
        encoder = st.selectbox(
            t("features.other.encoder"),
            lengths.ENCODERS,
            index=None,
            placeholder=t("features.other.choose"),
            format_func=lambda name: t(f"encoder.{name}"),
            key="other_encoder",
        )
    if encoder is None:
        return
    with cost, errors_shown():
        with st.spinner(t("features.loading")):
            found = lengths.cost(run, encoder)
        time = duration(found.seconds) if found.new else t("features.other.nothing")
        st.markdown(
            t(
                "features.other.cost",
                distinct=number(found.distinct),
                cached=number(found.cached),
                new=number(found.new),
                time=time,
            )
        )
        go_button(
            t("features.other.use"),
            "data",
            "use_encoder",
            query={**state.here(), "encoder": encoder},
        )


run = run_or_stop(t("features.question"))
with errors_shown():
    headline(run)
    section(t("features.item.title"), t("features.item.note"))
    item = pick.item_picker(state.read(run, "catalog"), "features")
    if item is not None:
        left, right = st.columns(2, gap="large")
        with right:
            st.markdown(f"**{t('features.alike')}**")
            alike(run, item)
        with left, errors_shown():
            st.markdown(f"**{t('features.sent')}**")
            sent(run, item)
    if state.read(run, "features").encoder != language.NO_TEXT:
        token_lengths(run)
    other_encoders(run)
