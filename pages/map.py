"""Map: do the scenarios mix?"""

import streamlit as st

from crossrec.ui import linked, map_chosen, map_draw, map_points, state
from crossrec.ui.command import as_command, options
from crossrec.ui.format import number, percent, plain
from crossrec.ui.i18n import t
from crossrec.ui.map_draw import AT, DIMENSIONS, PLANE, View
from crossrec.ui.map_points import Points
from crossrec.ui.widgets import answer, errors_shown, run_or_stop
from crossrec.workspace import Run

WHAT = ("items", "users")


def headline(run: Run) -> None:
    facts = run.info.get("map", {})
    share, chance = facts.get("mixing"), facts.get("mixing_chance")
    if share is None or not chance:
        answer(t("map.question"), t("map.answer_none"))
        return
    answer(
        t("map.question"),
        t("map.answer", share=percent(share), chance=percent(chance)),
        t(
            "map.answer_note",
            low=percent(facts["mixing_low"], 1),
            high=percent(facts["mixing_high"], 1),
            n=number(facts["mixing_n"]),
            kept=percent(facts.get("neighbour_preservation") or float("nan")),
        ),
    )


def choose_points(run: Run) -> Points:
    what = linked.choice(
        t("map.what"), WHAT, lambda name: t(f"map.{name}"), param="what", buttons=True
    )
    return map_points.read(run, "users" if what == "users" else "items")


def choose_lens(run: Run) -> Run:
    """Through which encoder the items are seen, where the project holds more than one."""
    runs = {one.id: one for one in map_points.lenses(run)}
    if len(runs) == 1:
        return run
    encoders = {name: str(one.info["features"]["encoder"]) for name, one in runs.items()}
    chosen = linked.choice(
        t("map.lens"), list(runs), encoders.__getitem__, param="lens", help=t("map.lens_help")
    )
    return runs[chosen]


def choose_dimensions(points: Points) -> str:
    if not points.in_space:
        return PLANE
    return linked.choice(t("map.dimensions"), DIMENSIONS, str.upper, param="dim", buttons=True)


def choose_colour(points: Points) -> tuple[str, str]:
    """What colours the points, and its name."""
    names = map_points.colours(points)
    chosen = linked.choice(
        t("map.colour"),
        list(names),
        names.__getitem__,
        param="colour",
        key=f"colour_{points.kind}",
    )
    return chosen, names[chosen]


run = run_or_stop(t("map.question"))
viewed: dict[str, object] = {"run": run.path}
with errors_shown():
    top = st.container()
    with st.container(horizontal=True, vertical_alignment="bottom", key="map_controls"):
        run = choose_lens(run)
        viewed["run"] = run.path
        with top:
            headline(run)
        points = choose_points(run)
        dimensions = choose_dimensions(points)
        colour, named = choose_colour(points)
        words = st.text_input(
            t("map.search"),
            key="q",
            bind="query-params",
            max_chars=200,
            icon=":material/search:",
            placeholder=t("map.search_hint"),
        ).strip()
    if not len(points):
        st.caption(t("map.empty"))
        st.stop()
    found = map_points.search(points, words)
    marked = map_points.with_marked(points, found, state.param(AT))
    touched = map_draw.panel(View(points, colour, plain(named), dimensions, marked))
    map_chosen.show(points, touched, words, found)
    viewed |= {"what": points.kind, "dim": dimensions, "find": words}
    viewed["colour"] = colour.removeprefix(map_points.ATTRIBUTE)
as_command(["crossrec", "map", *options(viewed)])
