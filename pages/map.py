"""Map: do the scenarios mix?"""

from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from crossrec import language, plots
from crossrec.schema import CATEGORY, ITEM, SCENARIO, USER
from crossrec.ui import pick, state
from crossrec.ui.format import number, percent, plain
from crossrec.ui.i18n import t
from crossrec.ui.widgets import (
    CHART_CONFIG,
    answer,
    download_csv,
    errors_shown,
    go_button,
    plot_words,
    run_or_stop,
    section,
    table_with_download,
)
from crossrec.workspace import Run

WHAT = ("items", "users")
NEIGHBOURS = 10
HITS = 50
LISTED = 500


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


def controls(run: Run) -> tuple[str, str, str]:
    """What is drawn, what colours it, and the words searched; they stand in the link."""
    left, middle, right = st.columns([1, 1.4, 1.6], gap="medium", vertical_alignment="bottom")
    with left:
        what = st.segmented_control(
            t("map.what"),
            WHAT,
            format_func=lambda name: t(f"map.{name}"),
            default=WHAT[0],
            required=True,
            key="what",
            bind="query-params",
        )
    options = [SCENARIO, "cohort"] if what == "users" else [SCENARIO]
    if what != "users" and CATEGORY in state.read(run, "catalog").attributes:
        options.append(CATEGORY)
    with middle:
        colour = st.segmented_control(
            t("map.colour"),
            options,
            format_func=lambda name: t(f"map.colour.{name}"),
            default=SCENARIO,
            required=True,
            key=f"colour_{what}",
        )
    words = right.text_input(
        t("map.search"), key="q", bind="query-params", max_chars=200, icon=":material/search:"
    )
    return what or "items", colour or SCENARIO, words.strip()


def labels_of(run: Run, points: pd.DataFrame, colour: str) -> plots.Labels:
    """What the points are coloured by."""
    if colour == SCENARIO:
        return plots.labels_of(points[SCENARIO].to_numpy(), run.info.get("scenarios", ()))
    if colour == CATEGORY:
        catalog = state.read(run, "catalog")
        codes = catalog.items.codes(points[ITEM].to_numpy())
        values = np.where(codes >= 0, catalog.attributes[CATEGORY][codes.clip(min=0)], "")
        return plots.labels_of(values)
    judged = state.read(run, "report").per_user.drop_duplicates([SCENARIO, USER])
    known = points.merge(judged[[SCENARIO, USER, "cohort"]], on=[SCENARIO, USER], how="left")
    names = {name: t(f"cohort.{name}") for name in ("warm", "cold")}
    return plots.labels_of(
        known["cohort"].replace(names).fillna("").to_numpy(), list(names.values())
    )


def search(run: Run, points: pd.DataFrame, what: str, words: str) -> np.ndarray:
    """Rows whose id, or for items whose title, holds the words."""
    if not words:
        return np.zeros(0, dtype=np.int64)
    if what == "items":
        ids = pick.matches(state.read(run, "catalog"), words, HITS)
        return np.flatnonzero(points[ITEM].isin(ids.tolist()))
    hit = points[USER].str.casefold().str.contains(words.casefold(), regex=False)
    return np.flatnonzero(hit)[:HITS]


def draw(
    points: pd.DataFrame, labels: plots.Labels, found: np.ndarray, colour: str, key: str
) -> dict[str, Any]:
    """The figure, and its selection."""
    x, y = (points[name].to_numpy(dtype=np.float32) for name in "xy")
    drawn = plots.drawn_rows(labels, always=found)
    event = st.plotly_chart(
        plots.map_figure(
            x, y, labels, drawn=drawn, found=found, theme=state.theme(), words=plot_words
        ),
        key=key,
        alt=plots.map_alt(labels, len(drawn), by=t(f"map.colour.{colour}"), words=plot_words),
        on_select="rerun",
        selection_mode=("points", "lasso", "box"),
        config={**CHART_CONFIG, "scrollZoom": True},
    )
    st.caption(t("map.caption"))
    if len(drawn) < len(points):
        st.caption(t("map.sample", drawn=number(len(drawn)), total=number(len(points))))
    return event["selection"]


def listed(run: Run, points: pd.DataFrame, rows: np.ndarray, what: str) -> pd.DataFrame:
    """Rows as a person reads them, the most active first; titles are looked up only here."""
    mine = points.iloc[rows].sort_values("count", ascending=False, kind="stable")
    ids = mine[ITEM if what == "items" else USER].to_numpy(dtype=object)
    table = {t(f"column.{ITEM if what == 'items' else USER}"): ids}
    if what == "items":
        table[t("column.title")] = state.read(run, "catalog").titles_of(ids)
    return pd.DataFrame(
        {**table, t("column.scenario"): mine[SCENARIO], t(f"map.count.{what}"): mine["count"]}
    )


def selection(run: Run, points: pd.DataFrame, rows: np.ndarray, what: str, title: str) -> None:
    section(title, t("map.selection_note") if len(rows) else "")
    table = listed(run, points, rows, what)
    by_scenario = points.iloc[rows][SCENARIO].value_counts()
    st.caption(" · ".join(f"{plain(name)} {number(n)}" for name, n in by_scenario.items()))
    st.dataframe(table.head(LISTED), hide_index=True, key="selection", height=280)
    if len(table) > LISTED:
        st.caption(t("map.listed", n=number(LISTED), total=number(len(table))))
    download_csv(table, key="selection_csv", file_name="selection.csv")


def clicked(run: Run, points: pd.DataFrame, row: int, what: str) -> None:
    """One point: an item's nearest items by text in the original space, or a user's page."""
    one = points.iloc[row]
    if what == "users":
        section(plain(one[USER]), t("map.user_note", n=number(one["count"])))
        query = {**state.here(run), "user": str(one[USER]), "scenario": str(one[SCENARIO])}
        go_button(t("map.open_user"), "user", "map_user", query=query)
        return
    catalog = state.read(run, "catalog")
    item = str(one[ITEM])
    title = catalog.titles_of(np.array([item], dtype=object))[0]
    section(t("map.neighbours", item=plain(title)), t("map.neighbours_note"))
    near = language.neighbours(state.read(run, "features"), item, NEIGHBOURS)
    ids = near[ITEM].to_numpy(dtype=object)
    table_with_download(
        pd.DataFrame(
            {
                t("column.title"): catalog.titles_of(ids),
                t("column.scenario"): pick.scenarios_of(run, ids),
                t("features.similarity"): near["similarity"],
            }
        ),
        key="near",
        columns={t("features.similarity"): st.column_config.NumberColumn(format="%.2f")},
    )


run = run_or_stop(t("map.question"))
with errors_shown():
    headline(run)
    what, colour, words = controls(run)
    points = state.read(run, f"map_{what}")
    if points.empty:
        st.caption(t("map.empty"))
        st.stop()
    found = search(run, points, what, words)
    chosen = draw(points, labels_of(run, points, colour), found, colour, key=f"map_{what}_{colour}")
    if chosen["lasso"] or chosen["box"]:
        x, y = (points[name].to_numpy() for name in "xy")
        rows = plots.selected_rows(x, y, chosen)
        selection(run, points, rows, what, t("map.selected", n=number(len(rows))))
    elif chosen["points"]:
        data = chosen["points"][0].get("customdata", 0)
        clicked(run, points, int(data[0] if isinstance(data, list) else data), what)
    elif words:
        selection(run, points, found, what, t("map.hits", n=number(len(found))))
    download_csv(points, key="map_csv", file_name=f"map_{what}.csv", label=t("map.csv"))
