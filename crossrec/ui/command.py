"""What is on the screen, as a line to type: the same view without the app."""

import shlex
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import streamlit as st

from crossrec.data.cleaning.plan import CleaningPlan
from crossrec.data.privacy.plan import PrivacyPlan
from crossrec.data.reading.readers import ReadOptions
from crossrec.ui.i18n import t

if TYPE_CHECKING:
    from crossrec.intake import RunInputs


def as_command(*lines: Sequence[object], key: str = "as_command") -> None:
    """Show what a page shows as commands, folded away at its foot.

    Args:
        *lines: commands, each as its words without quotes: ``["crossrec", "explain", "--run",
            run.path, "--user", user]``.
        key: widget key.
    """
    with st.expander(t("command.title"), icon=":material/terminal:", key=key):
        st.caption(t("command.note"))
        typed = "\n".join(shlex.join(map(str, words)) for words in lines)
        st.code(typed, language="bash", wrap_lines=True)


def options(values: Mapping[str, object]) -> list[object]:
    """``{"k": 5, "user": ""}`` as the words ``--k 5``; what is empty is left out."""
    return [word for name, value in values.items() if value for word in (f"--{name}", value)]


def reading(asked: "RunInputs") -> list[object]:
    """The files of a data set and how they are read, as ``crossrec audit`` and ``run`` take them.

    A cleaning plan that single options cannot say is named as the file it has to be saved in.
    """
    words: list[object] = []
    for scenario, path in asked.scenario_files.items():
        words += ["--scenario-file", f"{scenario}={path}"]
    if not asked.scenario_files:
        words += ["--interactions", asked.interactions, *asked.further]
    for name, files in (("items", asked.item_files), ("users", asked.user_files)):
        words += [f"--{name}", *files] if files else []
    columns = {**asked.users_mapping, **asked.items_mapping, **asked.mapping}
    return [*words, *options({"map": _pairs(columns)}), *_said(asked)]


def _said(asked: "RunInputs") -> list[object]:
    usual, how = ReadOptions(), asked.reading
    words = options(
        {
            "max-rejects": how.max_rejects if how.max_rejects != usual.max_rejects else "",
            "duplicates": how.repeats if how.repeats != usual.repeats else "",
            "zone": how.zone if how.zone != usual.zone else "",
            "event-weight": _pairs(how.event_weights),
        }
    )
    for column, kinds in how.signals.items():
        for value, kind in kinds.items():
            words += ["--signal", f"{column}:{value}={kind}"]
    if how.positive_from is not None:
        words += ["--positive-from", f"{how.positive_from:g}"]
    for old, new in how.scenario_names.items():
        words += ["--rename-scenario", f"{old}={new}"]
    return [*words, *_cleaning(asked.cleaning), *_privacy(asked.privacy)]


def _cleaning(plan: CleaningPlan | None) -> list[object]:
    if plan is None:
        return []
    core, repeats = plan.user_core, plan.repeats
    simple = CleaningPlan(
        drop_outliers=plan.drop_outliers, repeats=repeats, user_core=core, item_core=core
    )
    if plan != simple:
        return ["--clean", "plan.json"]
    words = options({"repeats": repeats if repeats != "keep" else "", "core": core * (core > 1)})
    return [*words, *(["--drop-outliers"] if plan.drop_outliers else [])]


def _privacy(plan: PrivacyPlan | None) -> list[object]:
    if plan is None:
        return []
    bands = {name: "/".join(f"{edge:g}" for edge in edges) for name, edges in plan.band.items()}
    return [
        *(["--pseudonymise"] if plan.pseudonymise else []),
        *options({"drop-profile": ",".join(plan.drop), "band": _pairs(bands)}),
        "--least-group",
        plan.least,
    ]


def _pairs(values: Mapping[str, object]) -> str:
    return ",".join(f"{name}={value}" for name, value in values.items())
