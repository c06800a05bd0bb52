"""For whom, against what, and how it was trained: the parts of the Transfer page about models."""

from collections.abc import Collection
from typing import Any

import pandas as pd
import streamlit as st

from crossrec import evaluation, plots
from crossrec.evaluation import SELECTION, Answer, RunReport
from crossrec.ui import kept, state, transfer_chosen, verdicts
from crossrec.ui import models as model_words
from crossrec.ui.format import interval, number, plain
from crossrec.ui.i18n import t
from crossrec.ui.widgets import (
    download_csv,
    figure_with_table,
    go_button,
    plot_words,
    section,
    table_with_download,
)
from crossrec.workspace import Run
from crossrec.workspace.selections import Selection


def cohorts(
    run: Run,
    report: RunReport,
    scenarios: list[str],
    metric: str,
    chosen: Selection | None,
) -> None:
    """The forest plot by scenario and kind of user, and by the users chosen on the map."""
    section(t("transfer.forest.title"), t("transfer.forest.note"))
    answers = list(answers_of(run, report, metric))
    if chosen is not None:
        mine = against(run, metric, users=chosen)
        answers += mine
        _selection_line(chosen, mine)
    rows = plots.forest_rows(answers, scenarios)
    if rows.empty:
        st.caption(t("transfer.map.empty"))
        return
    name = t(f"metric.{metric}")
    figure_with_table(
        kept.figure(
            run,
            "forest",
            metric,
            chosen.id if chosen is not None else None,
            draw=lambda: plots.forest_figure(
                rows, scenarios, metric=name, theme=state.theme(), words=plot_words
            ),
        ),
        verdicts.told(rows).rename(columns=lambda name: t(f"transfer.column.{name}")),
        f"{t('transfer.forest.caption')} {verdicts.rule()}",
        key="forest",
        alt=plots.forest_alt(rows, metric=name, words=plot_words),
        columns={t("transfer.column.verdict"): verdicts.column()},
    )
    for line in evaluation.counts_told(report, state.least_shown(run), plot_words, plain):
        st.caption(line)


def answers_of(run: Run, report: RunReport, metric: str) -> tuple[Answer, ...]:
    """What transfer did by scenario and cohort, in one metric."""
    return kept.value(
        run,
        "answers",
        metric,
        make=lambda: evaluation.summary(report, metric=metric).answers,
    )


def _selection_line(chosen: Selection, answers: list[Answer]) -> None:
    """How many of the selected users were judged, and the way to let go of them."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(
            t(
                "transfer.selection",
                n=number(len(chosen.distinct())),
                judged=number(max((one.n for one in answers), default=0)),
            ),
            width="content",
        )
        st.button(
            t("transfer.selection_clear"),
            key="selection_clear",
            type="tertiary",
            on_click=state.set_param,
            args=("sel", None),
        )


def against(
    run: Run, metric: str, *, model: str | None = None, users: Selection | None = None
) -> list[Answer]:
    """Transfer against a model (default the baseline), over the users; once per server."""
    if metric not in state.read(run, "report").per_user:
        return []

    def make() -> list[Answer]:
        return evaluation.answers_for(
            state.read(run, "report"),
            users.distinct().tolist() if users is not None else None,
            against=model,
            metric=metric,
            cohort=SELECTION if users is not None else "all",
            least=state.least_shown(run),
        )

    return kept.value(
        run, "against", metric, model, users.id if users is not None else None, make=make
    )


def simpler(run: Run, report: RunReport, metric: str) -> None:
    """Transfer minus every other model of the run: what its parts, and simpler ones, are worth."""
    models = [str(name) for name in evaluation.judged_models(report)]
    if not models or metric not in report.per_user:
        return
    name = t(f"metric.{metric}")
    section(t("transfer.simpler.title"), t("transfer.simpler.note", metric=name))
    model_words.told(run)
    rows: dict[str, dict[str, str]] = {}
    for model in models:
        for one in against(run, metric, model=model):
            row = rows.setdefault(one.scenario, {t("column.scenario"): one.scenario})
            shown = interval(one.lift, one.low, one.high, sign=True)
            row[model_words.report_name(model)] = f"{shown} · {verdicts.versus(one)}"
    table_with_download(pd.DataFrame(list(rows.values())), key="simpler")


def settings(run: Run, report: RunReport) -> None:
    """What was set and what was chosen; and the way to train again with other settings."""
    section(t("transfer.settings.title"))
    config = {**run.info.get("config", {}), **report.config}
    advanced = dict(config.get("transfer_config") or {})
    with st.expander(t("transfer.settings.advanced")):
        rows = [
            *((one, config.get(one)) for one in ("seed", "encoder", "k", "max_users")),
            *advanced.items(),
        ]
        table_with_download(
            pd.DataFrame(
                [(one, "" if value is None else str(value)) for one, value in rows],
                columns=[t("transfer.settings.name"), t("transfer.settings.value")],
            ),
            key="run_settings",
        )
    transfer_chosen.chosen(report)
    go_button(
        t("transfer.settings.again"),
        "data",
        "train_again",
        query=_files(run),
        icon=":material/replay:",
    )


def _files(run: Run) -> dict[str, str]:
    """The run's files for the Data page, where they are kept as uploads."""
    found = {}
    kept = state.workspace().root / "uploads"
    for name, file in run.info.get("inputs", {}).items():
        sha = str(file.get("sha256", ""))
        if sha and any(kept.glob(f"{sha}*")):
            found["log" if name == "interactions" else name] = sha
    return {**found, "part": "files"} if "log" in found else {}


def metrics(report: RunReport, cohort: str, shown: Collection[str]) -> None:
    """All models side by side: a row per scenario and model, a column per metric."""
    section(t("transfer.metrics.title"), t("transfer.metrics.note", k=report.config["k"]))
    table = report.table
    own = table.loc[
        (table["source"] == "")
        & (table["cohort"] == cohort)
        & (table["k"] == report.config["k"])
        & table["metric"].isin(list(shown))
    ]
    rows: dict[tuple[str, str], dict[str, Any]] = {}
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
