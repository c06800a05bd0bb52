"""The files that bench.quality writes and reads; nothing of the product is imported here.

A folder holds ``rows.parquet`` (user_id, item_id, scenario, part, position), ``users.parquet``
(scenario, user_id), ``items.parquet`` (scenario, item_id), and takes ``lists/<model>.parquet``
(scenario, user_id, item_id, rank) with ``lists/<model>.json`` on how they were made.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol, Self

import numpy as np
import pandas as pd

K = 10
DEPTH = 20
"""Length of the lists that are written."""

VALIDATION_USERS = 2_000
TRAIN, VALID = "train", "valid"
BETWEEN = "\x1f"
"""Between scenario and item id: one item id may stand in two scenarios."""


class Model(Protocol):
    """What a published model has to do."""

    name: str

    def train(self, rows: pd.DataFrame, epochs: int, seed: int) -> None:
        """Learn ``epochs`` more epochs; the first call takes the rows (user_id, key, position)."""
        ...

    def lists(self, users: np.ndarray, keys: np.ndarray, k: int) -> pd.DataFrame:
        """Rank the items ``keys`` for users: user_id, key, rank; users it cannot serve miss."""
        ...


@dataclass(frozen=True)
class Exchange:
    """One set and seed.

    Attributes:
        folder: where the files are.
        rows: of train and valid, with ``key`` = scenario and item id in one.
        users: whose lists are wanted.
        items: all candidates.
        seed: of the split and of the models.
        split: hash of the split; lists of another split are refused.
    """

    folder: Path
    rows: pd.DataFrame
    users: pd.DataFrame
    items: pd.DataFrame
    seed: int
    split: str

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Read a folder that ``python -m bench.quality --export`` has written."""
        rows, users, items = (
            pd.read_parquet(folder / f"{name}.parquet") for name in ("rows", "users", "items")
        )
        about = json.loads((folder / "about.json").read_text(encoding="utf-8"))
        for frame in (rows, items):
            frame["key"] = frame["scenario"] + BETWEEN + frame["item_id"]
        return cls(folder, rows, users, items, about["seed"], about["split"])

    @property
    def scenarios(self) -> list[str]:
        """Those somebody is judged in."""
        return sorted(self.users["scenario"].unique())

    def keys(self, scenario: str) -> np.ndarray:
        """All candidates of a scenario."""
        return self.items.loc[self.items["scenario"] == scenario, "key"].to_numpy()

    @cached_property
    def popular(self) -> dict[str, np.ndarray]:
        """Keys of each scenario, most users first."""
        counts = self.rows.groupby("key")["user_id"].nunique()
        order = counts.sort_values(ascending=False, kind="stable").index.to_series()
        scenario = order.str.split(BETWEEN, n=1).str[0]
        return {str(name): found.to_numpy() for name, found in order.groupby(scenario)}

    def validation(self, model: Model, scenario: str) -> tuple[float, int]:
        """Mean NDCG@10 on the valid rows of a scenario for a model that learnt the train rows.

        Returns:
            The mean and the number of users.
        """
        mine = self.rows[(self.rows["part"] == VALID) & (self.rows["scenario"] == scenario)]
        users = np.sort(mine["user_id"].unique())
        if len(users) > VALIDATION_USERS:
            rng = np.random.default_rng(self.seed)
            users = np.sort(rng.choice(users, VALIDATION_USERS, replace=False))
        if not len(users):
            return 0.0, 0
        wanted = mine[mine["user_id"].isin(users)][["user_id", "key"]]
        shown = model.lists(users, self.keys(scenario), K)
        hits = shown.merge(wanted, on=["user_id", "key"])
        gain = (1 / np.log2(hits["rank"] + 1)).groupby(hits["user_id"]).sum()
        depth = wanted.groupby("user_id").size().clip(upper=K)
        ideal = depth.map(lambda n: (1 / np.log2(np.arange(2, n + 2))).sum())
        return float((gain.reindex(ideal.index, fill_value=0) / ideal).mean()), len(users)

    def write(self, name: str, lists: pd.DataFrame, about: Mapping[str, Any]) -> Path:
        """Write the lists (scenario, user_id, key, rank) of a model.

        Users without a list get the most popular items they do not have, as the baselines of
        bench.quality do.
        """
        missing = self.users.merge(
            lists[["scenario", "user_id"]].drop_duplicates(), how="left", indicator=True
        ).query("_merge == 'left_only'")
        filled = [lists]
        had = self.rows.groupby("user_id")["key"].agg(set)
        for row in missing.itertuples():
            own = had.get(row.user_id, set())
            keys = [key for key in self.popular[row.scenario][: DEPTH + len(own)] if key not in own]
            filled.append(
                pd.DataFrame(
                    {
                        "scenario": row.scenario,
                        "user_id": row.user_id,
                        "key": keys[:DEPTH],
                        "rank": np.arange(1, len(keys[:DEPTH]) + 1),
                    }
                )
            )
        table = pd.concat(filled, ignore_index=True)
        table["item_id"] = table["key"].str.split(BETWEEN, n=1).str[1]
        path = self.folder / "lists" / f"{name}.parquet"
        columns = ["scenario", "user_id", "item_id", "rank"]
        record = {**about, "split": self.split, "users_with_popular_items": len(missing)}
        path.with_suffix(".json").write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
        table[columns].to_parquet(path, index=False)
        return path
