"""Why: the exact terms of a score, what would change it, and how to say so."""

from crossrec.explanation.attributes import ATTRIBUTE_COLUMNS, ItemAttributes
from crossrec.explanation.batch import BATCH_COLUMNS, explain_many
from crossrec.explanation.cohort import CohortExplanation, cohort_explanation
from crossrec.explanation.contributions import (
    COLUMNS,
    FOLDED_COLUMNS,
    Explanation,
    contributions,
    explain,
    list_contributions,
)
from crossrec.explanation.deletion import DELETION_COLUMNS, deletion_curve
from crossrec.explanation.facts import ReasonFacts, reason_facts
from crossrec.explanation.fallen import Fallen, fallen
from crossrec.explanation.gate import (
    GATE_COLUMNS,
    GateEffect,
    GateReference,
    gate_effects,
    gate_reference,
)
from crossrec.explanation.made_up import SENTENCE_ID, MadeUp, from_sentence
from crossrec.explanation.minimal import MinimalSet, minimal_set
from crossrec.explanation.paths import PATH_COLUMNS, attribute_paths
from crossrec.explanation.ranking import FALLBACK, MOVED, RANK_BEFORE, Ranking, moves, rank, sources
from crossrec.explanation.reason import PROBLEMS, Reason, Writer, template, written_reason
from crossrec.explanation.removal import (
    REMOVAL_COLUMNS,
    RemovalEffects,
    list_removals,
    removal_effects,
)
from crossrec.explanation.whatif import Answer, WhatIf, what_if

__all__ = [
    "ATTRIBUTE_COLUMNS",
    "BATCH_COLUMNS",
    "COLUMNS",
    "DELETION_COLUMNS",
    "FALLBACK",
    "FOLDED_COLUMNS",
    "GATE_COLUMNS",
    "MOVED",
    "PATH_COLUMNS",
    "PROBLEMS",
    "RANK_BEFORE",
    "REMOVAL_COLUMNS",
    "SENTENCE_ID",
    "Answer",
    "CohortExplanation",
    "Explanation",
    "Fallen",
    "GateEffect",
    "GateReference",
    "ItemAttributes",
    "MadeUp",
    "MinimalSet",
    "Ranking",
    "Reason",
    "ReasonFacts",
    "RemovalEffects",
    "WhatIf",
    "Writer",
    "attribute_paths",
    "cohort_explanation",
    "contributions",
    "deletion_curve",
    "explain",
    "explain_many",
    "fallen",
    "from_sentence",
    "gate_effects",
    "gate_reference",
    "list_contributions",
    "list_removals",
    "minimal_set",
    "moves",
    "rank",
    "reason_facts",
    "removal_effects",
    "sources",
    "template",
    "what_if",
    "written_reason",
]
