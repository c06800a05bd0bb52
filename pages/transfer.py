"""Transfer: does it help, where, for whom, how sure?"""

import numpy as np
import pandas as pd
import streamlit as st

from crossrec import evaluation, plots
from crossrec.evaluation import COHORTS, HELPS, HURTS, LIFT, Answer, RunReport, Summary
from crossrec.ui import state
from crossrec.ui.format import interval, number, percent, plain, signed
from crossrec.ui.i18n import t
from crossrec.ui.widgets import (
    answer,
    download_csv,
    empty_state,
    errors_shown,
    figure_with_table,
    go_button,
    plot_words,
    run_or_stop,
    section,
)
from crossrec.workspace import Run

VIEWS = ("lift", "forced", "coefficient")
METRICS = ("ndcg", "recall", "hr", "map", "precision", "f1", "mrr", "coverage")
SHOWN_USERS = 12
FIRST_COHORT = "cold"  # those that transfer is for; over all users its effect is diluted


def headline(found: Summary) -> None:
    helped, hurt, total = len(found.helped), len(found.hurt), len(found.helped + found.hurt)
    total += len(found.unclear)
    key = "transfer.answer" if hurt else "transfer.answer_no_hurt"
    extremes = [one for one in found.answers if one.verdict in (HELPS, HURTS)]
    facts = [
        t(
            f"transfer.answer_{one.verdict}",
            scenario=plain(one.scenario),
            cohort=t(f"plot.cohort_{one.cohort}"),
            lift=interval(one.lift, one.low, one.high, sign=True),
            n=number(one.n),
        )
        for one in dict.fromkeys([*_top(extremes, HELPS), *_top(extremes, HURTS)])
    ]
    note = t("transfer.answer_note", k=found.k, unclear=len(found.unclear))
    answer(
        t("transfer.question"),
        t(key, helped=helped, hurt=hurt, total=total),
        " ".join([*facts, note]),
    )


def _top(answers: list[Answer], verdict: str) -> list[Answer]:
    """The answer with the largest lift (or loss) of one verdict, if any."""
    mine = [one for one in answers if one.verdict == verdict]
    return sorted(mine, key=lambda one: -abs(one.lift))[:1]


def controls(report: RunReport) -> tuple[str, str, str]:
    """View of the heat map, cohort and metric; all three stand in the link."""
    left, middle, right = st.columns([2, 1, 1], gap="medium", vertical_alignment="bottom")
    with left:
        view = st.segmented_control(
            t("transfer.view"),
            VIEWS,
            format_func=lambda name: t(f"transfer.view.{name}"),
            default=VIEWS[0],
            required=True,
            key="view",
            bind="query-params",
        )
    lifts = report.table.loc[report.table["source"] != ""]
    cohorts = [name for name in COHORTS if name in set(lifts["cohort"])]
    metrics = [name for name in METRICS if f"{LIFT}{name}" in set(lifts["metric"])]
    coefficient = view == "coefficient"
    cohort = middle.selectbox(
        t("transfer.cohort"),
        cohorts,
        index=cohorts.index(FIRST_COHORT) if FIRST_COHORT in cohorts else 0,
        format_func=lambda name: t(f"cohort.{name}"),
        key="cohort",
        bind="query-params",
        disabled=coefficient,
    )
    metric = right.selectbox(
        t("transfer.metric"),
        metrics,
        format_func=lambda name: t(f"metric.{name}"),
        key="metric",
        bind="query-params",
        disabled=coefficient,
    )
    return view or "lift", cohort or "all", metric or "ndcg"


