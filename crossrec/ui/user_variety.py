"""Good lists: variety at a known price, no doubles, limits per category, house rules.

``?variety=`` and ``?most=`` stand in the link; the house's rules (pinned, excluded) belong to the
run and are kept in the workspace's settings.
"""

from dataclasses import replace
from typing import Any, Final

import numpy as np
import pandas as pd
import streamlit as st

from crossrec import plots
from crossrec.data.seen import EXCLUDE, Seen
from crossrec.explanation.ranking import Ranking
from crossrec.lists.measures import ListFigures, list_figures
from crossrec.lists.rerank import Rules, rerank
from crossrec.lists.shelf import Shelf
from crossrec.pipeline.lists import tradeoff
from crossrec.schema import CATEGORY
from crossrec.ui import pick, state, trial
from crossrec.ui.format import number, signed
from crossrec.ui.i18n import t
from crossrec.ui.trial import Trial
from crossrec.ui.widgets import figure_with_table, plot_words, section
from crossrec.workspace import Run

JUDGED: Final = 150
"""Users with hidden items the curve is measured on."""
SETTINGS: Final = "list_rules"


def shelf_of(run: Run, target: str) -> Shelf:
    """What is known about a scenario's items, put together once per server."""
    return _shelf(str(run.path), str(run.info.get("created")), target)


@st.cache_resource(max_entries=20, show_spinner=False)
def _shelf(path: str, created: str, target: str) -> Shelf:
    del created  # part of the cache key: a run that was replaced is read anew
    run = Run(path)
    ready = trial.engine(run)
    return Shelf.of(
        ready.space,
        target,
        histories=ready.histories,
        catalog=state.read(run, "catalog"),
        features=state.read(run, "features") if "features" in run.parts else None,
        twins=state.read(run, "audit").twins if "audit" in run.parts else (),
    )


def variety() -> float:
    """How much variety is asked for, as the link says."""
    try:
        return min(max(float(state.param("variety") or 0.0), 0.0), 1.0)
    except ValueError:
        return 0.0


def rules_of(run: Run) -> Rules:
    """The rules of the house for this run, and the limit per category of the link."""
    kept = state.workspace().settings().get(SETTINGS, {}).get(run.id)
    most = state.param("most")
    return replace(
        Rules.from_dict(kept) if kept else Rules(),
        most_per_category=int(most) if most.isdecimal() and int(most) else None,
    )


def shown_items(tried: Trial) -> np.ndarray:
    """Local numbers of the list as it is to be shown, under variety and rules."""
    if tried.who.model is not trial.engine(tried.run).model:  # made of a sentence: other numbers
        return tried.answer.ranking.local[: tried.k]
    shelf = shelf_of(tried.run, tried.target)
    return _listed(tried, shelf, variety(), rules_of(tried.run))


def _listed(tried: Trial, shelf: Shelf, asked: float, rules: Rules) -> np.ndarray:
    ranking: Ranking = tried.answer.ranking
    known = shelf.known_products(tried.who.one)
    return rerank(
        ranking.all_scores,
        ranking.local,
        shelf,
        tried.k,
        variety=asked,
        rules=rules,
        known=known if tried.seen == EXCLUDE else None,
    )


def panel(tried: Trial) -> None:
    """The slider with its price, the rules, the list it makes and its figures."""
    section(t("user.variety.title"), t("user.variety.note"))
    if tried.who.model is not trial.engine(tried.run).model:
        st.caption(t("user.variety.sentence"))
        return
    shelf = shelf_of(tried.run, tried.target)
    left, right = st.columns([2, 3], gap="large")
    with left:
        asked, rules = _controls(tried, shelf)
    items = _listed(tried, shelf, asked, rules)
    with right, st.spinner(t("user.variety.measuring")):
        _curve(tried, asked)
    _list(tried, shelf, items)
    _figures(tried, shelf, items)


def _controls(tried: Trial, shelf: Shelf) -> tuple[float, Rules]:
    asked = st.slider(
        t("user.variety.slider"),
        0.0,
        1.0,
        variety(),
        step=0.05,
        key="variety",
        help=t("user.variety.slider_help"),
    )
    state.set_param("variety", f"{asked:g}" if asked else None)
    rules = rules_of(tried.run)
    if len(shelf.categories) > 1:
        most = st.number_input(
            t("user.variety.most"), 0, 50, rules.most_per_category or 0, key="most",
            help=t("user.variety.most_help"),
        )  # fmt: skip
        state.set_param("most", str(most) if most else None)
        rules = replace(rules, most_per_category=int(most) or None)
    doubles = st.toggle(t("user.variety.doubles"), value=rules.no_doubles, key="doubles")
    if doubles != rules.no_doubles:
        rules = replace(rules, no_doubles=doubles)
        _keep(tried.run, rules)
    with st.popover(t("user.variety.house"), icon=":material/gavel:"):
        _house(tried, rules)
    return asked, rules


