"""Try a user: where does this recommendation come from?"""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from crossrec.errors import CrossRecError
from crossrec.transfer.lineup import TRANSFER
from crossrec.ui import (
    state,
    trial,
    user_cards,
    user_cohort,
    user_described,
    user_feedback,
    user_gate,
    user_history,
    user_lists,
    user_models,
    user_paths,
    user_pick,
    user_reason,
    user_removal,
    user_table,
    user_variety,
    user_whatif,
    user_why,
)
from crossrec.ui.command import as_command, options
from crossrec.ui.format import number, plain
from crossrec.ui.i18n import t
from crossrec.ui.trial import Engine, Trial, Who
from crossrec.ui.widgets import answer, errors_shown, run_or_stop, section
from crossrec.workspace import Run

ITEM_VIEWS = ("why", "removal", "paths", "reason")
USER_VIEWS = ("gate", "variety", "cards", "cohort", "described", "feedback")


def headline(tried: Trial) -> None:
    """The answer on top: what this user did, and what transfer changed."""
    counts = tried.who.one.counts()[0]
    here = int(counts[tried.code])
    said = t(
        "user.answer" if here else "user.answer_cold",
        user=plain(tried.who.name),
        target=plain(tried.target),
        here=number(here),
        elsewhere=number(int(counts.sum()) - here),
    )
    lift = user_lists.lift_sentence(tried)
    note = "user.answer_note" if lift else "user.answer_note_unjudged"
    if tried.who.row is None:
        note = "user.answer_note_made_up"
    answer(t("user.question"), f"{said} {lift}".strip(), t(note))


def profile(run: Run, who: Who) -> None:
    """What is known about the user beside the log, in one line."""
    if who.row is None:
        return
    known = user_pick.profile_of(run, who.name)
    if len(known):
        st.caption(
            " · ".join(f"{plain(name)}: {plain(value)}" for name, value in known.items() if value)
        )


def view(names: tuple[str, ...], key: str) -> str:
    """Which panel is shown; it stands in the link."""
    linked = state.param(key)
    chosen = st.segmented_control(
        t(f"user.{key}"),
        names,
        format_func=lambda name: t(f"user.{key}_{name}"),
        default=linked if linked in names else names[0],
        required=True,
        key=f"user_{key}",
        label_visibility="collapsed",
    )
    chosen = chosen or names[0]
    state.set_param(key, None if chosen == names[0] else chosen)
    return chosen


def item_panel(tried: Trial, item: str) -> None:
    """All about one item of the list."""
    section(t("user.why", item=plain(tried.title(item))), t("user.why_note"))
    user_feedback.buttons(tried, item)
    shown = view(ITEM_VIEWS, "view")
    with errors_shown():
        if shown == "removal":
            user_removal.panel(tried, item)
            return
        told = tried.explain(item)
        {"why": user_why, "paths": user_paths, "reason": user_reason}[shown].panel(tried, told)


def user_panel(tried: Trial, engine: Engine) -> None:
    """What else there is about this user and users like him."""
    shown = view(USER_VIEWS, "more")
    with errors_shown():
        if shown == "cohort":
            user_cohort.panel(tried, engine)
            return
        panels = {
            "gate": user_gate,
            "variety": user_variety,
            "cards": user_cards,
            "described": user_described,
            "feedback": user_feedback,
        }
        panels[shown].panel(tried)


def choose(run: Run, engine: Engine, target: str, top: DeltaGenerator) -> Who:
    """The user to try, with what was said on his behalf; without one the page ends here."""
    try:
        who = user_pick.choose_user(run, engine, target)
    except CrossRecError:
        ask(top)
        raise
    if who is None:
        ask(top)
        st.stop()
    who = user_feedback.heard(run, who)
    profile(run, who)
    return who


def ask(top: DeltaGenerator) -> None:
    """The answer while there is nobody to answer for."""
    with top:
        answer(t("user.question"), t("user.answer_choose"))


run = run_or_stop(t("user.question"))
with errors_shown():
    top = st.container()
    with st.spinner(t("user.loading")):
        engine = trial.engine(run)
    with st.container(border=True):
        target = user_pick.choose_target(engine.targets)
        who = choose(run, engine, target, top)
    user_table.panel(run, target)
    past = st.container()
    changes = user_whatif.current(who, target)
    user_whatif.panel(run, who, target, changes)
    k = user_lists.choose_k()
    tried = trial.tried(run, engine, who, target, changes, k)
    user_whatif.told(tried)
    with top:
        headline(tried)
    with past:
        user_history.panel(tried)
    name = user_models.choose()
    if name != TRANSFER:
        user_models.panel(run, engine, tried, name)
        asked = {"run": run.path, "users": "users.csv", "model": name, "out": "lists.csv"}
        as_command(["crossrec", "recommend", *options(asked)])
        st.stop()
    item = user_lists.panel(tried)
    if item is not None:
        item_panel(tried, item)
    st.divider()
    user_panel(tried, engine)
    if who.row is not None:
        asked = {"run": run.path, "user": who.name, "scenario": target, "item": item}
        asked["seen"] = changes.seen
        as_command(["crossrec", "explain", *options(asked)])
