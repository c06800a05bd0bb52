"""Files for models that live in an environment of their own, see bench/peers."""

import json
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from bench.quality.judge import judged_users
from bench.quality.plan import Plan
from bench.quality.sets import cut, load
from crossrec.data.log import InteractionLog

TRAIN, VALID = "train", "valid"


def export(plan: Plan) -> Iterator[Path]:
    """Write, per set and seed, what a published model may see and whom it is asked about.

    Yields:
        Folders ``exchange/<set>-<seed>`` in the cache: ``rows.parquet`` (user_id, item_id,
        scenario, part: "train" or "valid", position: order of the rows in time, or -1 where the
        log has no order), ``users.parquet`` (scenario, user_id: whose lists are wanted),
        ``items.parquet`` (scenario, item_id: all candidates) and ``about.json``. Lists are
        expected as ``lists/<model>.parquet``, see :mod:`bench.quality.lists`.
    """
    for seed in plan.seeds:
        for one in plan.sets:
            split = cut(one, load(one, plan.home, with_text=False), seed)
            folder = plan.home / "exchange" / f"{one.name}-{seed}"
            (folder / "lists").mkdir(parents=True, exist_ok=True)
            rows = [_rows(split.train, TRAIN), _rows(split.valid, VALID)]
            pd.concat(rows, ignore_index=True).to_parquet(folder / "rows.parquet", index=False)
            names = split.space.scenarios.ids
            users = [
                pd.DataFrame({"scenario": names[u.scenario], "user_id": u.histories.users.ids})
                for u, _ in judged_users(split, plan.max_warm)
            ]
            pd.concat(users, ignore_index=True).to_parquet(folder / "users.parquet", index=False)
            items = [
                pd.DataFrame({"scenario": name, "item_id": split.space.ids(code)})
                for code, name in enumerate(names)
            ]
            pd.concat(items, ignore_index=True).to_parquet(folder / "items.parquet", index=False)
            about = {"set": one.name, "seed": seed, "split": split.hash}
            (folder / "about.json").write_text(json.dumps(about) + "\n", encoding="utf-8")
            yield folder


def _rows(log: InteractionLog, part: str) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "user_id": log.users.ids[log.user],
            "item_id": log.items.ids[log.item],
            "scenario": log.scenarios.ids[log.scenario],
            "part": part,
            "position": -1 if log.time is None else log.time,
        }
    )
