"""What a verdict would do to the list, before it is kept."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
import streamlit as st

from crossrec.explanation.ranking import Ranking
from crossrec.explanation.whatif import what_if
from crossrec.ui.format import number, plain
from crossrec.ui.i18n import t
from crossrec.ui.trial import Trial
from crossrec.workspace.feedback import STRENGTHS, Verdict

GONE: Final = "–"


@dataclass(frozen=True)
class Effect:
    """The first k of a list before and after a verdict.

    Attributes:
        items: ids of all items of both, those that leave last.
        before, after: their ranks; None where an item is no candidate.
        left, entered: ids of items that leave the first k, and that come in.
        hits_before, hits: hidden items in the first k.
    """

    items: list[str]
    before: list[int | None]
    after: list[int | None]
    left: list[str]
    entered: list[str]
    hits_before: int
    hits: int


def effect(tried: Trial, item: str, verdict: Verdict) -> Effect:
    """What a verdict does to the list that is shown; nothing is kept."""
    who = tried.who
    row = (who.name, tried.target, item, STRENGTHS[verdict])
    said = who.one.with_rows([row], who.model.space_)
    after = what_if(
        who.model, said, tried.target, tried.state, catalog=tried.catalog, seen=tried.seen
    ).ranking
    before = tried.answer.ranking
    old, new = (list(map(str, each.item_ids[: tried.k])) for each in (before, after))
    shown = list(dict.fromkeys([*new, *old]))
    return Effect(
        shown,
        _ranks(before, shown),
        _ranks(after, shown),
        [each for each in old if each not in new],
        [each for each in new if each not in old],
        len(tried.hidden.intersection(old)),
        len(tried.hidden.intersection(new)),
    )


def show(tried: Trial, item: str, verdict: Verdict) -> None:
    """The effect in a sentence and as both lists."""
    found = effect(tried, item, verdict)
    comma = t("common.comma")
    out, entered = (
        comma.join(plain(tried.title(each)) for each in ids) or t("user.feedback.nothing")
        for ids in (found.left, found.entered)
    )
    st.markdown(
        t(
            "user.feedback.effect",
            verdict=t(f"user.feedback.{verdict}"),
            item=plain(tried.title(item)),
            k=tried.k,
            out=out,
            entered=entered,
        )
    )
    if tried.hidden:
        st.caption(
            t(
                "user.feedback.effect_hits",
                k=tried.k,
                before=number(found.hits_before),
                after=number(found.hits),
            )
        )
    st.dataframe(
        pd.DataFrame(
            {
                t("user.feedback.before"): _places(found.before),
                t("user.feedback.after"): _places(found.after),
                t("column.title"): tried.titles(np.array(found.items, dtype=object)),
            }
        ),
        hide_index=True,
        key="feedback_effect",
        height=260 if len(found.items) > 6 else "auto",
    )


def _ranks(ranking: Ranking, items: list[str]) -> list[int | None]:
    """Rank of each item; None where it is no candidate."""
    places = {str(item): at for at, item in enumerate(ranking.item_ids, start=1)}
    return [places.get(item) for item in items]


def _places(ranks: list[int | None]) -> list[str]:
    return [GONE if rank is None else str(rank) for rank in ranks]
