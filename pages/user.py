"""Try a user: where does this recommendation come from?"""

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from crossrec import plots
from crossrec.data.history import Histories
from crossrec.explanation import contributions
from crossrec.schema import ITEM, RANK, SCENARIO, SCORE
from crossrec.ui import pick, state, trial
from crossrec.ui.format import number, plain, signed
from crossrec.ui.i18n import t
from crossrec.ui.widgets import (
    answer,
    download_csv,
    errors_shown,
    figure_with_table,
    plot_words,
    run_or_stop,
    section,
    table_with_download,
)
from crossrec.workspace import Run

MADE_UP = "made_up"
BY_ID = "by_id"
SUM_TOLERANCE = 1e-4
SIZES = (5, 10, 20, 50)


def choose_target(scenarios: list[str]) -> str:
    linked = state.param("scenario")
    target = st.selectbox(
        t("user.target"),
        scenarios,
        index=scenarios.index(linked) if linked in scenarios else 0,
        key="target",
    )
    state.set_param("scenario", target)
    return target


def choose_user(run: Run, engine: trial.Engine, target: str) -> trial.Trial:
    """A user worth a look, one by id, or one made up of items.

    The choice ends the page where an id is still to be written.
    """
    seed = st.session_state.setdefault("random_user", 0)
    found = trial.suggestions(state.read(run, "report"), target, seed)
    kinds = [*found, BY_ID, MADE_UP]
    linked = state.param("user")
    kind = st.pills(
        t("user.pick"),
        kinds,
        format_func=lambda name: t(f"user.kind.{name}"),
        default=BY_ID if linked else kinds[0],
        key="kind",
        on_change=_next_random,
    )
    if kind == MADE_UP:
        state.set_param("user", None)
        return trial.Trial(t("user.made_up.name"), made_up(run, engine), None, target)
    if kind == BY_ID or kind is None:
        user = st.text_input(t("user.id"), value=linked, key="user_id", max_chars=200).strip()
        if not user:
            st.caption(t("user.id_help"))
            st.stop()
        state.set_param("user", user)
    else:
        user = found[kind]
        state.set_param("user", None)
    row = trial.row_of(engine, user)
    return trial.Trial(user, engine.histories.take(np.array([row])), row, target)


def _next_random() -> None:
    if st.session_state["kind"] == "random":
        st.session_state["random_user"] += 1


def made_up(run: Run, engine: trial.Engine) -> Histories:
    """A history put together from items; it stands in the session."""
    basket: list[tuple[str, str]] = st.session_state.setdefault("basket", [])
    with st.container(border=True):
        st.caption(t("user.made_up.note"))
        item = pick.item_picker(state.read(run, "catalog"), "basket", param="add")
        homes = [
            str(name)
            for code, name in enumerate(engine.space.scenarios.ids)
            if item is not None and item in set(engine.space.ids(code))
        ]
        with st.container(horizontal=True):
            if homes:
                place = homes[0]
                if st.button(t("user.made_up.add"), key="basket_add", icon=":material/add:"):
                    basket.append((place, str(item)))
            if basket and st.button(t("user.made_up.clear"), key="basket_clear"):
                basket.clear()
    wanted: dict[str, dict[str, float]] = {}
    for scenario, one in basket:
        wanted.setdefault(scenario, {})[one] = 1.0
    return Histories.from_items(wanted, engine.space, user="made-up")


def headline(engine: trial.Engine, tried: trial.Trial) -> None:
    counts = tried.one.counts()[0]
    code = engine.space.scenarios.code(tried.target)
    said = t(
        "user.answer_cold" if counts[code] == 0 else "user.answer",
        user=plain(tried.name),
        target=plain(tried.target),
        here=number(counts[code]),
        elsewhere=number(counts.sum() - counts[code]),
    )
    note = t("user.answer_note_made_up") if tried.row is None else t("user.answer_note")
    answer(t("user.question"), said, note)


