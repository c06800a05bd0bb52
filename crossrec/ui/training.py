"""The form that starts a training run, and the run while it is made."""

from typing import Final

import streamlit as st

from crossrec.intake import RunInputs
from crossrec.ui import inputs, lengths, state, work
from crossrec.ui.i18n import t
from crossrec.ui.widgets import section

VERB: Final = "run"
PRESETS: Final = ("quick", "balanced", "thorough")


def offer(asked: RunInputs) -> None:
    """Show the run that was started for these files, and the form for the next."""
    section(t("train.title"), t("train.note"))
    key = inputs.fingerprint(asked)
    job = work.latest(VERB, key)
    if job is not None:
        work.panel(job)
        if job.active:
            return
    _form(asked, key)


def _form(asked: RunInputs, key: str) -> None:
    linked = state.param("encoder")
    current = state.project()
    with st.form("train", border=True):
        name, encoder = st.columns(2, gap="large")
        name.text_input(
            t("train.project"),
            value=current.name if current else t("train.project_default"),
            key="train_project",
            max_chars=80,
            help=t("train.project_help"),
        )
        encoder.selectbox(
            t("features.other.encoder"),
            lengths.ENCODERS,
            index=lengths.ENCODERS.index(linked) if linked in lengths.ENCODERS else 0,
            format_func=lambda one: t(f"encoder.{one}"),
            key="train_encoder",
        )
        st.radio(
            t("train.preset"),
            PRESETS,
            format_func=lambda preset: t(f"preset.{preset}"),
            captions=[t(f"train.preset_{preset}") for preset in PRESETS],
            horizontal=True,
            key="train_preset",
        )
        with st.expander(t("train.advanced")):
            seed, k, holdout = st.columns(3, gap="large", vertical_alignment="bottom")
            seed.number_input(
                t("train.seed"), 0, 2**31 - 1, 0, key="train_seed", help=t("train.seed_help")
            )
            k.number_input(t("train.k"), 1, 100, 10, key="train_k", help=t("train.k_help"))
            holdout.toggle(
                t("train.holdout"), value=True, key="train_holdout", help=t("train.holdout_help")
            )
        st.form_submit_button(
            t("train.button"),
            key="train_start",
            type="primary",
            icon=":material/play_arrow:",
            on_click=_start,
            args=(asked, key),
        )


def _start(asked: RunInputs, key: str) -> None:
    """Queue the run; its project is made if there is none of this name."""
    chosen = st.session_state
    workspace = state.workspace()
    projects = {project.name: project for project in workspace.projects()}
    name = " ".join(chosen["train_project"].split()) or t("train.project_default")
    project = projects.get(name) or workspace.create_project(name)
    arguments = {
        "inputs": asked,
        "out": workspace.new_run_path(project, chosen["train_preset"]),
        "config": {
            "preset": chosen["train_preset"],
            "seed": int(chosen["train_seed"]),
            "encoder": chosen["train_encoder"],
            "holdout": bool(chosen["train_holdout"]),
            "k": int(chosen["train_k"]),
        },
    }
    work.start(VERB, arguments, dedupe=key)
