"""Compare: which run wins, and what does it cost?"""

from typing import Any

import pandas as pd
import streamlit as st

from crossrec import plots
from crossrec.evaluation.runs import BETTER, WORSE, compare_runs, overall
from crossrec.ui import state
from crossrec.ui.format import duration, interval, number, plain, run_label
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


def label(run: Run) -> str:
    """Name of a run; runs of one minute are told apart by the end of their id."""
    return f"{run_label(run, st.context.timezone)} · {run.id[-4:]}"


def settings(run: Run) -> dict[str, Any]:
    """The settings of a run, nested ones under dotted names."""
    flat: dict[str, Any] = {}

    def lay(prefix: str, value: Any) -> None:
        if isinstance(value, dict):
            for name, inner in value.items():
                lay(f"{prefix}.{name}" if prefix else str(name), inner)
        else:
            flat[prefix] = value

    lay("", run.info.get("config", {}))
    return flat


def cost(run: Run) -> float:
    """Seconds of the whole run."""
    return float(sum(run.info.get("timings", {}).values()))


@st.cache_resource(max_entries=200, show_spinner=False)
def standing(path: str, created: str) -> dict[str, float]:
    """Where a run stands in one number (cached by run)."""
    del created
    return overall(Run(path).report())


def table_of(runs: list[Run]) -> pd.DataFrame:
    """One row per run: its metric with interval, its baseline, its cost, its split."""
    rows = []
    for run in runs:
        one = standing(str(run.path), str(run.info.get("created")))
        rows.append({"run": label(run), "cost": cost(run), **one, "split": split_of(run)})
    return pd.DataFrame(rows)


def split_of(run: Run) -> str:
    return state.read(run, "report").split_hash[:8]


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
    unequal = differences(runs)
    if unequal.empty:
        st.caption(t("compare.settings.equal"))
        return
    section(t("compare.settings.title"), t("compare.settings.note"))
    table_with_download(unequal, key="settings", file_name="settings.csv")


def differences(runs: list[Run]) -> pd.DataFrame:
    """Settings that are not the same in all runs: a row per setting, a column per run."""
    each = [settings(run) for run in runs]
    names = dict.fromkeys(name for one in each for name in one)
    unequal = [name for name in names if len({str(one.get(name)) for one in each}) > 1]
    return pd.DataFrame(
        [
            {
                t("compare.settings.name"): name,
                **{
                    label(run): str(one.get(name, "–")) for run, one in zip(runs, each, strict=True)
                },
            }
            for name in unequal
        ]
    )


def trade_off(table: pd.DataFrame) -> None:
    priced = table.loc[table["cost"] > 0]
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
    other = next(name for name in ids if name != current.id)
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
    found = compare_runs(state.read(first, "report"), state.read(second, "report"))
    verdicts = found["verdict"].tolist()
    better, worse = verdicts.count(BETTER), verdicts.count(WORSE)
    st.markdown(t("compare.pair.answer", better=better, worse=worse, total=len(found)))
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
            t("compare.column.verdict"): t(f"compare.verdict.{row['verdict']}"),
        }
        for row in found.to_dict("records")
    ]
    table_with_download(pd.DataFrame(shown), key="paired", file_name="difference.csv")
    st.caption(t("compare.pair.note"))


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


shown = run_or_stop(t("compare.question"))
with errors_shown():
    project = state.project()
    every = state.workspace().runs(project) if project else []
    judged = [run for run in every if "report" in run.parts]
    length = shown.info.get("config", {}).get("k", 10)
    if shown.id not in [run.id for run in judged]:
        answer(t("compare.question"), t("compare.answer_none"))
    else:
        numbers = table_of(judged)
        headline(numbers, shown, length)
        if len(judged) > 1:
            section(t("compare.pair.title"), t("compare.pair.about"))
            one, two = pick_two(judged, shown)
            with errors_shown():
                pair(one, two)
        else:
            with empty_state(t("compare.alone.title"), t("compare.alone.body")):
                go_button(t("compare.alone.go"), "data", "compare_train", query=state.here())
        overview(judged, numbers, length)
        trade_off(numbers)
