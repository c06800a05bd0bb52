"""The map on the page: the figure, and beside it what it can and cannot say."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import streamlit as st

from crossrec import plots
from crossrec.ui import kept, map_points, state
from crossrec.ui.format import number, percent
from crossrec.ui.i18n import language, t
from crossrec.ui.map_points import Points
from crossrec.ui.selection import PARAM
from crossrec.ui.widgets import figure_with_table, paged_table, plot_words

AT: Final = "at"
"""The part of the link that names one marked item or user."""
PLANE, SPACE = "2d", "3d"
DIMENSIONS: Final = (PLANE, SPACE)
_NARROW: Final = 1_000  # pixels of the window below which the facts stand under the figure
_FACTS: Final = 210  # pixels
_DRAWN, _TURN = "_map_drawn", "_map_turn"


@dataclass(frozen=True)
class View:
    """What is on the map.

    Attributes:
        points: all points.
        colour: one of :func:`crossrec.ui.map_points.colours`.
        named: how that is called.
        dimensions: :data:`PLANE` or :data:`SPACE`.
        found: rows of search hits and of the marked one, ascending.
    """

    points: Points
    colour: str
    named: str
    dimensions: str
    found: np.ndarray

    @property
    def looked_at(self) -> tuple[str, ...]:
        """What the drawn points depend on beside the run."""
        return self.points.kind, self.colour, str(self.found.tolist())


@dataclass(frozen=True)
class Touched:
    """What the viewer did to the chart.

    Attributes:
        selection: ``points``, ``lasso`` and ``box`` of the chart; empty where it cannot be touched.
        fresh: the chart is another one than before, so that its lasso is gone without anybody
            having taken it off.
    """

    selection: Mapping[str, Any]
    fresh: bool


def panel(view: View) -> Touched:
    """Show the figure and the facts beside it."""
    st.html(
        f"<style>.st-key-map_panel {{display: grid; gap: 12px 24px;"
        f" grid-template-columns: minmax(0, 1fr) {_FACTS}px; align-items: start;}}"
        f" .st-key-map_panel > * {{min-width: 0; width: 100%;}}"
        f" @media (max-width: {_NARROW}px) {{"
        f" .st-key-map_panel {{grid-template-columns: minmax(0, 1fr);}}"
        f" .st-key-map_facts {{display: grid; gap: 12px;"
        f" grid-template-columns: repeat(auto-fit, minmax(160px, 1fr));}}}}</style>"
    )
    with st.container(key="map_panel", horizontal=True):
        with st.container():
            labels = map_points.labels(view.points, view.colour)
            drawn = kept.value(
                view.points.run,
                "map_drawn",
                *view.looked_at,
                make=lambda: plots.drawn_rows(labels, always=view.found),
            )
            touched = _figure(view, labels, drawn)
        with st.container(key="map_facts"):
            _facts(view, len(drawn))
    return touched


def _figure(view: View, labels: plots.Labels, drawn: np.ndarray) -> Touched:
    points = view.points
    key = f"map_{points.kind}_{view.dimensions}"
    alt = plots.map_alt(labels, len(drawn), by=view.named, words=plot_words)
    if view.dimensions == SPACE:
        figure = kept.figure(
            points.run, "space", *view.looked_at, draw=lambda: _space(view, labels, drawn)
        )
        figure_with_table(figure, _table(points), t("map.caption_space"), key=key, alt=alt)
        st.session_state.pop(_DRAWN, None)
        return Touched({}, fresh=True)
    chosen, fresh = _linked_when_drawn(view)
    named = None if chosen is None else st.session_state[_DRAWN][1]
    figure = kept.figure(
        points.run, "map", *view.looked_at, named, draw=lambda: _plane(view, labels, drawn, chosen)
    )
    turn = {"uirevision": f"map {st.session_state.get(_TURN, 0)}"}
    figure = {**figure, "layout": {**figure["layout"], **turn}}
    event = figure_with_table(
        figure,
        _table(points),
        t("map.caption"),
        key=key,
        alt=alt,
        on_select="rerun",
        selection_mode=("points", "lasso", "box"),
        config={"scrollZoom": True},
    )
    if event is None:  # the table is shown
        st.session_state.pop(_DRAWN, None)
        return Touched({}, fresh=True)
    return Touched(event["selection"], fresh)


def _plane(view: View, labels: plots.Labels, drawn: np.ndarray, chosen: np.ndarray | None) -> Any:
    return plots.map_figure(*view.points.xy, labels, chosen=chosen, **_shared(view, drawn))


def _space(view: View, labels: plots.Labels, drawn: np.ndarray) -> Any:
    xyz = view.points.table[["x3", "y3", "z3"]].to_numpy(dtype=np.float32)
    return plots.space_figure(xyz, labels, **_shared(view, drawn))


def _shared(view: View, drawn: np.ndarray) -> dict[str, Any]:
    return {
        "drawn": drawn,
        "found": view.found,
        "joined": map_points.joined(view.points, view.found),
        "theme": state.theme(),
        "words": plot_words,
    }


def _linked_when_drawn(view: View) -> tuple[np.ndarray | None, bool]:
    """Rows of the selection the link named when the figure was made anew, and whether it is now.

    A chart that changes loses its own lasso. So a lasso that puts a new selection into the link
    must not change the chart: the chart shows the linked selection only from the next change of
    anything else on.
    """
    look = (
        view.points.run.id,
        view.points.kind,
        view.colour,
        language(),
        state.theme(),
        view.found.tobytes(),
        st.session_state.get(f"map_{view.points.kind}_{view.dimensions}_format"),
        st.session_state.get(_TURN, 0),
    )
    before, linked = st.session_state.get(_DRAWN, (None, ""))
    fresh = before != look
    if fresh:
        linked = state.param(PARAM)
        st.session_state[_DRAWN] = (look, linked)
    return map_points.linked(view.points, linked), fresh


def take_off() -> None:
    """Forget the selection, in the link and on the chart (which is made anew)."""
    state.set_param(PARAM, None)
    st.session_state[_TURN] = st.session_state.get(_TURN, 0) + 1


def _table(points: Points) -> Callable[[], None]:
    """Draws all points as a table, the most used first; its file holds their places."""

    def draw() -> None:
        order = points.most_active(np.arange(len(points)))
        paged_table(
            len(points),
            lambda part: points.table.iloc[order[part]],
            key="map_points",
            file_name=f"{points.kind}.csv",
        )

    return draw


def _facts(view: View, drawn: int) -> None:
    """Mixing against chance, neighbours kept, and how many points are shown."""
    facts = view.points.run.info.get("map", {})
    name = "mixing" if view.points.kind == "items" else "users_mixing"
    share, chance, preserved = (
        _number(facts.get(key)) for key in (name, f"{name}_chance", "neighbour_preservation")
    )
    low, high = (percent(_number(facts.get(f"{name}_{end}")), 1) for end in ("low", "high"))
    with st.container(gap="xsmall"):
        st.metric(t("map.mixing"), percent(share, 1))
        if not np.isnan(share):
            st.caption(t("map.mixing_note", low=low, high=high))
    with st.container(gap="xsmall"):
        st.metric(t("map.chance"), percent(chance, 1))
        st.caption(t("map.chance_note"))
    with st.container(gap="xsmall"):
        st.metric(t("map.kept"), percent(preserved))
        st.caption(t("map.kept_note"))
    total = len(view.points)
    if drawn < total:
        st.caption(t("map.sample", drawn=number(drawn), total=number(total)))
    else:
        st.caption(t("map.sample_all", total=number(total)))


def _number(value: float | None) -> float:
    return float("nan") if value is None else float(value)
