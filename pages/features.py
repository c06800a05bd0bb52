"""Features: what did the language model see?"""

from collections.abc import Callable

import streamlit as st

from crossrec import language
from crossrec.ui import state
from crossrec.ui.attributes import attributes_panel
from crossrec.ui.command import as_command, options
from crossrec.ui.features_encoders import encoders_panel
from crossrec.ui.features_text import texts_panel
from crossrec.ui.format import number, plain
from crossrec.ui.i18n import t
from crossrec.ui.profiles import profiles_panel
from crossrec.ui.widgets import answer, errors_shown, run_or_stop
from crossrec.workspace import Run, lookup


def adaptation_panel(run: Run) -> None:
    from crossrec.ui.adaptation import adaptation_panel as panel  # loads torch: not before it must

    panel(run)


# What the page shows, by the name that stands in the link as ?view=.
VIEWS: dict[str, Callable[[Run], None]] = {
    "texts": texts_panel,
    "encoders": encoders_panel,
    "attributes": attributes_panel,
    "profiles": profiles_panel,
    "adaptation": adaptation_panel,
}


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


def chosen_view() -> str:
    linked = state.param("view")
    view = st.segmented_control(
        t("features.view.label"),
        list(VIEWS),
        default=linked if linked in VIEWS else "texts",
        format_func=lambda name: t(f"features.view.{name}"),
        required=True,
        label_visibility="collapsed",
        key="features_view",
    )
    state.set_param("view", view if view != "texts" else None)
    return view or "texts"


def commands(run: Run, view: str) -> list[list[object]]:
    """What a view shows, as commands."""
    if view == "attributes":
        return [["attributes", "--run", run.path], ["bridges", "--run", run.path]]
    if view == "profiles":
        return [["profiles", "--run", run.path], ["scenarios", "--run", run.path]]
    if view == "adaptation":
        return [["adapt", "--run", run.path, "--out", "adapted"]]
    encoder = str(run.info.get("features", {}).get("encoder", "auto"))
    items = {"items": lookup.catalog_file(run), "encoder": encoder}
    return [["features", *options(items), "--out", "features.parquet"]]


run = run_or_stop(t("features.question"))
with errors_shown():
    headline(run)
    view = chosen_view()
    VIEWS[view](run)
    as_command(*(["crossrec", *words] for words in commands(run, view)))
