"""Find one item among many: a search box, and the best few matches to choose from."""

import numpy as np
import pandas as pd
import streamlit as st

from crossrec.data.catalog import Catalog
from crossrec.data.ids import UNKNOWN
from crossrec.ui import state
from crossrec.ui.i18n import t
from crossrec.ui.linked import say_unknown
from crossrec.workspace import Run

MATCHES = 30


def matches(catalog: Catalog, words: str, limit: int = MATCHES) -> np.ndarray:
    """Ids of items whose id is ``words`` or whose title holds all of them, shortest title first.

    Args:
        catalog: the items.
        words: what a person typed; "" for the first items.
        limit: at most so many.
    """
    titles = pd.Series(catalog.title, dtype=object)
    hit = np.ones(len(catalog), dtype=bool)
    for word in words.casefold().split():
        hit &= titles.str.casefold().str.contains(word, regex=False).to_numpy(dtype=bool)
    if words:
        hit |= catalog.items.ids == words.strip()
    rows = np.flatnonzero(hit)
    if words:
        rows = rows[np.argsort(titles.str.len().to_numpy()[rows], kind="stable")]
    return catalog.items.ids[rows[:limit]]


def item_picker(catalog: Catalog, key: str, *, param: str = "item") -> str | None:
    """A search box and the matches; the chosen item stands in the link as ``?<param>=``.

    With an empty ``param`` the link is left alone.

    Returns:
        The item's id, None where nothing matches.
    """
    search, choice = st.columns([2, 3], gap="large")
    words = search.text_input(
        t("pick.search"), key=f"{key}_words", placeholder=t("pick.placeholder"), max_chars=200
    )
    found = list(matches(catalog, words))
    linked = state.param(param) if param else ""
    if not words and linked in catalog.items and linked not in found:
        found.insert(0, linked)
    if not found:
        choice.caption(t("pick.none"))
        return None
    titles = dict(zip(found, catalog.titles_of(np.array(found, dtype=object)), strict=True))
    chosen = choice.selectbox(
        t("pick.item"),
        found,
        index=found.index(linked) if linked in found else 0,
        format_func=lambda item: f"{titles[item]} · {item}" if titles[item] != item else item,
        key=f"{key}_item",
    )
    if param:
        known = [linked] if linked in catalog.items else list(map(str, catalog.items.ids))
        say_unknown(param, linked, known, str(chosen))
        state.set_param(param, chosen)
    return chosen


def scenarios_of(run: Run, ids: np.ndarray) -> np.ndarray:
    """The scenario each item is found in (the first one in the run's order), "" if in none."""
    log, catalog = state.read(run, "log"), state.read(run, "catalog")
    first = np.full(len(log.items), len(log.scenarios), dtype=np.int32)
    np.minimum.at(first, log.item, log.scenario)
    names = np.append(log.scenarios.ids, "")
    codes = log.items.codes(ids)
    found = np.where(codes == UNKNOWN, "", names[first[codes]] if len(first) else "")
    for name, listed in catalog.listed.items():
        inside = np.isin(ids, catalog.items.ids[listed])
        found = np.where((found == "") & inside, name, found)
    return found.astype(object)
