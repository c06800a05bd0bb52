"""The training as it goes: curves and the trials of the search, while it runs and afterwards."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from crossrec import jobs, plots
from crossrec.jobs import Job, State
from crossrec.ui import state
from crossrec.ui.format import duration, number
from crossrec.ui.i18n import t
from crossrec.ui.widgets import figure_with_table, plot_words, table_with_download
from crossrec.workspace import Run, is_run
from crossrec.workspace.unfinished import reached

_REFRESH = 5.0  # seconds: training itself looks at its validation rows about as often


def while_training(job: Job) -> None:
    """Curves and trials of a run that is being made, or of the run that was made."""
    if job.active:
        st.fragment(_live, run_every=_REFRESH)(job.id, job.run_path)
    elif job.state is State.DONE and is_run(Path(job.run_path)):
        run = Run(job.run_path)
        with st.expander(t("train.curves"), icon=":material/show_chart:"):
            draw(state.read(run, "training") if "training" in run.parts else [], trials_of(run))


def trials_of(run: Run) -> list[Mapping[str, Any]]:
    """The trials of a run's search for settings, in their order; none where it did not search."""
    if "report" not in run.parts:
        return []
    return list(state.read(run, "report").config.get("trials", ()))


def draw(history: Sequence[Mapping[str, Any]], trials: Sequence[Mapping[str, Any]]) -> None:
    """Both, where there are any; a sentence where there is neither yet."""
    rows = plots.curve_rows(history)
    if rows.empty and not trials:
        st.caption(t("train.curves_none"))
    if not rows.empty:
        figure_with_table(
            plots.training_figure(rows, (), theme=state.theme(), words=plot_words),
            rows.rename(columns={name: t(f"transfer.curves.{name}") for name in rows.columns}),
            t("transfer.curves.caption"),
            key="live_curves",
            alt=plots.training_alt(rows, words=plot_words),
        )
    if trials:
        st.caption(t("train.trials", n=len(trials), best=number(best_of(trials)["ndcg"], 4)))
        table_with_download(trial_table(trials), key="live_trials", file_name="trials.csv")


def best_of(trials: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    """The trial with the highest validation NDCG, the first of equals."""
    return max(trials, key=lambda trial: trial["ndcg"])


def trial_table(trials: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """A row per trial, the best first: its number, what it reached, its time, its settings."""
    ordered = sorted(trials, key=lambda trial: -trial["ndcg"])
    return pd.DataFrame(
        [
            {
                t("train.trial.number"): trial["trial"] + 1,
                t("train.trial.ndcg"): number(trial["ndcg"], 4),
                t("train.trial.seconds"): duration(trial["seconds"]),
                **{name: _setting(value) for name, value in trial.get("settings", {}).items()},
            }
            for trial in ordered
        ]
    )


def _setting(value: object) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def _live(job_id: str, run_path: str) -> None:
    if not jobs.get(state.workspace().jobs_db, job_id).active:
        st.rerun(scope="app")
    found = reached(Path(run_path))
    with st.container(key="curves_so_far", gap="small"):
        draw(found.history, found.trials)
