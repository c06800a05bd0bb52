"""Recommendation cards: what a person would be shown, and files of them for a meeting."""

import json
from dataclasses import asdict, replace
from typing import Any, Final

import numpy as np
import pandas as pd
import streamlit as st

from crossrec import plots
from crossrec.explanation.contributions import list_contributions
from crossrec.explanation.ranking import FALLBACK, sources
from crossrec.schema import CATEGORY, ITEM, PRICE, SOURCE_SCENARIO
from crossrec.ui import i18n, user_reason, user_variety
from crossrec.ui.card_sheet import Card, html_sheet
from crossrec.ui.format import number, plain
from crossrec.ui.i18n import t
from crossrec.ui.trial import Trial
from crossrec.ui.user_lists import source_name
from crossrec.ui.widgets import download_csv, section

TEXT_LENGTH: Final = 140
IN_A_ROW: Final = 3
NEUTRAL: Final = "#7F7F7F"


def panel(tried: Trial) -> None:
    """The cards, and the files."""
    section(t("user.cards.title"), t("user.cards.note"))
    cards = made(tried)
    for start in range(0, len(cards), IN_A_ROW):
        boxes = st.columns(IN_A_ROW, gap="small")
        for box, card in zip(boxes, cards[start : start + IN_A_ROW], strict=False):
            with box.container(border=True, height="stretch", gap="xsmall"):
                _show(card)
    _files(tried, cards)


def made(tried: Trial) -> list[Card]:
    """A card per item of the list with transfer."""
    space, ranking = tried.who.model.space_, tried.answer.ranking
    items = user_variety.shown_items(tried)
    ids = [str(item) for item in space.ids(tried.code)[items]]
    if not ids:
        return []
    history = tried.answer.history
    told = list_contributions(
        tried.answer.model,
        history,
        str(history.users.ids[0]),
        tried.target,
        ids,
        coefficients=ranking.coefficients,
    )
    shown = replace(ranking, item_ids=np.array(ids, dtype=object), local=items)
    brought = sources(tried.answer.model, history, shown, len(ids)).set_index(ITEM)
    colours = {name: mark.colour for name, mark in plots.marks(tried.scenarios).items()}
    return [
        _card(tried, at, one, removed, str(brought[SOURCE_SCENARIO].loc[one.item_id]), colours)
        for at, (one, removed) in enumerate(
            zip(told, user_reason.removals(tried, ids), strict=True), start=1
        )
    ]


def _card(
    tried: Trial,
    rank: int,
    told: Any,
    removed: pd.DataFrame,
    source: str,
    colours: dict[str, str],
) -> Card:
    facts = _facts(tried, told.item_id)
    return Card(
        rank=rank,
        item=told.item_id,
        title=tried.title(told.item_id),
        category=facts.get(CATEGORY, ""),
        price=facts.get(PRICE, ""),
        text=facts["text"],
        source=t("user.cards.from", name=source) if source != FALLBACK else source_name(source),
        why=user_reason.short(tried, told, removed),
        score=told.score,
        hit=told.item_id in tried.hidden,
        colour=colours.get(source, NEUTRAL),
    )


def _facts(tried: Trial, item: str) -> dict[str, str]:
    """Text, category and price of an item, as text."""
    catalog = tried.catalog
    code = int(catalog.items.codes([item])[0])
    if code < 0:
        return {"text": ""}
    text = " ".join(str(catalog.text[code]).split())
    found = {"text": text if len(text) <= TEXT_LENGTH else f"{text[: TEXT_LENGTH - 1].rstrip()}…"}
    for name in (CATEGORY, PRICE):
        if name in catalog.attributes:
            value = catalog.attributes[name][code]
            known = not (isinstance(value, float) and np.isnan(value))
            found[name] = (number(value, 2) if isinstance(value, float) else str(value)) * known
    return found


def _show(card: Card) -> None:
    """One card; text of the catalogue goes through ``st.text`` or ``plain``."""
    st.caption(f"{card.rank} {'●' if card.hit else ''}")
    st.markdown(f"**{plain(card.title)}**")
    facts = [plain(part) for part in (card.category, card.price) if part]
    if facts:
        st.caption(" · ".join(facts))
    if card.text:
        st.caption(plain(card.text))
    st.badge(plain(card.source), color="gray")
    if card.why:
        st.caption(plain(card.why))


def _files(tried: Trial, cards: list[Card]) -> None:
    table = pd.DataFrame([asdict(card) for card in cards]).drop(columns="colour", errors="ignore")
    title = t("user.cards.sheet", user=tried.who.name, target=tried.target)
    with st.container(horizontal=True):
        download_csv(table, key="cards_csv", file_name="cards.csv")
        for name, mime, content in (
            ("json", "application/json", lambda: json.dumps(
                table.to_dict(orient="records"), ensure_ascii=False, indent=2)),
            ("html", "text/html", lambda: html_sheet(
                title, t("user.cards.sheet_note"), cards, i18n.language())),
        ):  # fmt: skip
            st.download_button(
                t(f"user.download_{name}"),
                data=content,
                file_name=f"cards.{name}",
                mime=mime,
                key=f"cards_{name}",
                on_click="ignore",
                icon=":material/download:",
                type="tertiary",
            )
