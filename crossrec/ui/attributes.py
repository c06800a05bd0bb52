"""The Features page on attributes: what items are about, and what connects scenarios."""

from typing import Final

import numpy as np
import pandas as pd
import streamlit as st

from crossrec import language
from crossrec.errors import DataError
from crossrec.language.attributes import CONFIDENCE, FACET, TRUSTED, VALUE, trusted
from crossrec.language.readers import ENCODER, ENDPOINT, GENERATOR, READERS
from crossrec.language.scenarios import MAX_LENGTH
from crossrec.language.vocabulary import Vocabulary
from crossrec.schema import ITEM
from crossrec.ui import knowledge, pick, state
from crossrec.ui.attributes_worth import VOCABULARY, worth_panel
from crossrec.ui.format import number, percent, plain
from crossrec.ui.i18n import t
from crossrec.ui.widgets import empty_state, errors_shown, section, table_with_download
from crossrec.workspace import Run, write_json
from crossrec.workspace.knowledge import FOLDER, Knowledge, write_descriptions

VERB = "read_knowledge"
_ANY: Final = "dynamic"  # rows can be added and removed
EXAMPLE = "http://127.0.0.1:11434/v1#qwen2.5"


def attributes_panel(run: Run) -> None:
    """Attributes of the items, and the bridges they build; the form that reads them."""
    with errors_shown():
        active = knowledge.job_panel(VERB, run, "attributes")
        known = knowledge.knowledge_of(run)
        if known is None:
            with empty_state(t("attributes.none.title"), t("attributes.none.body")):
                if not active:
                    _form(run, None)
            return
        _facets(run, known)
        _bridges(run)
        worth_panel(run, known)
        _scenarios(run)
        _item(run)
        if not active:
            with st.expander(t("attributes.again"), icon=":material/edit:"):
                _form(run, known)


def _facets(run: Run, known: Knowledge) -> None:
    section(t("attributes.title"), t("attributes.note", reader=plain(known.reader)))
    facets = list(dict.fromkeys(known.attributes[FACET]))
    facet = st.segmented_control(
        t("attributes.facet"),
        facets,
        default=facets[0],
        format_func=plain,
        required=True,
        key="attributes_facet",
    )
    rows = known.attributes.loc[known.attributes[FACET] == facet]
    sure = trusted(rows)
    share = len(set(sure[ITEM])) / max(1, len(set(rows[ITEM])))
    told = t("attributes.known", share=percent(share), least=percent(TRUSTED))
    curve = known.calibration.get(str(facet))
    if curve and curve["examples"]:
        told += " " + t(
            "attributes.calibrated",
            n=number(curve["examples"]),
            right=percent(curve["accuracy"]),
            error=percent(curve["error"]),
        )
    elif curve:
        told += " " + t("attributes.uncalibrated")
    st.caption(told)
    if sure.empty:
        return
    counted = sure.assign(scenario=pick.scenarios_of(run, sure[ITEM].to_numpy()))
    table = counted.pivot_table(
        index=VALUE, columns="scenario", values=ITEM, aggfunc="nunique", fill_value=0
    )
    table = table.loc[table.sum(axis=1).sort_values(ascending=False).index]
    examples = sure.sort_values(CONFIDENCE, ascending=False).groupby(VALUE)[ITEM].first()
    titles = state.read(run, "catalog").titles_of(examples.to_numpy())
    table[t("attributes.example")] = pd.Series(titles, index=examples.index)
    table_with_download(table.rename_axis(t("attributes.value")).reset_index(), key="attributes")


def _bridges(run: Run) -> None:
    graph = knowledge.graph(run)
    names = [] if graph is None else [str(name) for name in graph.scenarios.ids]
    if graph is None or len(names) < 2:
        return
    section(t("bridges.title"), t("bridges.note"))
    left, right = st.columns(2, gap="large")
    source = left.selectbox(t("bridges.from"), names, key="bridges_source")
    others = [name for name in names if name != source]
    target = right.selectbox(t("bridges.to"), others, key="bridges_target")
    found = graph.bridges(source, target)
    if found.empty:
        st.caption(t("bridges.none"))
        return
    first = found.iloc[0]
    st.markdown(
        t(
            "bridges.first",
            value=plain(first[VALUE]),
            users=number(first["users"]),
            expected=number(round(first["expected"])),
        )
    )
    shown = found.set_axis([t(f"bridges.column.{name}") for name in found.columns], axis="columns")
    decimals = st.column_config.NumberColumn(format="%.1f")
    table_with_download(
        shown,
        key="bridges",
        columns={t("bridges.column.expected"): decimals, t("bridges.column.lift"): decimals},
    )


