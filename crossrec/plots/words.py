"""The words that stand inside figures; a face hands in its own language for them."""

from typing import Final, Protocol

from crossrec.evaluation import WORDS

ENGLISH: Final = {
    **WORDS,
    "activity_axis_rank": "Users, most active first (log)",
    "activity_axis_count": "Interactions of the user (log)",
    "activity_hover": "{scenario}: user number {rank} has {count} interactions",
    "activity_median": "median {median}",
    "activity_alt": "Interactions per user by scenario: {parts}.",
    "activity_part": "{scenario} {n} users, median {median}, most active {most}",
    "base": "Base",
    "coefficient": "Learnt coefficient",
    "coefficient_hover": (
        "{source} → {target}: median {value}, 95 % interval {low} to {high}, {n} validation users"
    ),
    "cohort_cold_items": "cold items",
    "cohort_selection": "selected users",
    "cohort_with_repeats": "with repeats",
    "forest_alt": "Lift of {metric} over target-only: {parts}.",
    "forest_axis": "Lift of {metric} over target-only",
    "forest_part": "{scenario}, {cohort}: {value} [{low}, {high}], {verdict}",
    "harmed": "harmed",
    "helped": "helped",
    "lift": "Lift of {metric}",
    "map_alt": "{drawn} of {total} points on a plane, coloured by {label}: {parts}.",
    "map_found": "found",
    "map_joined": "one user",
    "other_items": "{n} other items",
    "other_label": "other",
    "overlap_alt": "Share of a row's users who are also in the column: {parts}.",
    "overlap_axis_row": "Of the users of",
    "overlap_axis_column": "share also in",
    "overlap_items_axis_row": "Of the items of",
    "overlap_items_hover": "{shared} of {users} items of {source} are also in {target} ({share})",
    "overlap_hover": "{shared} of {users} users of {source} are also in {target} ({share})",
    "own_all": "90 % of users",
    "own_alt": "This user’s transfer coefficients: {parts}.",
    "own_hover": "{source}: {value}, above {share} of {n} users",
    "own_median": "Median user",
    "own_part": "{source} {value}, median {median}",
    "own_user": "This user",
    "paths_alt": "{n} attribute paths; strongest: {parts}.",
    "paths_evidence": "Known from: {evidence}",
    "paths_hover_item": "{item}: contribution {amount}, {share} of what speaks for it",
    "paths_hover_value": "{attribute}: {value} · {holders} items have it · strength {strength}",
    "paths_part": "{item} through {value} {amount}",
    "paths_user": "This user",
    "popularity_alt": "Interactions per item by scenario: {parts}.",
    "popularity_axis_count": "Interactions with the item (log)",
    "popularity_axis_rank": "Items, most popular first (log)",
    "popularity_hover": "{scenario}: item number {rank} has {count} interactions",
    "popularity_part": "{scenario} {n} items, median {median}, most popular {most}",
    "score": "Score",
    "source": "Source",
    "target": "Target",
    "tied": "tied",
    "tokens_alt": "{items} items, median {median} tokens, {truncated} above the limit of {limit}.",
    "tokens_axis": "Tokens per item",
    "tokens_hover": "{low} to {high} tokens: {items} items",
    "tokens_items": "Items",
    "tokens_limit": "limit {limit}: {truncated} cut off",
    "tradeoff_alt": "{n} runs; best {metric} {value} at {cost} s ({run}).",
    "tradeoff_axis_cost": "Time of the whole run (log)",
    "tradeoff_baseline": "target-only {value}",
    "tradeoff_hover": "{run}: {value} [{low}, {high}] in {cost} s",
    "transfer_alt": "Measured lift by source and target: {parts}.",
    "transfer_coefficient_alt": "Median learnt coefficient by source and target: {parts}.",
    "transfer_hover": "{source} → {target}: {value} [{low}, {high}], {n} users, p {p}: {verdict}",
    "transfer_part": "{source} to {target} {value}",
    "variety_alt": (
        "NDCG falls from {first} to {last} while diversity grows from {low} to {high}; {n} users."
    ),
    "variety_axis_diversity": "Diversity inside the list",
    "variety_axis_ndcg": "NDCG@{k}",
    "variety_hover": "variety {variety}: NDCG {ndcg}, diversity {diversity}",
    "why_alt": "Base {base} plus {n} contributions makes the score {score}; largest: {parts}.",
    "why_axis": "Contribution to the score",
    "why_hover": "{item} ({scenario}): {amount} = learnt {learnt} + text {text}",
    "why_part": "{item} {amount}",
    "winners_alt": "{n} users: {helped} helped, {harmed} harmed, {tied} tied; median {median}.",
    "winners_axis": "Change of {metric} per user, with minus without transfer",
    "winners_hover": "{low} to {high}: {n} users",
    "winners_users": "Users",
    "withheld": "too few users to be shown",
}
"""Every sentence of every figure, by key; placeholders are ``{name}``."""


class Words(Protocol):
    """Looks up a sentence of a figure and fills its placeholders."""

    def __call__(self, key: str, **values: object) -> str:
        """The sentence under ``key`` of :data:`ENGLISH`, in the reader's language."""
        ...


def english(key: str, **values: object) -> str:
    """The English sentence under ``key``."""
    return ENGLISH[key].format(**values)
