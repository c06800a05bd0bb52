"""Recommendation lists from outside, as a recommender."""

import json
from pathlib import Path
from typing import Self

import numpy as np
import pandas as pd

from crossrec.data.history import Histories
from crossrec.data.split.cutting import ScenarioSplit
from crossrec.errors import SplitError
from crossrec.language import FeatureTable
from crossrec.progress import Progress, silent
from crossrec.transfer.recommender import Recommender

LIST_COLUMNS = ("scenario", "user_id", "item_id", "rank")


class ListedRecommender(Recommender):
    """Ranks each user's items as a file says; items that are not listed come last.

    Args:
        name: of the model that wrote the file.
        path: Parquet with :data:`LIST_COLUMNS`, and beside it a JSON file that names the split they
            were made for; rank 1 is the best. Items of a user's history and
            items that are not the scenario's do no good and no harm: they are left out. A user
            without a list gets the items by number, which is no recommendation at all.
    """

    def __init__(self, name: str, path: Path) -> None:
        self.name = name
        self.path = path

    def fit(
        self,
        split: ScenarioSplit,
        features: FeatureTable | None = None,
        *,
        progress: Progress = silent,
    ) -> Self:
        """Read the lists.

        Raises:
            SplitError: they were made for another split, whose train rows may be test rows here.
        """
        self._remember(split)
        made_for = json.loads(self.path.with_suffix(".json").read_text(encoding="utf-8"))["split"]
        if made_for != split.hash:
            raise SplitError(
                f"expected lists of {self.name!r} for the split {split.hash[:8]}",
                made_for[:8],
                "Run make bench-peers again, after removing the exchange folder",
            )
        table = pd.read_parquet(self.path, columns=list(LIST_COLUMNS))
        item = split.space.items.codes(table["item_id"].astype(object).to_numpy())
        self._lists = {}
        for code, scenario in enumerate(split.space.scenarios.ids):
            mine = (table["scenario"] == scenario).to_numpy()
            column = split.space.local(code, item[mine])
            frame = pd.DataFrame(
                {
                    "user": table.loc[mine, "user_id"].to_numpy(),
                    "column": column,
                    "rank": table.loc[mine, "rank"].to_numpy(),
                }
            )
            self._lists[code] = frame[column >= 0]
        return self

    def scores(self, histories: Histories, scenario: int) -> np.ndarray:
        """Minus the rank; far below for what is not listed."""
        lists = self._lists[scenario]
        row = histories.users.codes(lists["user"].to_numpy())
        mine = row >= 0
        worst = -1e6
        found = np.full((len(histories), self.space_.sizes[scenario]), worst, dtype=np.float32)
        found[row[mine], lists["column"].to_numpy()[mine]] = -lists["rank"].to_numpy()[mine]
        return found
