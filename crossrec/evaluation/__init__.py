"""How good, for whom, how sure."""

from crossrec.evaluation.cohort import SELECTION, answers_for, judged_models
from crossrec.evaluation.compare import FORCED, TARGET_ONLY, TRANSFER, compare
from crossrec.evaluation.metrics import METRICS, coverage, find_hits
from crossrec.evaluation.notes import NOTES, Note
from crossrec.evaluation.protocol import EvaluatedUsers, Ranked, evaluated_users, rank
from crossrec.evaluation.repeated import REPEATED_COLUMNS, repeated
from crossrec.evaluation.results import COHORTS, LIFT, REPORT_COLUMNS, WITH_REPEATS, RunReport
from crossrec.evaluation.simpler import Better, Simpler, simpler_models
from crossrec.evaluation.uncertainty import Interval, bootstrap, bootstrap_difference, holm
from crossrec.evaluation.unjudged import Unjudged, Why
from crossrec.evaluation.verdict import (
    ALPHA,
    HELPS,
    HURTS,
    INCONCLUSIVE,
    MIN_USERS,
    UNCHANGED,
    VERDICT_COLUMNS,
    VERDICTS,
    Answer,
    Summary,
    summary,
    verdicts,
)
from crossrec.evaluation.withheld import without_small_groups

__all__ = [
    "ALPHA",
    "COHORTS",
    "FORCED",
    "HELPS",
    "HURTS",
    "INCONCLUSIVE",
    "LIFT",
    "METRICS",
    "MIN_USERS",
    "NOTES",
    "REPEATED_COLUMNS",
    "REPORT_COLUMNS",
    "SELECTION",
    "TARGET_ONLY",
    "TRANSFER",
    "UNCHANGED",
    "VERDICTS",
    "VERDICT_COLUMNS",
    "WITH_REPEATS",
    "Answer",
    "Better",
    "EvaluatedUsers",
    "Interval",
    "Note",
    "Ranked",
    "RunReport",
    "Simpler",
    "Summary",
    "Unjudged",
    "Why",
    "answers_for",
    "bootstrap",
    "bootstrap_difference",
    "compare",
    "coverage",
    "evaluated_users",
    "find_hits",
    "holm",
    "judged_models",
    "rank",
    "repeated",
    "simpler_models",
    "summary",
    "verdicts",
    "without_small_groups",
]
