"""Runs beside each other: what each reached, in what they differ, and the paired test.

Everything here is computed once per server and runs: a run never changes.
"""

from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from crossrec import report
from crossrec.evaluation.runs import compare_runs, overall
from crossrec.ui import state
from crossrec.ui.format import run_label
from crossrec.workspace import Run


def label(run: Run) -> str:
    """Name of a run; runs of one minute are told apart by the end of their id."""
    return run_label(run, st.context.timezone)


def split_of(run: Run) -> str:
    """The first digits of the hash of what a run was judged on."""
    return state.read(run, "report").split_hash[:8]


def table_of(runs: Sequence[Run]) -> pd.DataFrame:
    """One row per run: ``run, cost, value, low, high, baseline, n, split``."""
    rows = []
    for run in runs:
        one = _standing(*_key(run))
        rows.append({"run": label(run), "cost": report.cost(run), **one, "split": split_of(run)})
    return pd.DataFrame(rows)


def differences(runs: Sequence[Run]) -> pd.DataFrame:
    """Settings that are not the same in all runs, a column per run."""
    return report.differences({label(run): _settings(*_key(run)) for run in runs})


def paired(first: Run, second: Run) -> pd.DataFrame:
    """Second minus first, user by user, as :func:`crossrec.evaluation.runs.compare_runs`.

    Raises:
        SplitError: the runs were judged on different splits or list lengths.
    """
    return _paired(*_key(first), *_key(second))


def _key(run: Run) -> tuple[str, str]:
    return str(run.path), str(run.info.get("created"))


@st.cache_resource(max_entries=200, show_spinner=False)
def _standing(path: str, created: str) -> dict[str, float]:
    del created  # part of the cache key: a run that was replaced is read anew
    return overall(Run(path).report())


@st.cache_resource(max_entries=200, show_spinner=False)
def _settings(path: str, created: str) -> dict[str, Any]:
    del created
    return report.settings_of(Run(path))


@st.cache_resource(max_entries=50, show_spinner=False)
def _paired(first: str, made_first: str, second: str, made_second: str) -> pd.DataFrame:
    del made_first, made_second
    return compare_runs(Run(first).report(), Run(second).report())