def _house(tried: Trial, rules: Rules) -> None:
    """Pinned and excluded items of this run."""
    st.caption(t("user.variety.house_note"))
    item = pick.item_picker(tried.catalog, "house", param="")
    if item is not None:
        with st.container(horizontal=True):
            st.button(
                t("user.variety.pin"),
                key="house_pin",
                on_click=_keep,
                args=(
                    tried.run,
                    replace(
                        rules,
                        pinned=tuple(dict.fromkeys([*rules.pinned, item])),
                        excluded=rules.excluded - {item},
                    ),
                ),
            )
            st.button(
                t("user.variety.exclude"),
                key="house_exclude",
                on_click=_keep,
                args=(
                    tried.run,
                    replace(
                        rules,
                        pinned=tuple(one for one in rules.pinned if one != item),
                        excluded=rules.excluded | {item},
                    ),
                ),
            )
    for name, ids in (("pinned", rules.pinned), ("excluded", sorted(rules.excluded))):
        if ids:
            titles = tried.titles(np.array(ids, dtype=object))
            st.caption(t(f"user.variety.{name}"))
            st.text("\n".join(map(str, titles)))
    if rules.pinned or rules.excluded:
        st.button(
            t("user.variety.clear"),
            key="house_clear",
            type="tertiary",
            on_click=_keep,
            args=(tried.run, replace(rules, pinned=(), excluded=frozenset())),
        )


def _keep(run: Run, rules: Rules) -> None:
    """Keep the rules of the house for this run."""
    workspace = state.workspace()
    settings = workspace.settings()
    kept = {**settings.get(SETTINGS, {}), run.id: replace(rules, most_per_category=None).to_dict()}
    workspace.save_settings({**settings, SETTINGS: kept})


def _curve(tried: Trial, asked: float) -> None:
    created = str(tried.run.info.get("created"))
    rows = _measured(str(tried.run.path), created, tried.target, tried.k, tried.seen)
    if rows.empty or not rows["users"].iloc[0]:
        st.caption(t("user.variety.unjudged"))
        return
    figure_with_table(
        plots.variety_figure(rows, asked, k=tried.k, theme=state.theme(), words=plot_words),
        rows.rename(columns={name: t(f"user.variety.{name}") for name in rows.columns}),
        t("user.variety.caption", n=number(int(rows["users"].iloc[0])), k=tried.k),
        key="variety_curve",
        alt=plots.variety_alt(rows, words=plot_words),
    )


@st.cache_data(max_entries=20, show_spinner=False)
def _measured(path: str, created: str, target: str, k: int, seen: Seen) -> pd.DataFrame:
    del created  # part of the cache key: a run that was replaced is read anew
    run = Run(path)
    ready = trial.engine(run)
    return tradeoff(
        ready.model,
        ready.histories,
        ready.wanted(seen),
        shelf_of(run, target),
        k=k,
        users=JUDGED,
        seen=seen,
    )


def _list(tried: Trial, shelf: Shelf, items: np.ndarray) -> None:
    """The list to show, beside the place each item has by its score alone."""
    ids = shelf.ids[items]
    place = tried.answer.ranking.ranks[items]
    columns: dict[str, Any] = {
        t("user.rank"): np.arange(1, len(items) + 1),
        t("column.title"): tried.titles(ids),
    }
    if CATEGORY in tried.catalog.attributes:
        names = np.array([*shelf.categories, ""], dtype=object)
        columns[t("column.category")] = names[shelf.category[items]]
    columns[t("user.variety.place")] = [number(int(one)) if one else "–" for one in place]
    st.dataframe(pd.DataFrame(columns), hide_index=True, key="variety_list")


def _figures(tried: Trial, shelf: Shelf, items: np.ndarray) -> None:
    """Diversity, novelty, serendipity, calibration: of this list, and of the one by score."""
    users = len(trial.engine(tried.run).histories)
    history = tried.who.one.by_scenario[shelf.scenario].indices
    codes = {item: at for at, item in enumerate(shelf.ids)}
    relevant = np.array([codes[item] for item in tried.hidden if item in codes], dtype=np.int64)
    mine, plain_one = (
        list_figures(one, shelf, users=users, history=history, relevant=relevant)
        for one in (items, tried.answer.ranking.local[: tried.k])
    )
    rows = [_figure_row(name, mine, plain_one) for name in ListFigures.__dataclass_fields__]
    st.dataframe(pd.DataFrame(rows), hide_index=True, key="variety_figures")


def _figure_row(name: str, mine: ListFigures, by_score: ListFigures) -> dict[str, str]:
    value, before = float(getattr(mine, name)), float(getattr(by_score, name))
    return {
        t("user.variety.figure"): t(f"user.variety.{name}"),
        t("user.variety.this"): number(value, 3),
        t("user.variety.by_score"): number(before, 3),
        t("user.variety.difference"): signed(value - before, 3),
    }