def heat_map(
    report: RunReport, scenarios: list[str], view: str, cohort: str, metric: str
) -> tuple[str, str] | None:
    """The matrix of pairs, and the pair that was clicked or stands in the link."""
    section(t("transfer.map.title"), t(f"transfer.map.note_{view}"))
    coefficient = view == "coefficient"
    if coefficient:
        pairs = plots.coefficient_pairs(report.coefficients)
    else:
        pairs = evaluation.verdicts(report, cohort=cohort, metric=metric, forced=view == "forced")
    if pairs.empty:
        st.caption(t("transfer.map.empty"))
        return None
    event = figure_with_table(
        plots.transfer_figure(
            pairs,
            scenarios,
            coefficient=coefficient,
            metric=t(f"metric.{metric}"),
            theme=state.theme(),
            words=plot_words,
        ),
        pairs.rename(columns={name: t(f"transfer.column.{name}") for name in pairs.columns}),
        t(f"transfer.map.caption_{view}"),
        key="pairs",
        alt=plots.transfer_alt(pairs, coefficient=coefficient, words=plot_words),
        on_select="rerun",
    )
    size = pairs["coefficient" if coefficient else "lift"].to_numpy()
    pairs = pairs.iloc[np.argsort(-np.abs(size), kind="stable")]
    return _chosen(event, list(zip(pairs["source"], pairs["target"], strict=True)), scenarios)


def _chosen(
    event: dict | None, known: list[tuple[str, str]], scenarios: list[str]
) -> tuple[str, str]:
    """The clicked pair, else the linked one, else the strongest; written to the link as numbers."""
    points = (event or {}).get("selection", {}).get("points", [])
    clicked = tuple(points[0].get("customdata", ())) if points else ()
    numbers = {f"{scenarios.index(one)}-{scenarios.index(two)}": (one, two) for one, two in known}
    for short_id, pair in numbers.items():
        if pair == clicked:
            state.set_param("pair", short_id)
    return numbers.get(state.param("pair"), known[0])


def details(run: Run, report: RunReport, pair: tuple[str, str], cohort: str, metric: str) -> None:
    """One pair: both lifts with interval, n and p, and the users behind them."""
    source, target = pair
    section(f"{plain(source)} → {plain(target)}", t("transfer.pair.note"))
    for column, forced in zip(st.columns(3, gap="medium"), (False, True), strict=False):
        found = evaluation.verdicts(report, cohort=cohort, metric=metric, forced=forced)
        mine = found.loc[(found["source"] == source) & (found["target"] == target)]
        with column:
            st.caption(t("transfer.view.forced" if forced else "transfer.view.lift"))
            for row in mine.to_dict("records"):
                shown = interval(row["lift"], row["low"], row["high"], sign=True)
                st.markdown(f"**{shown}**")
                st.caption(
                    t(
                        "transfer.pair.facts",
                        verdict=t(f"verdict.{row['verdict']}"),
                        n=number(row["n"]),
                        p=number(row["p_holm"]),
                    )
                )
    users = users_of(report, source, target)
    if users.empty:
        return
    columns = {name: t(f"transfer.users.{name}") for name in users.columns}
    event = st.dataframe(
        users.head(SHOWN_USERS).rename(columns=columns),
        hide_index=True,
        on_select="rerun",
        selection_mode="single-row",
        key="pair_users",
        column_config={
            columns["coefficient"]: st.column_config.NumberColumn(format="%.2f"),
            columns["change"]: st.column_config.NumberColumn(format="%+.3f"),
        },
    )
    st.caption(t("transfer.users.note", n=number(len(users)), metric=t("metric.ndcg")))
    with st.container(horizontal=True):
        rows = event["selection"]["rows"]
        if rows:
            user = str(users["user_id"].iloc[rows[0]])
            query = {**state.here(run), "user": user, "scenario": target}
            go_button(t("transfer.users.open"), "user", "open_user", query=query, type="primary")
        download_csv(users.rename(columns=columns), key="pair_users_csv", file_name="users.csv")


def users_of(report: RunReport, source: str, target: str) -> pd.DataFrame:
    """Judged users of the target with history in the source, the largest change first."""
    gate = report.coefficients
    mine = gate.loc[
        (gate["source"] == source) & (gate["target"] == target) & (gate["source_items"] > 0)
    ]
    changes = changes_of(report, target, "all")
    users = mine.merge(changes, on="user_id")
    users = users.sort_values("change", key=abs, ascending=False, kind="stable")
    return users.loc[:, ["user_id", "source_items", "target_items", "coefficient", "change"]]


def changes_of(report: RunReport, target: str, cohort: str) -> pd.DataFrame:
    return plots.user_changes(
        report.per_user,
        scenario=target,
        cohort=cohort,
        model=str(report.config["transfer"]),
        baseline=str(report.config["baseline"]),
    )


