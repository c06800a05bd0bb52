"""The Features page on encoders: reading the items another way, and which way fits them best."""

import hashlib
import json
from dataclasses import replace
from typing import Any

import pandas as pd
import streamlit as st

from crossrec import language
from crossrec.errors import DataError
from crossrec.ui import features_text, lengths, pick, reading, state, work
from crossrec.ui.format import duration, interval, number, percent, plain
from crossrec.ui.i18n import t
from crossrec.ui.reading import ReadingChoice
from crossrec.ui.widgets import errors_shown, section, table_with_download
from crossrec.workspace import Run

VERB = "compare_encoders"
OWN = "own"
EXAMPLE = "http://127.0.0.1:11434/v1#nomic-embed-text"
_MOST_DIM = 1024


def encoders_panel(run: Run) -> None:
    """Choose how to read the items, see its cost and its text, use it; compare encoders."""
    section(t("features.other.title"), t("features.other.note"))
    with errors_shown():
        choice = _choice(run)
        if choice is not None:
            _chosen(run, choice)
    with errors_shown():
        _comparison(run, choice or reading.of_run(run))


def _choice(run: Run) -> ReadingChoice | None:
    """The form: encoder, columns, long texts, numbers kept. None while a name is missing."""
    before = reading.remembered() or reading.of_run(run)
    catalog = state.read(run, "catalog")
    left, right = st.columns([2, 3], gap="large")
    names = [*lengths.ENCODERS, OWN]
    known = before.encoder if before.encoder in names else OWN
    with left:
        encoder = st.selectbox(
            t("features.other.encoder"),
            names,
            index=names.index(known),
            format_func=lambda name: t(f"encoder.{name}"),
            key="other_encoder",
        )
        if encoder == OWN:
            typed = st.text_input(
                t("features.own.name"),
                value="" if known != OWN else before.encoder,
                placeholder=EXAMPLE,
                help=t("features.own.help"),
                max_chars=500,
                key="other_own",
            )
            encoder = typed.strip()
            st.caption(t("features.own.note", variable=language.KEY_VARIABLE))
    columns = list(language.readable_columns(catalog))
    with right:
        chosen = st.multiselect(
            t("features.template.columns"),
            columns,
            default=[name for name in before.columns if name in columns],
            help=t("features.template.help"),
            key="other_columns",
        )
    with st.container(horizontal=True, vertical_alignment="bottom", gap="large"):
        dim = st.number_input(
            t("features.template.dim"),
            2,
            _MOST_DIM,
            value=before.dim,
            placeholder=t("features.template.all"),
            help=t("features.template.dim_help"),
            key="other_dim",
            width=220,
        )
        is_whole = st.toggle(
            t("features.template.whole"),
            value=before.whole,
            help=t("features.template.whole_help"),
            key="other_whole",
            width="content",
        )
    if not encoder:
        return None
    return replace(before, encoder=encoder, columns=tuple(chosen), whole=is_whole, dim=dim)


def _chosen(run: Run, choice: ReadingChoice) -> None:
    """What reading this way would cost and send, and the button that uses it."""
    if not choice.columns:
        raise DataError(t("features.template.none"))
    left, right = st.columns([2, 3], gap="large")
    with left, errors_shown():
        with st.spinner(t("features.loading")):
            found = lengths.cost(run, choice)
        _cost(found, is_server="://" in choice.encoder)
        if st.button(t("features.other.use"), key="use_encoder", icon=":material/arrow_forward:"):
            reading.remember(choice)
            st.switch_page("pages/data.py", query_params=state.here())
    with right, errors_shown():
        item = state.param("item") or _first(run)
        with st.expander(t("features.template.example"), expanded=True):
            features_text.sent(lengths.preview(run, item, choice))


def _first(run: Run) -> str:
    return str(pick.matches(state.read(run, "catalog"), "", 1)[0])


def _cost(found: language.Cost, *, is_server: bool) -> None:
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
    if not is_server or not found.new:
        return
    price = st.number_input(
        t("features.server.price"), 0.0, 1e6, value=None, key="server_price", format="%.3f"
    )
    st.markdown(
        t("features.server.tokens", tokens=number(found.tokens), where=plain(found.encoder))
    )
    if price:
        st.markdown(t("features.server.money", money=number(price * found.tokens / 1e6, 2)))


