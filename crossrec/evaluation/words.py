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
    "cohort_warm_few": "warm users, few rows",
    "cohort_cold": "cold-start users",
    "headline": "Transfer helped {helped} of {total} scenarios and hurt {hurt}.",
    "headline_no_hurt": "Transfer helped {helped} of {total} scenarios and hurt none.",
    "headline_none": "This run holds no measured lift.",
    "headline_pairs_hurt": "One source alone hurts in {hurt} of {total} pairs.",
    "headline_open": (
        "{unclear} inconclusive, {unchanged} unchanged. A scenario is hurt where any of these"
        " groups of users is, else helped where one of them is."
    ),
    "headline_cohort": "For {cohort}: helped in {helped} of {total}, hurt in {hurt}.",
    "headline_pairs": "One source alone helps some of these users in {helped} of {total} pairs.",
    "headline_named": "It hurts: {pairs}.",
    "headline_pair": "{source} → {target} ({cohort})",
    "headline_method": (
        "Lift is NDCG@{k} on held-out interactions minus that of the same model without transfer"
        " (target-only), paired over users; brackets are 95 % intervals."
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
    # the decision board
    "board_switch_on": "Switch on",
    "board_leave_off": "Leave off",
    "board_more_data": "Needs more data",
    "board_title": (
        "Scenarios judged: {total}. Switch on {switch_on}, leave off {leave_off}, more data"
        " needed {more_data}."
    ),
    "board_rule": (
        "Switch on: at least one group of users is clearly helped and none clearly harmed."
        " Leave off: a group is clearly harmed, or all clearly gain less than {margin}. Needs"
        " more data: everything else."
    ),
    "board_why_helped": "{group} clearly gain, no group clearly loses.",
    "board_why_harmed": "{group} clearly lose.",
    "board_why_mixed": "{group} clearly lose, though others gain.",
    "board_why_same": (
        "Training changed nothing: everybody gets the same list with and without transfer."
    ),
    "board_why_no_gain": "Whatever there is to gain is less than {margin}.",
    "board_why_open": "Nothing is clear yet, neither gain nor loss.",
    "board_why_too_few": "Too few users to say anything.",
    "board_group_all": "All users",
    "board_group_cold": "New users",
    "board_group_warm_few": "Users with few rows",
    "board_group_warm": "Known users",
    "board_comma": ", ",
    "board_from": "from {sources}",
    "board_from_none": "from all scenarios together; no single source is clear",
    "board_whom": "NDCG@{k}, {group}, n = {n}",
    "board_gain_absolute": "{lift} [{low}, {high}], from nothing",
    "board_hits": "Of 100 users, {more} get at least one more hit, {fewer} one fewer.",
    "board_ratio": "{helped} helped : {harmed} harmed, {tied} the same",
    "board_gained": (
        "The middle one of those who gained: of the items chosen later ({chosen}), {hits} in"
        " the top {k}; without transfer {without}. History: {here} here, {elsewhere} elsewhere."
    ),
    "board_lost": (
        "The middle one of those who lost: of the items chosen later ({chosen}), {hits} in the"
        " top {k}; without transfer {without}. History: {here} here, {elsewhere} elsewhere."
    ),
    "board_settle": "{group} are still open: about {more} more would settle it.",
    "board_settle_never": (
        "{group} are still open, and the difference is so small that no realistic number of"
        " users would settle it."
    ),
    "board_only_new": "Only new users gain; for known users no gain is clear.",
    "board_few_lose": "Users with few rows clearly lose.",
    "board_hurting": "Alone, these sources hurt some of the users: {sources}.",
    "board_level": "A simpler model does as well: {model} {value}, transfer {transfer}.",
    "board_group": "{verdict}, n = {n}",
    "board_counts": "{scenario}: {counts}",
    "board_head": "{scenario}: {decision} ({sources})",
    "board_line": "{label}: {gain}, {said}",
    "board_adds_up": (
        "{cold} new + {warm} known + {empty} without any history = {total} judged; those with"
        " few rows are among the known."
    ),
    "board_column_scenario": "Scenario",
    "board_column_decision": "Decision",
    "board_column_gain": "Gain",
    "board_column_users": "For whom",
    "board_column_person": "One person",
    "board_column_ratio": "Helped : harmed",
    "board_column_settle": "What would settle it",
}
"""Every sentence by key; placeholders are ``{name}``."""

Words = Callable[..., str]
"""Looks up the sentence under a key of :data:`WORDS` and fills its placeholders."""


def english(key: str, **values: object) -> str:
    """The English sentence under ``key``."""
    return WORDS[key].format(**values)