def cohorts(report: RunReport, scenarios: list[str], metric: str) -> None:
    section(t("transfer.forest.title"), t("transfer.forest.note"))
    rows = plots.forest_rows(evaluation.summary(report, metric=metric).answers, scenarios)
    if rows.empty:
        st.caption(t("transfer.map.empty"))
        return
    name = t(f"metric.{metric}")
    figure_with_table(
        plots.forest_figure(rows, scenarios, metric=name, theme=state.theme(), words=plot_words),
        rows.rename(columns={column: t(f"transfer.column.{column}") for column in rows.columns}),
        t("transfer.forest.caption"),
        key="forest",
        alt=plots.forest_alt(rows, metric=name, words=plot_words),
    )


def winners(report: RunReport, scenarios: list[str]) -> None:
    section(t("transfer.winners.title"), t("transfer.winners.note"))
    judged = [name for name in scenarios if name in set(report.per_user["scenario"])]
    if not judged:
        st.caption(t("transfer.map.empty"))
        return
    left, right = st.columns(2, gap="medium")
    target = left.selectbox(t("transfer.winners.target"), judged, key="winners_target")
    cohort = right.selectbox(
        t("transfer.cohort"),
        ("all", "warm", "cold"),
        format_func=lambda name: t(f"cohort.{name}"),
        key="winners_cohort",
    )
    counted = plots.winners(changes_of(report, target, cohort))
    figure_with_table(
        plots.winners_figure(
            counted, metric=t("metric.ndcg"), theme=state.theme(), words=plot_words
        ),
        counted.bins.rename(
            columns={name: t(f"transfer.winners.{name}") for name in counted.bins.columns}
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


def curves(run: Run, scenarios: list[str]) -> None:
    if "training" not in run.parts:
        return
    rows = plots.curve_rows(state.read(run, "training"))
    if rows.empty:
        return
    section(t("transfer.curves.title"), t("transfer.curves.note"))
    figure_with_table(
        plots.training_figure(rows, scenarios, theme=state.theme(), words=plot_words),
        rows.rename(columns={name: t(f"transfer.curves.{name}") for name in rows.columns}),
        t("transfer.curves.caption"),
        key="curves",
        alt=plots.training_alt(rows, words=plot_words),
    )


def metrics(report: RunReport, cohort: str) -> None:
    """All models side by side: a row per scenario and model, a column per metric."""
    section(t("transfer.metrics.title"), t("transfer.metrics.note", k=report.config["k"]))
    table = report.table
    own = table.loc[
        (table["source"] == "")
        & (table["cohort"] == cohort)
        & (table["k"] == report.config["k"])
        & table["metric"].isin(METRICS)
    ]
    rows: dict[tuple[str, str], dict[str, str]] = {}
    for one in own.to_dict("records"):
        row = rows.setdefault(
            (one["scenario"], one["model"]),
            {
                t("column.scenario"): one["scenario"],
                t("transfer.metrics.model"): one["model"],
                t("transfer.metrics.users"): number(one["n"]),
            },
        )
        row[t(f"metric.{one['metric']}")] = interval(one["value"], one["low"], one["high"])
    st.dataframe(pd.DataFrame(list(rows.values())), hide_index=True, key="metrics")
    st.caption(t("transfer.metrics.cohort", cohort=t(f"cohort.{cohort}")))
    download_csv(table, key="metrics_csv", file_name="metrics.csv", label=t("transfer.metrics.csv"))


shown = run_or_stop(t("transfer.question"))
with errors_shown():
    found = state.summary(shown)
    results = state.read(shown, "report")
    names = [str(name) for name in shown.info.get("scenarios", ())]
    if not found.answers:
        answer(t("transfer.question"), t("transfer.answer_none"))
        empty_state(t("transfer.none.title"), t("transfer.none.body"))
    else:
        headline(found)
        look, group, measure = controls(results)
        chosen = heat_map(results, names, look, group, measure)
        if chosen is not None:
            details(shown, results, chosen, group, measure)
        cohorts(results, names, measure)
        winners(results, names)
        curves(shown, names)
    metrics(results, state.param("cohort", "all"))
