"""How good, for whom, how sure."""

from crossrec.evaluation import board
from crossrec.evaluation.board import Decision
from crossrec.evaluation.cohort import SELECTION, answers_for, judged_models
from crossrec.evaluation.compare import FORCED, TARGET_ONLY, TRANSFER, compare
from crossrec.evaluation.headline import headline, method
from crossrec.evaluation.metrics import METRICS, coverage, find_hits
from crossrec.evaluation.notes import NOTES, Note
from crossrec.evaluation.protocol import EvaluatedUsers, Ranked, evaluated_users, rank
from crossrec.evaluation.repeated import REPEATED_COLUMNS, repeated
from crossrec.evaluation.results import COHORTS, LIFT, REPORT_COLUMNS, WITH_REPEATS, RunReport
from crossrec.evaluation.simpler import Better, Simpler, simpler_models
from crossrec.evaluation.summary import VERDICT_COLUMNS, Summary, summary, verdicts
from crossrec.evaluation.uncertainty import Interval, bootstrap, bootstrap_difference, holm
from crossrec.evaluation.unjudged import Unjudged, Why
from crossrec.evaluation.verdict import (
    ALPHA,
    ENOUGH_USERS,
    HELPS,
    HURTS,
    INCONCLUSIVE,
    UNCHANGED,
    VERDICTS,
    VERSUS,
    Answer,
    Judgement,
    Pair,
    judge,
    judged,
    rule,
    tell,
)
from crossrec.evaluation.withheld import without_small_groups
from crossrec.evaluation.words import WORDS

__all__ = [
    "ALPHA",
    "COHORTS",
    "ENOUGH_USERS",
    "FORCED",
    "HELPS",
    "HURTS",
    "INCONCLUSIVE",
    "LIFT",
    "METRICS",
    "NOTES",
    "REPEATED_COLUMNS",
    "REPORT_COLUMNS",
    "SELECTION",
    "TARGET_ONLY",
    "TRANSFER",
    "UNCHANGED",
    "VERDICTS",
    "VERDICT_COLUMNS",
    "VERSUS",
    "WITH_REPEATS",
    "WORDS",
    "Answer",
    "Better",
    "Decision",
    "EvaluatedUsers",
    "Interval",
    "Judgement",
    "Note",
    "Pair",
    "Ranked",
    "RunReport",
    "Simpler",
    "Summary",
    "Unjudged",
    "Why",
    "answers_for",
    "board",
    "bootstrap",
    "bootstrap_difference",
    "compare",
    "coverage",
    "evaluated_users",
    "find_hits",
    "headline",
    "holm",
    "judge",
    "judged",
    "judged_models",
    "method",
    "rank",
    "repeated",
    "rule",
    "simpler_models",
    "summary",
    "tell",
    "verdicts",
    "without_small_groups",
]