def past(run: Run, engine: trial.Engine, one: Histories) -> None:
    section(t("user.history"))
    done = trial.history(engine, one)
    if done.empty:
        st.caption(t("user.history_empty"))
        return
    catalog = state.read(run, "catalog")
    table = pd.DataFrame(
        {
            t("column.scenario"): done[SCENARIO],
            t("column.title"): catalog.titles_of(done[ITEM].to_numpy()),
            t("user.weight"): done["weight"],
        }
    )
    with st.expander(t("user.history_count", n=number(len(done))), expanded=len(done) <= 8):
        table_with_download(table, key="history", height=260 if len(done) > 6 else "auto")


def what_if(engine: trial.Engine, tried: trial.Trial) -> np.ndarray | None:
    """A switch and a slider per source with history: the coefficients to use, None for learnt."""
    code = engine.space.scenarios.code(tried.target)
    learnt = engine.model.coefficients(tried.one, code)[0]
    counts = tried.one.counts()[0]
    names = [str(name) for name in engine.space.scenarios.ids]
    sources = [at for at in range(len(names)) if at != code and counts[at]]
    section(t("user.sources"), t("user.sources_note"))
    if not sources:
        st.caption(t("user.sources_none"))
        return None
    chosen = learnt.copy()
    for column, at in zip(st.columns(min(4, len(sources))) * len(sources), sources, strict=False):
        with column.container(border=True, gap="small"):
            # another user, or another made-up history, starts from its own learnt coefficients
            key = f"{tried.row}_{'_'.join(map(str, counts))}_{code}_{at}"
            on = st.toggle(plain(names[at]), value=True, key=f"on_{key}")
            value = st.slider(
                t("user.coefficient"),
                0.0,
                1.0,
                float(learnt[at]),
                step=0.01,
                key=f"m_{key}",
                disabled=not on,
                help=t("user.coefficient_help", learnt=number(float(learnt[at]), 2)),
            )
            st.caption(t("user.source_items", n=number(counts[at])))
            moved = abs(value - float(learnt[at])) > 0.006
            chosen[at] = 0.0 if not on else value if moved else learnt[at]
    changed = not np.array_equal(chosen, learnt)
    if changed:
        st.caption(t("user.changed"))
    return chosen if changed else None


def lists(run: Run, engine: trial.Engine, tried: trial.Trial) -> tuple[str, float] | None:
    """Both lists side by side; returns the chosen item of the list with transfer and its score."""
    one, row, coefficients = tried.one, tried.row, tried.coefficients
    code = engine.space.scenarios.code(tried.target)
    catalog = state.read(run, "catalog")
    hidden = set() if row is None else trial.hidden_items(engine, row, code)
    k = st.session_state.get("k", 10)
    before = trial.without_transfer(engine, one, code)
    after = trial.with_transfer(engine, one, code, coefficients)
    learnt = after if coefficients is None else trial.with_transfer(engine, one, code)
    section(t("user.lists"), t("user.lists_note") if hidden else t("user.lists_note_unjudged"))
    left, right = st.columns(2, gap="medium")
    with left:
        st.markdown(f"**{t('user.without')}**")
        st.dataframe(
            shown(before.head(k), catalog, hidden).drop(columns=t("user.moved"), errors="ignore"),
            hide_index=True,
            key="without",
            column_config=narrow(),
        )
    with right:
        st.markdown(f"**{t('user.with') if coefficients is None else t('user.with_changed')}**")
        table = trial.side_by_side(after, before if coefficients is None else learnt, k)
        event = st.dataframe(
            shown(table, catalog, hidden),
            hide_index=True,
            key="with",
            on_select="rerun",
            selection_mode="single-row",
            column_config=narrow(),
        )
        st.caption(t("user.choose_item"))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.segmented_control(
            t("user.k"), SIZES, default=10, required=True, key="k", label_visibility="collapsed"
        )
        download_csv(
            trial.side_by_side(after, before, k).assign(
                title=catalog.titles_of(after[ITEM].head(k).to_numpy())
            ),
            key="list_csv",
            file_name="recommendations.csv",
        )
    item = choose_item(event, table)
    if item is None:
        return None
    return item, float(table.loc[table[ITEM] == item, SCORE].iloc[0])


