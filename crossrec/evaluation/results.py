"""What an evaluation finds, as tables."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from crossrec.errors import RunUnreadable
from crossrec.evaluation.notes import Note
from crossrec.evaluation.protocol import FEW

REPORT_COLUMNS = (
    "model", "source", "scenario", "cohort", "metric", "k", "value", "low", "high", "n", "p",
    "p_holm", "forced",
)  # fmt: skip
"""Columns of :attr:`RunReport.table`."""

PER_USER_COLUMNS = (
    "model", "scenario", "user_id", "cohort", "target_items", "other_items", "ndcg", "recall",
    "hr", "map", "precision", "f1", "mrr",
)  # fmt: skip
"""Columns of :attr:`RunReport.per_user`."""

COEFFICIENT_COLUMNS = (
    "user_id", "source", "target", "coefficient", "low", "high", "judged", "source_items",
    "target_items",
)  # fmt: skip
"""Columns of :attr:`RunReport.coefficients`."""

WITH_REPEATS = "with_repeats"
"""All users with a test item, judged by lists that may include seen items."""

COHORTS = ("all", "warm", "warm_few", "cold", "cold_items", WITH_REPEATS)
"""Groups a metric is averaged over; see :mod:`crossrec.evaluation.protocol`."""

LIFT = "lift_"
"""A metric with this prefix is a paired difference to a target-only model."""

_FILE = "report.json"
_TABLES = {
    "table": "report.parquet",
    "per_user": "per_user.parquet",
    "coefficients": "coefficients.parquet",
}


@dataclass(frozen=True)
class RunReport:
    """How good the models of one run are.

    Figures are of new items: seen items are neither shown nor judged, but in the rows of cohort
    :data:`WITH_REPEATS`.

    Attributes:
        table: long table with :data:`REPORT_COLUMNS`. ``value`` is a mean over ``n`` users of one
            of the :data:`COHORTS`, ``low`` to ``high`` its 95 % interval (NaN for one user and for
            "coverage", which is no mean). ``source`` is "" for a model's own metrics. Rows of
            metric ``lift_<metric>`` hold paired differences with the p-value ``p`` and, corrected
            for the number of scenarios or scenario pairs, ``p_holm`` (NaN elsewhere). With
            ``source`` "" they compare a model with the baseline. With a source scenario's name
            they compare the transfer model with only this source open with its own target-only
            form: under the model's name with the learnt coefficients, and under "<name> (forced)"
            (``forced`` true) with the coefficient 1 for every user.
        per_user: one row per (model, scenario, user_id) with :data:`PER_USER_COLUMNS` at the main
            k. ``cohort`` is "warm", "cold" or "empty" (no history at all); ``target_items`` and
            ``other_items`` count the user's history items in the scenario and elsewhere.
        coefficients: long table with :data:`COEFFICIENT_COLUMNS` for evaluated users: M_st(u) of
            every source but the target itself, ``low`` to ``high`` its 95 % interval over
            ``judged`` validation users, and both history lengths.
        config: the settings of the run, JSON-able.
        seed: of the run.
        split_hash: runs with unequal hashes must not be compared.
        timings: seconds by phase.
        notes: what a reader must know (e.g. which repeats count where).
    """

    table: pd.DataFrame
    per_user: pd.DataFrame
    coefficients: pd.DataFrame
    config: Mapping[str, object]
    seed: int
    split_hash: str
    timings: Mapping[str, float] = field(default_factory=dict)
    notes: tuple[Note, ...] = ()

    def coefficients_of(self, cohort: str) -> pd.DataFrame:
        """The coefficients of the users of a cohort.

        Warm and cold-start users have nothing in common there: a source is often closed for one and
        open for the other.

        Args:
            cohort: one of :data:`COHORTS`; those that are no group of users have all.

        Returns:
            Rows of :attr:`coefficients`, of the targets whose results of the cohort are shown.
        """
        items = self.coefficients["target_items"].astype(int)
        members = {"warm": items > 0, "warm_few": items.between(1, FEW), "cold": items == 0}
        judged = self.table.loc[self.table["cohort"] == cohort, "scenario"]
        shown = self.coefficients["target"].isin(judged.unique().tolist())
        return self.coefficients.loc[shown & members.get(cohort, items >= 0)]

    def save(self, folder: Path) -> None:
        """Write ``report.json`` and the three tables as Parquet into a folder, made if needed.

        ``report.json`` repeats the table as rows (numbers to 6 digits) for readers without Parquet.
        """
        folder.mkdir(parents=True, exist_ok=True)
        for name, file in _TABLES.items():
            getattr(self, name).to_parquet(folder / file, index=False)
        record = {
            "config": dict(self.config),
            "seed": self.seed,
            "split_hash": self.split_hash,
            "timings": dict(self.timings),
            "notes": [note.to_json() for note in self.notes],
            "table": json.loads(str(self.table.to_json(orient="records", double_precision=6))),
        }
        text = json.dumps(record, ensure_ascii=False, indent=2)
        (folder / _FILE).write_text(text + "\n", encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> "RunReport":
        """Read what :meth:`save` wrote.

        Raises:
            RunUnreadable: a file is missing or damaged.
        """
        try:
            record = json.loads((folder / _FILE).read_text(encoding="utf-8"))
            record.pop("table")
            tables = {name: pd.read_parquet(folder / file) for name, file in _TABLES.items()}
            record["notes"] = tuple(map(Note.from_json, record["notes"]))
            return cls(**tables, **record)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise RunUnreadable(
                f"expected {_FILE} and {', '.join(_TABLES.values())} in {folder.name!r}",
                str(error),
                "Run the evaluation again",
            ) from error