def _scenarios(run: Run) -> None:
    """Descriptions of the scenarios: from the catalogue, until a person types better ones."""
    section(t("scenarios.title"), t("scenarios.note"))
    before = pd.DataFrame(
        list(knowledge.descriptions_of(run).items()), columns=["scenario", "text"]
    )
    after = st.data_editor(
        before,
        hide_index=True,
        disabled=["scenario"],
        key="scenarios_table",
        column_config={
            "scenario": t("column.scenario"),
            "text": st.column_config.TextColumn(
                t("scenarios.text"), width="large", max_chars=MAX_LENGTH
            ),
        },
    )
    if not after.equals(before) and st.button(t("scenarios.save"), key="scenarios_save"):
        rows = zip(after["scenario"], after["text"].fillna(""), strict=True)
        write_descriptions(run, {str(name): str(said) for name, said in rows})
        st.rerun()


def _item(run: Run) -> None:
    section(t("attributes.item.title"), t("attributes.item.note"))
    item = pick.item_picker(state.read(run, "catalog"), "attributes")
    known = knowledge.knowledge_of(run)
    if item is None or known is None:
        return
    rows = known.attributes.loc[known.attributes[ITEM] == item]
    sure = (rows[VALUE] != "") & (rows[CONFIDENCE] >= TRUSTED)
    st.dataframe(
        pd.DataFrame(
            {
                t("attributes.facet"): rows[FACET],
                t("attributes.value"): np.where(sure, rows[VALUE], t("attributes.unknown")),
                t("attributes.best"): rows[VALUE],
                t("attributes.confidence"): rows[CONFIDENCE],
            }
        ),
        hide_index=True,
        key="attributes_item",
        column_config={
            t("attributes.confidence"): st.column_config.ProgressColumn(
                format="percent", min_value=0, max_value=1
            )
        },
    )


def _form(run: Run, known: Knowledge | None) -> None:
    """How to read the items: the reader, and the vocabulary, to be edited."""
    reader = st.radio(
        t("attributes.reader"),
        READERS,
        format_func=lambda name: t(f"attributes.reader.{name}"),
        captions=[t(f"attributes.reader.{name}_note") for name in READERS],
        horizontal=True,
        key="attributes_reader",
    )
    model = ""
    if reader == ENDPOINT:
        model = st.text_input(
            t("attributes.model"), placeholder=EXAMPLE, key="attributes_model", max_chars=500
        )
        st.caption(
            t(
                "attributes.cost",
                n=number(len(state.read(run, "catalog"))),
                variable=language.KEY_VARIABLE,
            )
        )
    elif reader == GENERATOR:
        st.caption(t("attributes.slow"))
    edited = None if known is None else _edited(known.vocabulary)
    if st.button(
        t("attributes.start"), key="attributes_start", type="primary", icon=":material/play_arrow:"
    ):
        vocabulary = None
        if edited is not None:
            vocabulary = run.path / FOLDER / VOCABULARY
            write_json(vocabulary, _checked(edited).to_json())
        config = {"reader": reader or ENCODER, "model": model.strip(), "vocabulary": vocabulary}
        knowledge.start(VERB, run, {"config": config})
        st.rerun()


def _edited(vocabulary: Vocabulary) -> pd.DataFrame | None:
    """The vocabulary as a table to edit; None where a new one shall be proposed."""
    if not st.toggle(t("attributes.keep"), value=True, key="attributes_keep"):
        return None
    st.caption(t("attributes.edit_note"))
    rows = [
        (facet.name, value.name, value.words)
        for facet in vocabulary.facets
        for value in facet.values
    ]
    frame = pd.DataFrame(rows, columns=[FACET, VALUE, "words"])
    return st.data_editor(
        frame,
        num_rows=_ANY,
        hide_index=True,
        key="attributes_edit",
        column_config={name: t(f"attributes.edit.{name}") for name in frame.columns},
    )


def _checked(edited: pd.DataFrame) -> Vocabulary:
    """The edited table as a vocabulary.

    Raises:
        DataError: it is none.
    """
    rows = edited.fillna("").astype(str)
    rows = rows[rows[FACET].str.strip() != ""]
    if rows.empty:
        raise DataError("expected a vocabulary with facets", "an empty table")
    facets = [
        {
            "name": str(name),
            "values": [
                {"name": value, "words": words or value}
                for value, words in zip(group[VALUE], group["words"], strict=True)
            ],
        }
        for name, group in rows.groupby(FACET, sort=False)
    ]
    return Vocabulary.from_json({"facets": facets})
