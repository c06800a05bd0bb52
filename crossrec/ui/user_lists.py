"""Both lists side by side, with hits, moves and where each item comes from; one item is chosen."""

from typing import Any, Final

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from crossrec.explanation.fallen import fallen
from crossrec.explanation.ranking import FALLBACK, MOVED, Ranking, moves, sources
from crossrec.schema import ITEM, RANK, SCORE, SOURCE_SCENARIO
from crossrec.ui import state, trial
from crossrec.ui.format import number, plain, signed
from crossrec.ui.i18n import t
from crossrec.ui.seen import MARK
from crossrec.ui.trial import Trial
from crossrec.ui.widgets import download_csv, section

HIT: Final = "●"
_STACKED: Final = """<style>
.st-key-lists [data-testid=stHorizontalBlock] {flex-wrap: wrap}
.st-key-lists [data-testid=stColumn] {min-width: min(300px, 100%)}
</style>"""
"""Where there is no room for two lists side by side, they stand below each other."""


def choose_k() -> int:
    """The heading of the lists and their length, which stands in the link as ``?k=``."""
    linked = state.param("k")
    sizes = list(trial.SIZES)
    known = int(linked) if linked.isdecimal() and int(linked) in sizes else 10
    with st.container(horizontal=True, vertical_alignment="bottom"):
        section(t("user.lists"))
        k = st.segmented_control(
            t("user.k"), sizes, default=known, required=True, key="k", label_visibility="collapsed"
        )
    state.set_param("k", None if k == 10 else str(k))
    return int(k or known)


def panel(tried: Trial) -> str | None:
    """Both lists; returns the chosen item of the list with transfer, None where it is empty."""
    st.caption(t("user.lists_note" if tried.hidden else "user.lists_note_unjudged"))
    changed = tried.answer is not tried.learnt
    after, without = tried.answer.ranking, tried.answer.target_only
    left, right = side_by_side()
    with left:
        st.markdown(f"**{t('user.without')}**")
        one_list(tried, without, without.frame(tried.k), key="without")
    table = moves(after, tried.learnt.ranking if changed else without, tried.k)
    brought = sources(
        tried.answer.model, tried.answer.history, after, tried.k
    )[[ITEM, SOURCE_SCENARIO]]  # fmt: skip
    table = table.merge(brought, on=ITEM, how="left")
    with right:
        st.markdown(f"**{t('user.with_changed' if changed else 'user.with')}**")
        event = st.dataframe(
            _shown(tried, table),
            hide_index=True,
            key="with",
            on_select="rerun",
            selection_mode="single-row",
            column_config=_columns(title=175),
        )
        _judged(tried, after)
    _fallen(tried)
    st.caption(t("user.choose_item"))
    download_csv(lambda: exported(tried, table), key="list_csv", file_name="recommendations.csv")
    return _chosen(event, table)


def _fallen(tried: Trial) -> None:
    """Which of the user's hidden items transfer pushed out of the list, by what, and from where."""
    out = fallen(
        tried.answer.model,
        tried.answer.history,
        tried.answer.ranking,
        tried.answer.target_only,
        tried.k,
        among=tried.hidden,
    )
    for one in out:
        pushers = t("common.comma").join(
            t("user.fallen.by", item=plain(tried.title(item)), source=plain(source))
            for item, source in one.pushers
        )
        st.markdown(
            t(
                "user.fallen",
                item=plain(tried.title(one.item_id)),
                before=number(one.rank_without),
                rank=number(one.rank),
                pushers=pushers,
            )
        )


def side_by_side() -> tuple[DeltaGenerator, DeltaGenerator]:
    """The places of two lists."""
    st.html(_STACKED)
    with st.container(key="lists"):
        left, right = st.columns([2, 3], gap="medium")
    return left, right


def one_list(tried: Trial, ranking: Ranking, table: pd.DataFrame, *, key: str) -> None:
    """A list that is only looked at, and its figures."""
    st.dataframe(_shown(tried, table), hide_index=True, key=key, column_config=_columns(title=200))
    _judged(tried, ranking)


