"""Cutting a log into what a model may see and what it is judged on.

Source: method page §3. No interaction after the cut is seen, in any scenario.
"""

from dataclasses import dataclass

import numpy as np

from crossrec.data.history import Histories
from crossrec.data.log import InteractionLog, concat
from crossrec.data.space import ItemSpace


@dataclass(frozen=True)
class ScenarioSplit:
    """Train, valid and test rows of one log.

    Attributes:
        train, valid, test: logs that share the id maps of the whole log. A test row never repeats
            a (user, item, scenario) of train or valid: only new items are judged.
        space: the candidates of every scenario (all items of the whole log and the catalogue).
        cold_valid: per scenario t the users (codes) whose rows in t stand in ``valid`` only.
        cold_test: per scenario t the users (codes) whose rows in t stand in ``test`` only.
        kind: "time" (one global cut), "order" (the last rows of each user), "random" (seeded,
            per user), or "none" (nothing held out).
        seed: of everything random here.
        hash: hex sha256 over ids, rows and parts: equal splits have equal hashes.
        cuts: the two split times (seconds) of kind "time", else ().
    """

    train: InteractionLog
    valid: InteractionLog
    test: InteractionLog
    space: ItemSpace
    cold_valid: tuple[np.ndarray, ...]
    cold_test: tuple[np.ndarray, ...]
    kind: str
    seed: int
    hash: str
    cuts: tuple[int, ...] = ()

    def histories(self) -> Histories:
        """The histories up to the test cut (train and valid rows) of all users of the log."""
        return Histories.from_log(concat(self.train, self.valid), self.space)
