"""Transfer: does it help, where, for whom, how sure?"""

import streamlit as st

from crossrec.evaluation import COHORTS, HELPS, HURTS, LIFT, Answer, RunReport, Summary
from crossrec.ui import (
    linked,
    seen,
    selection,
    state,
    transfer_models,
    transfer_pairs,
    transfer_users,
    verdicts,
)
from crossrec.ui.command import as_command, options
from crossrec.ui.format import interval, number, plain
from crossrec.ui.i18n import t
from crossrec.ui.widgets import empty_state, errors_shown, go_button, plot_words, run_or_stop
from crossrec.workspace import Run

VIEWS = ("lift", "forced", "coefficient")
METRICS = ("ndcg", "recall", "hr", "map", "precision", "f1", "mrr", "coverage")
FIRST_COHORT = "cold"  # those that transfer is for; over all users its effect is diluted


def headline(found: Summary) -> None:
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
    verdicts.headline(
        t("transfer.question"), found, *facts, plot_words("headline_method", k=found.k)
    )


def _top(answers: list[Answer], verdict: str) -> list[Answer]:
    """The answer with the largest lift (or loss) of one verdict, if any."""
    mine = [one for one in answers if one.verdict == verdict]
    return sorted(mine, key=lambda one: -abs(one.lift))[:1]


def controls(report: RunReport) -> tuple[str, str, str]:
    """View of the heat map, cohort and metric; all three stand in the link."""
    lifts = report.table.loc[report.table["source"] != ""]
    cohorts = [name for name in COHORTS if name in set(lifts["cohort"])]
    metrics = [name for name in METRICS if f"{LIFT}{name}" in set(lifts["metric"])]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        view = linked.choice(
            t("transfer.view"),
            VIEWS,
            lambda name: t(f"transfer.view.{name}"),
            param="view",
            buttons=True,
        )
        cohort = linked.choice(
            t("transfer.cohort"),
            cohorts or ["all"],
            lambda name: t(f"cohort.{name}"),
            param="cohort",
            default=FIRST_COHORT,
            width=220,
        )
        metric = linked.choice(
            t("transfer.metric"),
            metrics or ["ndcg"],
            lambda name: t(f"metric.{name}"),
            param="metric",
            width=220,
        )
    return view, cohort, metric


def nothing(run: Run) -> None:
    """No lift: one scenario needs another, or nothing was held out."""
    scenarios = run.info.get("scenarios", ())
    found = state.summary(run)
    verdicts.headline(t("transfer.question"), found)
    if found.unjudged is not None:
        return
    kind = "one" if len(scenarios) == 1 else "none"
    with empty_state(t(f"transfer.{kind}.title"), t(f"transfer.{kind}.body")):
        go_button(t("home.own.button"), "data", "go_data", query={**state.here(), "new": "1"})


def parts(run: Run, report: RunReport, names: list[str]) -> None:
    """Everything below the answer, from the pairs down to single users."""
    view, cohort, metric = controls(report)
    pair = transfer_pairs.heat_map(run, report, names, view, cohort, metric)
    if pair is not None:
        transfer_pairs.details(run, report, pair, cohort, metric)
    chosen = None
    with errors_shown():  # a selection that is no longer kept: the rest of the page goes on
        chosen = selection.chosen(run, "users")
    transfer_models.cohorts(run, report, names, metric, chosen)
    transfer_users.winners(run, report, names, metric, chosen)
    transfer_models.simpler(run, report, metric)
    seen.both_ways(report)
    transfer_models.settings(run, report)


def viewed(run: Run) -> list[list[object]]:
    """The heat map that the link tells, as a command; none where nothing was judged."""
    if "report" not in run.parts or not state.summary(run).answers:
        return []
    told = {
        "run": run.path,
        "view": state.param("view", VIEWS[0]),
        "cohort": state.param("cohort", FIRST_COHORT),
        "metric": state.param("metric", METRICS[0]),
    }
    return [["crossrec", "pairs", *options(told)]]


shown = run_or_stop(t("transfer.question"))
with errors_shown():
    found = state.summary(shown)
    results = state.read(shown, "report")
    if not found.answers:
        nothing(shown)
    else:
        headline(found)
        parts(shown, results, [str(name) for name in shown.info.get("scenarios", ())])
    transfer_models.metrics(results, state.param("cohort", FIRST_COHORT), METRICS)
as_command(["crossrec", "runs", "show", shown.path], *viewed(shown))
