"""Single users behind a lift: who gained, who lost, and the way to look at one of them."""

from typing import Final

import pandas as pd
import streamlit as st

from crossrec import plots
from crossrec.evaluation import SELECTION, RunReport
from crossrec.ui import kept, linked, state
from crossrec.ui.format import number, percent, plain, signed
from crossrec.ui.i18n import t
from crossrec.ui.widgets import (
    download_csv,
    figure_with_table,
    go_button,
    plot_words,
    section,
)
from crossrec.workspace import Run
from crossrec.workspace.selections import Selection

SHOWN: Final = 12
EXTREME: Final = 10
COHORTS: Final = ("all", "warm", "cold")


def changes_of(
    run: Run, target: str, cohort: str, metric: str, chosen: Selection | None = None
) -> pd.DataFrame:
    """The change of each judged user of a cohort; :data:`~evaluation.SELECTION` is ``chosen``."""
    report: RunReport = state.read(run, "report")

    def make() -> pd.DataFrame:
        return plots.user_changes(
            report.per_user,
            scenario=target,
            cohort="all" if cohort == SELECTION else cohort,
            metric=metric,
            model=str(report.config["transfer"]),
            baseline=str(report.config["baseline"]),
        )

    if cohort != SELECTION or chosen is None:
        return kept.table(run, "changes", target, cohort, metric, make=make)
    found = changes_of(run, target, "all", metric)
    return found.loc[found["user_id"].isin(chosen.distinct().tolist())].reset_index(drop=True)


def of_pair(run: Run, report: RunReport, source: str, target: str, metric: str) -> None:
    """Judged users of the target with history in the source, the largest change first."""

    def make() -> pd.DataFrame:
        gate = report.coefficients
        mine = gate.loc[
            (gate["source"] == source) & (gate["target"] == target) & (gate["source_items"] > 0)
        ]
        users = mine.merge(changes_of(run, target, "all", metric), on="user_id")
        users = users.sort_values("change", key=abs, ascending=False, kind="stable")
        return users.loc[:, ["user_id", "source_items", "target_items", "coefficient", "change"]]

    users = kept.table(run, "pair users", source, target, metric, make=make)
    if users.empty:
        return
    choose(run, users, target, metric, key="pair_users", most=SHOWN)
    st.caption(t("transfer.users.note", n=number(len(users)), metric=plain(t(f"metric.{metric}"))))


def choose(run: Run, users: pd.DataFrame, target: str, metric: str, *, key: str, most: int) -> None:
    """A table of users; the chosen one can be opened. Its file holds all of them."""
    named = {"metric": t(f"metric.{metric}")}
    heads = {name: t(f"transfer.users.{name}", **named) for name in users.columns}
    small = {"coefficient": "%.2f", "change": "%+.3f", "without": "%.3f", "with_transfer": "%.3f"}
    event = st.dataframe(
        users.head(most).rename(columns=heads),
        hide_index=True,
        on_select="rerun",
        selection_mode="single-row",
        key=key,
        column_config={
            heads[name]: st.column_config.NumberColumn(format=form)
            for name, form in small.items()
            if name in heads
        },
    )
    with st.container(horizontal=True):
        rows = event["selection"]["rows"]
        if rows and rows[0] < len(users):
            user = str(users["user_id"].iloc[rows[0]])
            query = {**state.here(run), "user": user, "scenario": target}
            go_button(t("transfer.users.open"), "user", f"{key}_open", query=query, type="primary")
        download_csv(lambda: users.rename(columns=heads), key=f"{key}_csv", file_name="users.csv")


def winners(
    run: Run, report: RunReport, scenarios: list[str], metric: str, chosen: Selection | None
) -> None:
    """The change per user as a histogram, and those who gained and lost most."""
    name = t(f"metric.{metric}")
    section(t("transfer.winners.title"), t("transfer.winners.note", metric=name))
    inside = kept.value(run, "judged", make=lambda: set(report.per_user["scenario"].unique()))
    judged = [one for one in scenarios if one in inside]
    if not judged or metric not in report.per_user:
        st.caption(t("transfer.map.empty"))
        return
    target, cohort = _choices(judged, chosen)
    changes = changes_of(run, target, cohort, metric, chosen)
    least, everybody = state.least_shown(run), len(changes_of(run, target, "all", metric))
    # Of a group that leaves only a few out, the figures of those few could be worked out.
    if any(0 < n < least for n in (len(changes), everybody - len(changes))):
        st.caption(t("data.privacy.withheld", n=least))
        return
    counted = plots.winners(changes, least=least)
    figure_with_table(
        kept.figure(
            run,
            "winners",
            target,
            cohort,
            metric,
            chosen.id if chosen is not None and cohort == SELECTION else None,
            draw=lambda: plots.winners_figure(
                counted, metric=name, theme=state.theme(), words=plot_words
            ),
        ),
        counted.bins.rename(
            columns={one: t(f"transfer.winners.{one}") for one in counted.bins.columns}
        ),
        t(
            "transfer.winners.caption",
            helped=percent(counted.share(counted.helped)),
            harmed=percent(counted.share(counted.harmed)),
            tied=percent(counted.share(counted.tied)),
            n=number(counted.n),
            median=signed(counted.median),
        ),
        key="winners",
        alt=plots.winners_alt(counted, words=plot_words),
    )
    _extremes(run, changes, target, metric)


def _choices(judged: list[str], chosen: Selection | None) -> tuple[str, str]:
    """Target and cohort; both stand in the link."""
    left, right = st.columns(2, gap="medium")
    with left:
        at = linked.choice(
            t("transfer.winners.target"),
            [str(at) for at in range(len(judged))],
            lambda at: judged[int(at)],
            param="target",
            key="winners_target",
        )
    cohorts = [*COHORTS, *([SELECTION] if chosen is not None else [])]
    with right:
        cohort = linked.choice(
            t("transfer.cohort"), cohorts, lambda one: t(f"cohort.{one}"), param="winners_cohort"
        )
    return judged[int(at)], cohort


def _extremes(run: Run, changes: pd.DataFrame, target: str, metric: str) -> None:
    """The users who gained, and those who lost, most."""
    sides = (
        ("helped", changes.loc[changes["change"] > plots.TIE].iloc[::-1]),
        ("harmed", changes.loc[changes["change"] < -plots.TIE]),
    )
    for column, (name, users) in zip(st.columns(2, gap="medium"), sides, strict=True):
        with column:
            st.markdown(f"**{t(f'transfer.winners.{name}')}**")
            if users.empty:
                st.caption(t("transfer.winners.nobody"))
            else:
                choose(run, users, target, metric, key=f"most_{name}", most=EXTREME)
