"""Seen items: the items of a user's history. May lists include them, or do they leave them out?

Whoever buys groceries buys them again; whoever saw a film looks for another one. How often users
come back says which of the two a scenario is.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
import pandas as pd
from scipy import sparse

from crossrec.data.log import InteractionLog, TimeKind

Seen = Literal["exclude", "include"]
EXCLUDE: Final = "exclude"
"""Lists leave seen items out."""
INCLUDE: Final = "include"
"""Lists may include seen items, but never an item the user said no to."""
SEEN: Final = (EXCLUDE, INCLUDE)

INCLUDED_FROM = 0.2
"""Share of later rows that repeat an item, from which on lists may include seen items.

One later row in five. Logs of reviews repeat at most 7 % of their later rows, supermarkets' logs
40 to 58 % (bench of public sets); between them any limit tells the two apart.
"""
DAY = 86_400


@dataclass(frozen=True)
class SeenItems:
    """How often the users of a scenario come back to an item they already had.

    Attributes:
        scenario: its name.
        later: rows later than the user's first ones there.
        repeats: those of them whose user had the item before.
    """

    scenario: str
    later: int
    repeats: int

    @property
    def share(self) -> float:
        """Share of the later rows that repeat an item; 0 where there are no later rows."""
        return self.repeats / max(self.later, 1)

    @property
    def lists(self) -> Seen:
        """What lists do with seen items where nobody says otherwise."""
        return INCLUDE if self.share >= INCLUDED_FROM else EXCLUDE

    def to_json(self) -> dict[str, Any]:
        """As plain values; :meth:`from_json` needs the first three."""
        return {
            "scenario": self.scenario,
            "later": self.later,
            "repeats": self.repeats,
            "share": self.share,
            "lists": self.lists,
        }

    @classmethod
    def from_json(cls, held: Mapping[str, Any]) -> "SeenItems":
        """Read what :meth:`to_json` gave."""
        return cls(str(held["scenario"]), int(held["later"]), int(held["repeats"]))


def seen_items(log: InteractionLog) -> tuple[SeenItems, ...]:
    """How often users come back to an item, per scenario in the log's order.

    With clock times "later" and "before" are told by the day: a look, a cart and a purchase of one
    visit are no return. Without any time all rows of a user but one are later ones, and all rows of
    a user and item but one are repeats.
    """
    time = log.time
    if time is not None and log.time_kind is TimeKind.CLOCK:
        time = time // DAY
    found = []
    for code, name in enumerate(log.scenarios.ids):
        rows = np.flatnonzero(log.scenario == code)
        user = log.user[rows].astype(np.int64)
        pair = user * len(log.items) + log.item[rows]
        when = None if time is None else time[rows]
        found.append(SeenItems(str(name), _after_first(user, when), _after_first(pair, when)))
    return tuple(found)


def _after_first(key: np.ndarray, time: np.ndarray | None) -> int:
    """Number of rows that are later than the first one of their key."""
    if not len(key):
        return 0
    if time is None:
        return len(key) - len(np.unique(key))
    first = pd.Series(time).groupby(key).transform("min").to_numpy()
    return int(np.count_nonzero(time > first))


def rules(
    scenarios: Iterable[object], found: Iterable[SeenItems], asked: Seen | None = None
) -> dict[str, Seen]:
    """What the lists of each scenario do with seen items.

    Args:
        scenarios: names of those that have lists.
        found: of :func:`seen_items`; a scenario that is not among them leaves seen items out.
        asked: the same for all scenarios, whatever was found; None follows what was found.
    """
    usual: dict[str, Seen] = {one.scenario: one.lists for one in found}
    return {str(name): asked or usual.get(str(name), EXCLUDE) for name in scenarios}


def left_out(matrix: sparse.csr_array, seen: Seen) -> sparse.csr_array:
    """The entries of histories whose items a list leaves out, shape as given.

    Args:
        matrix: histories in the scenario of the list; a negative strength is a dislike.
        seen: "exclude" leaves out all, "include" the dislikes alone.
    """
    if seen == EXCLUDE:
        return matrix
    no = matrix.data < 0
    ends = np.concatenate([[0], np.cumsum(no)])[matrix.indptr]
    return sparse.csr_array((matrix.data[no], matrix.indices[no], ends), shape=matrix.shape)
