"""How good, for whom, how sure."""

from crossrec.evaluation.board import DECISIONS, Board, BoardRow, board, decide, relative
from crossrec.evaluation.board_text import (
    RowText,
    board_rule,
    board_title,
    counts_told,
    row_text,
)
from crossrec.evaluation.cohort import SELECTION, answers_for, judged_models
from crossrec.evaluation.compare import FORCED, TARGET_ONLY, TRANSFER, compare
from crossrec.evaluation.headline import headline, method
from crossrec.evaluation.metrics import METRICS, coverage, find_hits
from crossrec.evaluation.notes import NOTES, Note
from crossrec.evaluation.protocol import EvaluatedUsers, Ranked, evaluated_users, rank
from crossrec.evaluation.repeated import REPEATED_COLUMNS, repeated
from crossrec.evaluation.results import COHORTS, LIFT, REPORT_COLUMNS, WITH_REPEATS, RunReport
from crossrec.evaluation.simpler import Better, Level, Simpler, level_models, simpler_models
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
from crossrec.evaluation.words import WORDS, Words

__all__ = [
    "ALPHA",
    "COHORTS",
    "DECISIONS",
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
    "Board",
    "BoardRow",
    "EvaluatedUsers",
    "Interval",
    "Judgement",
    "Level",
    "Note",
    "Pair",
    "Ranked",
    "RowText",
    "RunReport",
    "Simpler",
    "Summary",
    "Unjudged",
    "Why",
    "Words",
    "answers_for",
    "board",
    "board_rule",
    "board_title",
    "bootstrap",
    "bootstrap_difference",
    "compare",
    "counts_told",
    "coverage",
    "decide",
    "evaluated_users",
    "find_hits",
    "headline",
    "holm",
    "judge",
    "judged",
    "judged_models",
    "level_models",
    "method",
    "rank",
    "relative",
    "repeated",
    "row_text",
    "rule",
    "simpler_models",
    "summary",
    "tell",
    "verdicts",
    "without_small_groups",
]
