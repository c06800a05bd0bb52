"""What an evaluation finds, as tables."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

REPORT_COLUMNS = (
    "model", "source", "scenario", "cohort", "metric", "k", "value", "low", "high", "n",
)  # fmt: skip
"""Columns of :attr:`RunReport.table`."""


@dataclass(frozen=True)
class RunReport:
    """How good the models of one run are.

    Attributes:
        table: long table with :data:`REPORT_COLUMNS`. ``value`` with its 95 % interval ``low``,
            ``high`` over ``n`` users. ``cohort``: "all", "warm", "cold". ``source`` is "" for a
            model's own metrics. Rows of metric ``lift_<metric>`` hold paired differences to the
            target-only model: ``source`` "" for all sources together, or one source scenario's
            name when only this source is on; for these, model "transfer" uses the learnt
            coefficients and model "transfer (open)" sets them to 1.
        per_user: one row per (model, scenario, cohort, user_id) with the columns ``ndcg``,
            ``recall``, ``hr`` ... at the main k: what the paired tests and histograms use.
        coefficients: long table ``user_id, source, target, coefficient, source_items,
            target_items`` for evaluated users (the M_st(u) and both history lengths).
        config: the settings of the run, JSON-able.
        seed: of the run.
        split_hash: runs with unequal hashes must not be compared.
        timings: seconds by phase.
        notes: sentences a reader must know (e.g. "repeats do not count").
    """

    table: pd.DataFrame
    per_user: pd.DataFrame
    coefficients: pd.DataFrame
    config: Mapping[str, object]
    seed: int
    split_hash: str
    timings: Mapping[str, float] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
