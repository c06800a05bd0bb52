"""Per-user metrics of a fitted model, on users that are the same for every model."""

from dataclasses import replace

import numpy as np
import pandas as pd

from crossrec.data.split.cutting import ScenarioSplit
from crossrec.evaluation.protocol import EvaluatedUsers, evaluated_users, rank
from crossrec.transfer.recommender import Recommender

K = 10
MAX_WARM = 6_000
"""Warm users judged per scenario, a seeded uniform sample; cold users and those with a cold test
item are few, and are all judged."""

COHORTS = ("warm", "warm_few", "cold", "cold_items")
KEYS = ("scenario", "user_id")
METRICS = ("ndcg", "recall")


def judged_users(
    split: ScenarioSplit, max_warm: int = MAX_WARM
) -> list[tuple[EvaluatedUsers, dict[str, np.ndarray]]]:
    """Per scenario the users and the masks of their cohorts, each of shape (m,)."""
    found = []
    for users in evaluated_users(split):
        masks = users.cohorts()
        rng = np.random.default_rng([split.seed, users.scenario])
        warm = np.flatnonzero(masks["warm"])
        sample = np.zeros(len(users), dtype=bool)
        sample[rng.permutation(warm)[:max_warm]] = True
        cold_items = np.diff(users.cold_items.indptr) > 0
        cohorts = {
            "warm": sample,
            "warm_few": sample & masks["warm_few"],
            "cold": masks["cold"],
            "cold_items": cold_items,
        }
        rows = np.flatnonzero(sample | masks["cold"] | cold_items)
        chosen = replace(
            users,
            histories=users.histories.take(rows),
            relevant=users.relevant[rows],
            cold_items=users.cold_items[rows],
            target_items=users.target_items[rows],
            other_items=users.other_items[rows],
        )
        found.append((chosen, {name: mask[rows] for name, mask in cohorts.items()}))
    return found


def judge(model: Recommender, split: ScenarioSplit, max_warm: int = MAX_WARM) -> pd.DataFrame:
    """NDCG@10 and Recall@10 of every judged user.

    Returns:
        One row per (scenario, user): :data:`KEYS`, one boolean per cohort, ``ndcg``, ``recall``
        (float32), and the same with only cold items relevant, ``ndcg_cold_items`` and
        ``recall_cold_items`` (NaN for users without one).
    """
    frames = []
    for users, cohorts in judged_users(split, max_warm):
        ranked = rank(model, users, (K,))
        columns = {name: ranked.values[name, K] for name in METRICS}
        columns |= {f"{name}_cold_items": ranked.cold_items[name, K] for name in METRICS}
        numbers = {name: values.astype(np.float32) for name, values in columns.items()}
        frame = pd.DataFrame({"user_id": users.histories.users.ids, **cohorts, **numbers})
        frames.append(frame.assign(scenario=str(split.space.scenarios.ids[users.scenario])))
    return pd.concat(frames, ignore_index=True)