def exported(tried: Trial, table: pd.DataFrame) -> pd.DataFrame:
    """A list as a file: ids, titles, ranks in both lists, where it comes from, hits."""
    before = dict(
        zip(tried.answer.target_only.item_ids, range(1, len(tried.answer.target_only) + 1),
            strict=True)
    )  # fmt: skip
    return table.assign(
        title=tried.titles(table[ITEM].to_numpy()),
        rank_without=[before.get(item) for item in table[ITEM]],
        hit=[item in tried.hidden for item in table[ITEM]],
        seen=[item in tried.known for item in table[ITEM]],
    )


def source_name(source: str) -> str:
    """The scenario that brought an item, or that popularity is the fallback."""
    return t("user.fallback") if source == FALLBACK else source


def _shown(tried: Trial, table: pd.DataFrame) -> pd.DataFrame:
    """A list as a person reads it: rank, move, title with its hit mark, source, score."""
    known = tried.known
    marks = [
        f"{HIT} " * (item in tried.hidden) + f"{MARK} " * (item in known) for item in table[ITEM]
    ]
    titles = tried.titles(table[ITEM].to_numpy())
    columns: dict[str, Any] = {t("user.rank"): table[RANK]}
    if MOVED in table:
        columns[t("user.moved")] = [arrow(moved) for moved in table[MOVED]]
    columns[t("column.title")] = [
        f"{mark}{title}" for mark, title in zip(marks, titles, strict=True)
    ]
    if SOURCE_SCENARIO in table:
        columns[t("user.from")] = [source_name(name) for name in table[SOURCE_SCENARIO]]
    columns[t("user.score")] = table[SCORE]
    return pd.DataFrame(columns)


def arrow(moved: float) -> str:
    """Places won or lost: ``▲ 3``, ``▼ 2``, ``=``; "new" where it was no candidate before."""
    if pd.isna(moved):
        return t("user.moved_new")
    if moved == 0:
        return "="
    return f"▲ {moved:.0f}" if moved > 0 else f"▼ {-moved:.0f}"


def _columns(*, title: int) -> dict[str, Any]:
    return {
        t("user.rank"): st.column_config.NumberColumn(width=45),
        t("user.moved"): st.column_config.TextColumn(width=65),
        t("column.title"): st.column_config.TextColumn(
            width=title, help=f"{t('user.hit_help')} {t('seen.mark_help')}"
        ),
        t("user.from"): st.column_config.TextColumn(width=90, help=t("user.from_help")),
        t("user.score"): st.column_config.NumberColumn(format="%.3f", width=60),
    }


def _judged(tried: Trial, ranking: Ranking) -> None:
    """Metrics of a list for this user, where hidden items are known."""
    found = trial.figures(ranking, tried)
    if found is None:
        return
    st.caption(
        t(
            "user.figures",
            hits=number(found.hits),
            hidden=number(len(tried.hidden)),
            k=tried.k,
            ndcg=number(found.ndcg),
            recall=number(found.recall),
        )
    )


def lift_sentence(tried: Trial) -> str:
    """What transfer changes for this user: his own NDCG with and without; "" if not known."""
    after = trial.figures(tried.answer.ranking, tried)
    before = trial.figures(tried.answer.target_only, tried)
    if after is None or before is None:
        return ""
    return t(
        "user.lift",
        k=tried.k,
        hits=number(after.hits),
        before=number(before.hits),
        change=signed(after.ndcg - before.ndcg),
    )


def _chosen(event: Any, table: pd.DataFrame) -> str | None:
    """The selected row, else the item of the link, else the first."""
    ids = table[ITEM].tolist()
    if not ids:
        return None
    rows = event["selection"]["rows"]
    if rows and rows[0] < len(ids):
        state.set_param("item", ids[rows[0]])
        return ids[rows[0]]
    return state.param("item") if state.param("item") in ids else ids[0]
