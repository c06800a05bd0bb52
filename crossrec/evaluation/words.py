"""The words for verdicts and what is counted from them; a face hands in its own language."""

from collections.abc import Callable
from typing import Final

WORDS: Final = {
    "verdict_helps": "helps",
    "verdict_hurts": "hurts",
    "verdict_better": "better",
    "verdict_worse": "worse",
    "verdict_unchanged": "unchanged",
    "verdict_inconclusive": "inconclusive",
    "verdict_because": "{verdict}: {why}",
    "verdict_why_users": "n < {least}",
    "verdict_why_interval": "interval holds 0",
    "verdict_why_holm": "p ≥ {alpha}",
    "verdict_rule": (
        "A verdict needs at least {least} users, a 95 % interval without 0, and p below {alpha}"
        " after Holm’s correction; unchanged is the same result for every user."
    ),
    "cohort_all": "all users",
    "cohort_warm": "warm users",
    "cohort_cold": "cold-start users",
    "headline": "Transfer helped {helped} of {total} scenarios and hurt {hurt}.",
    "headline_no_hurt": "Transfer helped {helped} of {total} scenarios and hurt none.",
    "headline_none": "This run holds no measured lift.",
    "headline_pairs_hurt": "One source alone hurts in {hurt} of {total} pairs.",
    "headline_open": (
        "{unclear} inconclusive, {unchanged} unchanged. A scenario is hurt where all, warm or"
        " cold-start users are, else helped where one of them is."
    ),
    "headline_cohort": "For {cohort}: helped in {helped} of {total}, hurt in {hurt}.",
    "headline_pairs": "One source alone helps some of these users in {helped} of {total} pairs.",
    "headline_named": "It hurts: {pairs}.",
    "headline_pair": "{source} → {target} ({cohort})",
    "headline_method": (
        "Lift is NDCG@{k} on held-out interactions minus that of the same model without transfer"
        " (target-only), paired over users; brackets are 95 % intervals."
    ),
    "board_on": "Switch on",
    "board_off": "Leave off",
    "board_more": "Needs more data",
    "board_sides": "{figures}, {cohort} (n = {n})",
    "board_hits": "Of 100, {more} get more hits, {fewer} fewer; {helped} helped : {harmed} harmed.",
    "board_from": "from {sources}",
    "board_for": "for {cohort}",
    "board_comma": ", ",
    "board_only_cold": "Only new users gain.",
    "board_unchanged": "Transfer changes nobody’s list.",
    "board_little": "Whatever it gains is surely below 1 %.",
    "board_hurts": "It hurts {cohort}.",
    "board_harmful": "Harmful source: {sources}.",
    "board_needed": "About {n} more {cohort} would settle it.",
    "board_never": "More {cohort} would hardly settle it: the difference is too small.",
    "board_simpler": "For {cohort}, the simpler model {model} is clearly better.",
    "board_rule": (
        "Switch on: clearly helps all, warm or cold-start users, and does not hurt all of them."
        " Leave off: clearly hurts, changes nothing, or surely gains less than 1 %."
        " Figures are of the group that gains, loses or may gain most."
    ),
    "unjudged_too_few": (
        "Nothing could be judged: too few users. A verdict needs at least {needed} users with"
        " held-out interactions in a scenario; here the most are {users} ({scenario})."
    ),
    "unjudged_withheld": (
        "Nothing could be judged: too few users. A verdict needs at least {needed} users with"
        " held-out interactions in a scenario; here they are so few that their number is withheld."
    ),
    "unjudged_no_holdout": (
        "Nothing could be judged: the run trained on all rows and held none out."
    ),
    "unjudged_more": (
        "Add more of the log, a longer time or more users, and run again; the model itself is"
        " trained and can be used."
    ),
    "unjudged_hold_out": "Train again with rows held out to see whether transfer helps.",
}
"""Every sentence by key; placeholders are ``{name}``."""

Words = Callable[..., str]
"""Looks up the sentence under a key of :data:`WORDS` and fills its placeholders."""


def english(key: str, **values: object) -> str:
    """The English sentence under ``key``."""
    return WORDS[key].format(**values)
