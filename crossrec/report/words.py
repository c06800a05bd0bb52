"""The words of the report, in the languages of the app."""

import json
from functools import cache
from pathlib import Path
from typing import Final

import crossrec
from crossrec.data.reading import lines
from crossrec.evaluation import NOTES, Words

ENGLISH: Final = {
    **{f"how_{key}": sentence for key, sentence in lines.ENGLISH.items()},
    **{f"note_{key}": sentence for key, sentence in NOTES.items()},
    "reading": "How the files were read",
    "title": "Transfer between scenarios: what was found",
    "made": "Made {date} by CrossRec {version} from run {run}.",
    "facts": "{rows} interactions of {users} users with {items} items in {scenarios} scenarios.",
    "details": "Details",
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
    "slide_evidence": "Which source helps which target",
    "slide_person": "One real person: {scenario}",
    "slide_person_none": "No single person is shown for this run.",
    "slide_with": "In the list with transfer",
    "slide_without": "In the list without",
    "slide_chosen": "Items chosen later",
    "slide_history": "History here / elsewhere",
    "slide_method": "How it was measured, and what it does not say",
    "slide_offline": (
        "Measured on held-out rows of a log, not on people who saw these lists: a test with real"
        " users decides."
    ),
    "slide_source": "Source",
    "withheld": "Rows of fewer than {least} users are withheld.",
}
"""Every sentence by key; placeholders are ``{name}``."""


LANGUAGES: Final = ("en", "zh")


def words_of(lang: str, part: str = "report") -> Words:
    """The sentences of a language.

    A report is often made where no page runs (a click on a download, the command line), so its
    language is an argument and never looked up.

    Args:
        lang: of :data:`LANGUAGES`.
        part: "report" for :data:`ENGLISH`, "plot" for :data:`crossrec.plots.ENGLISH`, "reader" for
            :data:`crossrec.data.phrases.PHRASES`.
    """
    sentences = _sentences(lang)
    return lambda key, **values: sentences[f"{part}.{key}"].format(**values)


@cache
def _sentences(lang: str) -> dict[str, str]:
    # The one table of sentences of a language lies with the app; it is read as a file, so that no
    # page's code is loaded here.
    file = Path(crossrec.__file__).parent / "ui" / "i18n" / f"{lang}.json"
    return json.loads(file.read_text(encoding="utf-8"))