def _comparison(run: Run, choice: ReadingChoice) -> None:
    """Several encoders on these items, judged by the neighbours they find, as a job."""
    section(t("features.compare.title"), t("features.compare.note"))
    own = lengths.encoder_of(run)
    names = list(dict.fromkeys([own, choice.encoder, *lengths.ENCODERS]))
    names = [name for name in names if name not in (language.AUTO, language.NO_TEXT, OWN)]
    left, right = st.columns([3, 1], gap="large", vertical_alignment="bottom")
    asked = left.multiselect(
        t("features.compare.encoders"),
        names,
        default=list(dict.fromkeys([own, language.TFIDF])) if own in names else names[:2],
        format_func=reading.encoder_label,
        key="compare_encoders",
    )
    labels = _labels(run)
    if not labels:
        st.caption(t("features.compare.no_label"))
        return
    label = right.selectbox(t("features.compare.label"), labels, key="compare_label")
    if len(asked) < 2:
        st.caption(t("features.compare.two"))
        return
    wanted = {
        "run": run.path,
        "encoders": asked,
        "label": label,
        "columns": list(choice.columns or language.USUAL),
        "whole": choice.whole,
    }
    _job(run, wanted, choice)


def _job(run: Run, wanted: dict[str, Any], choice: ReadingChoice) -> None:
    plain_values = {name: str(value) for name, value in wanted.items()}
    key = hashlib.sha256(json.dumps(plain_values, sort_keys=True).encode()).hexdigest()[:16]
    job = work.latest(VERB, f"encoders-{key}")
    if job is not None and job.state == "done":
        _judged(job.result)
        return
    if job is not None:
        work.panel(job)
        if job.active:
            return
    with errors_shown():
        models = [one for one in wanted["encoders"] if one not in language.BASELINES]
        costs = [lengths.cost(run, replace(choice, encoder=one)) for one in models]
        st.caption(
            t(
                "features.compare.cost",
                new=number(sum(one.new for one in costs)),
                time=duration(sum(one.seconds for one in costs)),
            )
        )
    st.button(
        t("features.compare.button"),
        key="compare_start",
        icon=":material/balance:",
        on_click=_start,
        args=(wanted, f"encoders-{key}"),
    )


def _start(wanted: dict[str, Any], key: str) -> None:
    work.start(VERB, wanted, dedupe=key)


def _labels(run: Run) -> list[str]:
    """Columns that can say what belongs together, the likeliest first."""
    catalog = state.read(run, "catalog")
    try:
        usual = language.label_of(catalog)
    except DataError:
        return []
    words = [
        name
        for name, column in catalog.attributes.items()
        if column.dtype.kind != "f" and 1 < len(set(column)) <= len(catalog) // 2
    ]
    return list(dict.fromkeys([usual, *words]))


def _judged(told: dict[str, Any]) -> None:
    rows = told["encoders"]
    best = max(rows, key=lambda row: row["share"])
    clear = [row for row in rows if row["high"] < best["low"]]
    words = "features.compare.answer" if len(clear) == len(rows) - 1 else "features.compare.tie"
    st.markdown(
        t(
            words,
            best=reading.encoder_label(best["encoder"]),
            k=best["k"],
            share=percent(best["share"], 1),
            label=plain(told["label"]),
            chance=percent(best["chance"], 1),
        )
    )
    table = pd.DataFrame(
        {
            t("features.other.encoder"): [reading.encoder_label(row["encoder"]) for row in rows],
            t("features.compare.share"): [
                interval(row["share"], row["low"], row["high"]) for row in rows
            ],
            t("features.compare.gain"): [
                "–" if row is rows[0] else interval(row["gain"], row["gain_low"], row["gain_high"],
                                                    sign=True)
                for row in rows
            ],
            t("features.compare.nearest"): [number(row["nearest"]) for row in rows],
            t("features.compare.dim"): [row["dim"] for row in rows],
            t("features.compare.time"): [
                duration(row["seconds"]) if row["read"] else t("features.compare.cached")
                for row in rows
            ],
        }
    )  # fmt: skip
    table_with_download(table, key="encoders", file_name="encoders.csv")
    st.caption(
        t(
            "features.compare.caption",
            n=number(best["queries"]),
            chance=number(best["chance"]),
            first=reading.encoder_label(rows[0]["encoder"]),
            label=plain(told["label"]),
        )
    )
