"""Whom to try: users worth a look, one by id, one out of the table of changes, or one made up.

``?user=`` names the user of the run that is shown; :mod:`crossrec.ui.user_made` keeps one that was
made up in the link.
"""

from typing import Final

import pandas as pd
import streamlit as st

from crossrec.errors import UnknownId
from crossrec.evaluation.typical import typical_rows
from crossrec.schema import SCENARIO, USER
from crossrec.ui import kept, state, trial, user_made
from crossrec.ui.format import number, plain
from crossrec.ui.i18n import t
from crossrec.ui.linked import say_unknown
from crossrec.ui.trial import Engine, Who
from crossrec.workspace import Run
from crossrec.workspace.user_changes import UserChanges

TYPICAL: Final = "typical"
BY_ID: Final = "by_id"
MADE_UP: Final = "made_up"
MATCHES: Final = 12
"""Ids offered for what was typed."""


def changes_of(run: Run) -> UserChanges:
    """The run's table of changes per user; one per server."""
    return _changes(str(run.path), str(run.info.get("created")))


@st.cache_resource(max_entries=3, show_spinner=False)
def _changes(path: str, created: str) -> UserChanges:
    del created  # part of the cache key: a run that was replaced is read anew
    run = Run(path)
    config = state.read(run, "report").config
    return UserChanges(run, str(config["transfer"]), str(config["baseline"]))


def choose_target(scenarios: list[str]) -> str:
    """The scenario to recommend for; it stands in the link."""
    linked = state.param("scenario")
    target = st.selectbox(
        t("user.target"),
        scenarios,
        index=scenarios.index(linked) if linked in scenarios else 0,
        key="target",
    )
    say_unknown("scenario", linked, scenarios, target)
    state.set_param("scenario", target)
    return target


def choose_user(run: Run, engine: Engine, target: str) -> Who | None:
    """The user to try; None where an id is still to be written.

    Raises:
        UnknownId: there is no user of the id that was written; ids like it are offered.
    """
    seed = st.session_state.setdefault("random_user", 0)
    found = kept.value(
        run, "suggestions", target, seed,
        make=lambda: trial.suggestions(state.read(run, "report"), target, seed),
    )  # fmt: skip
    typical = typical_users(run, target)
    kinds = [*found, *([TYPICAL] if typical else []), BY_ID, MADE_UP]
    kind = st.pills(
        t("user.pick"),
        kinds,
        format_func=lambda name: t(f"user.kind.{name}"),
        default=_linked_kind(found, kinds),
        key="kind",
    )
    if kind == MADE_UP:
        state.set_param("user", None)
        return user_made.make(run, engine, target)
    user_made.forget()
    if kind == TYPICAL:
        user = _choose_typical(typical)
    elif kind in found:
        user = found[kind]
    else:
        user = _choose_id(run, engine)
    if user is None:
        state.set_param("user", None)
        return None
    if kind == "random":
        st.button(t("user.another"), key="another", icon=":material/casino:", on_click=_roll)
    state.set_param("user", user)
    return trial.of_run(engine, user)


def show(user: str) -> None:
    """Look at this user of the run from now on; for callbacks."""
    st.session_state["kind"] = BY_ID
    st.session_state["user_id"] = user


def _linked_kind(found: dict[str, str], kinds: list[str]) -> str:
    """Where the page begins: at what the link names."""
    if user_made.linked():
        return MADE_UP
    linked = state.param("user")
    if not linked:
        return kinds[0]
    return next((kind for kind, user in found.items() if user == linked), BY_ID)


def _roll() -> None:
    st.session_state["random_user"] += 1


def typical_users(run: Run, target: str) -> dict[str, int]:
    """One user per cluster of the map of users of a scenario, and the size of the cluster."""
    if "map_users" not in run.parts:
        return {}
    return _typical(str(run.path), str(run.info.get("created")), target)


@st.cache_data(max_entries=50, show_spinner=False)
def _typical(path: str, created: str, target: str) -> dict[str, int]:
    del created  # part of the cache key: a run that was replaced is read anew
    points = Run(path).map_users()
    here = points.loc[points[SCENARIO] == target].reset_index(drop=True)
    middle = typical_rows(here[["x", "y"]].to_numpy())
    users = here[USER].to_numpy()[middle["row"].to_numpy()]
    return {str(user): int(size) for user, size in zip(users, middle["size"], strict=True)}


def _choose_typical(typical: dict[str, int]) -> str:
    users = list(typical)
    return st.selectbox(
        t("user.cluster"),
        users,
        format_func=lambda user: t(
            "user.cluster_option", at=users.index(user) + 1, n=number(typical[user])
        ),
        key="typical",
        help=t("user.cluster_help"),
        width=320,
    )


def _choose_id(run: Run, engine: Engine) -> str | None:
    """An id that was typed, None without; offers ids that begin so, and the nearest ones."""
    typed = st.text_input(
        t("user.id"), value=state.param("user"), key="user_id", max_chars=200, width=320
    ).strip()
    if not typed:
        st.caption(t("user.id_help"))
        return None
    (known,) = engine.histories.users.as_here([typed])
    if known in engine.histories.users:
        return known
    state.set_param("user", typed)
    table = changes_of(run)
    starts = table.find(typed, MATCHES)
    near = [user for user in table.nearest(typed) if user not in starts]
    _offer(t("user.starts"), starts, "starts")
    _offer(t("user.nearest"), near, "nearest")
    total = number(len(engine.histories.users))
    raise UnknownId(
        t("user.unknown", n=total), repr(typed), t("user.unknown_action") if starts or near else ""
    )


def _offer(label: str, users: list[str], key: str) -> None:
    """Ids to click."""
    if not users:
        return
    st.caption(label)
    with st.container(horizontal=True, gap="small"):
        for at, user in enumerate(users):
            st.button(plain(user), key=f"{key}_{at}", on_click=show, args=(user,))


def profile_of(run: Run, user: str) -> pd.Series:
    """What is known about a user beside the log; empty where nothing is."""
    users = state.read(run, "users")
    if user not in users.users:
        return pd.Series(dtype=object)
    row = users.users.code(user)
    return pd.Series({name: column[row] for name, column in users.attributes.items()})
