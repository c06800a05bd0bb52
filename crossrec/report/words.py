"""The words of the report; a face hands in its own language for them."""

from typing import Final

from crossrec.data.reading import lines
from crossrec.evaluation import NOTES

ENGLISH: Final = {
    **{f"how_{key}": sentence for key, sentence in lines.ENGLISH.items()},
    **{f"note_{key}": sentence for key, sentence in NOTES.items()},
    "reading": "How the files were read",
    "title": "Transfer between scenarios: what was found",
    "made": "Made {date} by CrossRec {version} from run {run}.",
    "facts": "{rows} interactions of {users} users with {items} items in {scenarios} scenarios.",
    "board": "What to do",
    "decision": "Decision",
    "sources": "Sources",
    "gain": "Gain",
    "of_whom": "Without → with, and whom",
    "to_know": "To know",
    "verdicts": "By scenario",
    "scenario": "Scenario",
    "users": "Users",
    "target_only": "Target-only",
    "transfer": "With transfer",
    "lift": "Lift",
    "verdict": "Verdict",
    "cohort": "Cohort",
    "pairs": "Which source helps which target",
    "cohorts": "For whom",
    "models": "All models",
    "model": "Model",
    "simpler_better": (
        "Clearly better than transfer: {model} for {cohort} of {scenario}, {value} to {transfer}"
        " ({gain}; {users} users)."
    ),
    "simpler_none": (
        "None of {models} is clearly better than transfer, be it for warm or for cold-start users."
    ),
    "simpler_method": (
        "Compared in NDCG, paired user by user; Holm’s correction runs over these models and all"
        " scenarios."
    ),
    "seen": "Seen items: judged without and with repeats",
    "seen_lists": "Seen items in lists",
    "seen_exclude": "left out",
    "seen_include": "may be included",
    "seen_new": "NDCG of new items",
    "seen_repeats": "NDCG with repeats",
    "runs": "The runs compared",
    "run": "Run",
    "cost": "Time (s)",
    "value": "NDCG",
    "paired": "{second} against {first}, user by user",
    "difference": "Difference",
    "refused": "{run} was judged on another split and is not compared.",
    "settings": "Settings that are not the same",
    "setting": "Setting",
    "setting_value": "Value",
    "all_settings": "Settings of the run",
    "notes": "To know when reading",
    "trade": "What it costs",
    "trade_caption": "A point per run with its 95 % interval; the line is target-only.",
    "attributes": "Attributes that connect scenarios",
    "attributes_note": (
        "Users who have an attribute in both scenarios, beside how many would by chance."
        " Attributes of the items: {reader}."
    ),
    "attributes_stated": "the catalogue's own columns",
    "between": "Scenarios",
    "attribute": "Attribute",
    "users_both": "Users in both",
    "expected": "Expected",
    "withheld": "Rows of fewer than {least} users are withheld.",
}
"""Every sentence by key; placeholders are ``{name}``."""


def english(key: str, **values: object) -> str:
    """The English sentence under ``key``."""
    return ENGLISH[key].format(**values)
