"""Compare: which run wins, and what does it cost?"""

import pandas as pd
import streamlit as st

from crossrec import plots
from crossrec.evaluation import VERSUS
from crossrec.ui import compared, models, state, take_along, verdicts
from crossrec.ui.command import as_command
from crossrec.ui.compared import label, split_of
from crossrec.ui.format import duration, interval, number, plain
from crossrec.ui.i18n import t
from crossrec.ui.widgets import (
    answer,
    empty_state,
    errors_shown,
    figure_with_table,
    go_button,
    plot_words,
    run_or_stop,
    section,
    table_with_download,
)
from crossrec.workspace import Run


def overview(runs: list[Run], table: pd.DataFrame, k: object) -> None:
    section(t("compare.runs.title"), t("compare.runs.note", k=k))
    shown = [
        {
            t("compare.column.run"): row["run"],
            t("compare.column.value"): interval(row["value"], row["low"], row["high"]),
            t("compare.column.baseline"): number(row["baseline"]),
            t("compare.column.cost"): duration(row["cost"]) if row["cost"] else "–",
            t("compare.column.n"): number(row["n"]),
            t("compare.column.split"): row["split"],
        }
        for row in table.to_dict("records")
    ]
    table_with_download(pd.DataFrame(shown), key="runs", file_name="runs.csv")
    feedback(runs)
    unequal = compared.differences(runs).rename(columns={"setting": t("compare.settings.name")})
    if unequal.empty:
        st.caption(t("compare.settings.equal"))
        return
    section(t("compare.settings.title"), t("compare.settings.note"))
    table_with_download(unequal, key="settings", file_name="settings.csv")


def feedback(runs: list[Run]) -> None:
    """What of people's feedback went into which training."""
    for run in runs:
        learnt = run.info.get("feedback")
        if not isinstance(learnt, dict):
            continue
        names = ("likes", "refusals", "kept_from_training", "of_other_data")
        counts = {name: number(int(learnt.get(name, 0))) for name in names}
        st.caption(t("compare.feedback", run=plain(label(run)), **counts))


def trade_off(table: pd.DataFrame, current: Run) -> None:
    priced = table.loc[(table["cost"] > 0) & (table["split"] == split_of(current))]
    if len(priced) < 2:
        return
    section(t("compare.trade.title"), t("compare.trade.note"))
    figure_with_table(
        plots.tradeoff_figure(
            priced, metric=t("metric.ndcg"), theme=state.theme(), words=plot_words
        ),
        priced.rename(columns={name: t(f"compare.column.{name}") for name in priced.columns}),
        t("compare.trade.caption"),
        key="trade",
        alt=plots.tradeoff_alt(priced, metric=t("metric.ndcg"), words=plot_words),
    )


def pick_two(runs: list[Run], current: Run) -> tuple[Run, Run]:
    """The two runs to compare; the current one is the second, and both stand in the link."""
    by_id = {run.id: run for run in runs}
    ids = list(by_id)
    others = [run for run in runs if run.id != current.id]
    comparable = [run for run in others if split_of(run) == split_of(current)]
    other = (comparable or others)[0].id
    picks = []
    for column, name, default in zip(
        st.columns(2, gap="medium"), ("first", "second"), (other, current.id), strict=True
    ):
        linked = state.param(name)
        pick = column.selectbox(
            t(f"compare.{name}"),
            ids,
            index=ids.index(linked if linked in by_id else default),
            format_func=lambda run_id: label(by_id[run_id]),
            key=f"pick_{name}",
        )
        state.set_param(name, pick)
        picks.append(by_id[pick])
    return picks[0], picks[1]


def pair(first: Run, second: Run) -> None:
    found = compared.paired(first, second)
    counts = {word: found["verdict"].tolist().count(word) for word in VERSUS.values()}
    st.markdown(t("compare.pair.answer", **counts, total=len(found)))
    shown = [
        {
            t("column.scenario"): row["scenario"],
            t("compare.first"): number(row["first"]),
            t("compare.second"): number(row["second"]),
            t("compare.column.difference"): interval(
                row["difference"], row["low"], row["high"], sign=True
            ),
            t("compare.column.n"): number(row["n"]),
            t("compare.column.p"): number(row["p_holm"]),
            t("compare.column.verdict"): verdicts.said(row["verdict"], row["why"]),
        }
        for row in found.to_dict("records")
    ]
    table_with_download(
        pd.DataFrame(shown),
        key="paired",
        file_name="difference.csv",
        columns={t("compare.column.verdict"): verdicts.column()},
    )
    st.caption(f"{t('compare.pair.note')} {verdicts.rule()}")


def headline(table: pd.DataFrame, current: Run, k: object) -> None:
    same = table.loc[table["split"] == split_of(current)]
    if len(same) < 2:
        answer(
            t("compare.question"), t("compare.answer_one", n=len(table)), t("compare.answer_alone")
        )
        return
    best = same.loc[same["value"].idxmax()]
    answer(
        t("compare.question"),
        t(
            "compare.answer",
            run=plain(best["run"]),
            value=interval(best["value"], best["low"], best["high"]),
            n=len(same),
            k=k,
        ),
        t("compare.answer_note", n=others) if (others := len(table) - len(same)) else "",
    )


def commands(shown: Run, picks: tuple[Run, Run] | None) -> None:
    lines = [["crossrec", "report", shown.path, "--out", "report.html"]]
    if picks is not None:
        lines.insert(0, ["crossrec", "compare", picks[0].path, picks[1].path])
    as_command(*lines, ["crossrec", "export", "--run", shown.path, "--out", "lists.parquet"])


shown = run_or_stop(t("compare.question"))
picks = None
with errors_shown():
    project = state.project()
    every = state.workspace().runs(project) if project else []
    judged = [run for run in every if "report" in run.parts]
    length = shown.info.get("config", {}).get("k", 10)
    if shown.id not in [run.id for run in judged]:
        answer(t("compare.question"), t("compare.answer_none"))
    else:
        numbers = compared.table_of(judged)
        headline(numbers, shown, length)
        if len(judged) > 1:
            section(t("compare.pair.title"), t("compare.pair.about"))
            picks = pick_two(judged, shown)
            with errors_shown():
                pair(*picks)
        else:
            with empty_state(t("compare.alone.title"), t("compare.alone.body")):
                query = {**state.here(), "new": "1"}
                go_button(t("compare.alone.go"), "data", "compare_train", query=query)
        overview(judged, numbers, length)
        models.told(shown, t("compare.simpler.title"))
        trade_off(numbers, shown)
        take_along.offer_report(shown, judged)
with errors_shown():
    take_along.offer_lists(shown)
commands(shown, picks)