def choose_item(event: Any, table: pd.DataFrame) -> str | None:
    """The selected row, else the item of the link, else the first."""
    rows = event["selection"]["rows"]
    ids = table[ITEM].tolist()
    if not ids:
        return None
    if rows and rows[0] < len(ids):
        state.set_param("item", ids[rows[0]])
        return ids[rows[0]]
    return state.param("item") if state.param("item") in ids else ids[0]


def shown(table: pd.DataFrame, catalog: Any, hidden: set[str]) -> pd.DataFrame:
    """A list as a person reads it: rank, change of rank, title, hit, score."""
    titles = catalog.titles_of(table[ITEM].to_numpy())
    hit = ["●" if item in hidden else "" for item in table[ITEM]]
    columns: dict[str, Any] = {t("user.rank"): table[RANK]}
    if "moved" in table:
        columns[t("user.moved")] = [_arrow(moved) for moved in table["moved"]]
    columns |= {t("column.title"): titles, t("user.hit"): hit, t("user.score"): table[SCORE]}
    return pd.DataFrame(columns)


def _arrow(moved: float) -> str:
    if moved == 0:
        return "="
    return f"▲ {moved:.0f}" if moved > 0 else f"▼ {-moved:.0f}"


def narrow() -> dict[str, Any]:
    return {
        t("user.rank"): st.column_config.NumberColumn(width=45),
        t("user.moved"): st.column_config.TextColumn(width=60),
        t("user.hit"): st.column_config.TextColumn(width=45, help=t("user.hit_help")),
        t("user.score"): st.column_config.NumberColumn(format="%.3f", width=65),
    }


def why(run: Run, engine: trial.Engine, tried: trial.Trial, item: str, score: float) -> None:
    """The exact sum behind one score, as figure, table and check."""
    catalog = state.read(run, "catalog")
    title = catalog.titles_of(np.array([item], dtype=object))[0]
    section(t("user.why", item=plain(title)), t("user.why_note"))
    user, how = str(tried.one.users.ids[0]), tried.coefficients
    told = contributions(engine.model, tried.one, user, tried.target, item, coefficients=how)
    parts = told.contributions
    ids = parts[ITEM].to_numpy(dtype=object)
    titles = dict(zip(ids, catalog.titles_of(ids), strict=True))
    rows = plots.why_rows(parts, told.base, titles)
    scenarios = [str(name) for name in engine.space.scenarios.ids]
    figure_with_table(
        plots.why_figure(rows, scenarios, theme=state.theme(), words=plot_words),
        parts.assign(title=[titles[one_id] for one_id in ids]).rename(
            columns={name: t(f"user.part.{name}") for name in [*parts.columns, "title"]}
        ),
        t("user.why_caption"),
        key="why",
        alt=plots.why_alt(rows, words=plot_words),
    )
    total = float(parts["amount"].to_numpy().sum())
    # checked against the score the list was ranked by, which was computed another way
    right = abs(told.base + total - score) <= SUM_TOLERANCE * max(1.0, abs(score))
    st.caption(
        t(
            "user.check" if right else "user.check_failed",
            base=number(told.base, 4),
            total=signed(total, 4),
            score=number(score, 4),
        )
    )


run = run_or_stop(t("user.question"))
with errors_shown():
    top = st.container()
    with st.spinner(t("user.loading")):
        engine = trial.engine(run)
    with st.container(border=True):
        target = choose_target([str(name) for name in engine.space.scenarios.ids])
        tried = choose_user(run, engine, target)
    with top:
        headline(engine, tried)
    past(run, engine, tried.one)
    tried = replace(tried, coefficients=what_if(engine, tried))
    chosen = lists(run, engine, tried)
    if chosen is not None:
        why(run, engine, tried, *chosen)
