"""User profiles as one more source scenario, whose items are values: "age: 25-34".

Source: 001, U(u). A profile is no behaviour: it is known before every cut, nobody is judged in it,
and its items are never recommended (:attr:`crossrec.data.space.ItemSpace.targets`).
"""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from crossrec.data.ids import UNKNOWN, IdMap
from crossrec.data.log import InteractionLog, concat
from crossrec.data.space import ItemSpace
from crossrec.data.split.cutting import ScenarioSplit
from crossrec.data.users import UserTable
from crossrec.errors import DataError
from crossrec.schema import PROFILE

BANDS = 5
"""Of a number with many values, each with about as many users."""
MOST_VALUES = 30
"""A column of more words than this is an id or a text."""
LEAST_USERS = 10
"""A value that fewer users have says nothing of anybody."""


@dataclass(frozen=True)
class ProfileRows:
    """What profiles say, as (user, value) rows.

    Attributes:
        user: codes of users of the table, shape (n,).
        value: names like "age: 25-34", shape (n,), object strings.
        left_out: columns that are an id or a text, or that have one value alone.
    """

    user: np.ndarray
    value: np.ndarray
    left_out: tuple[str, ...]


def profile_rows(users: UserTable, least: int = LEAST_USERS) -> ProfileRows:
    """The values of all profile columns that say something.

    Args:
        users: the profiles.
        least: values of fewer users are left out.
    """
    codes, values, left_out = [np.zeros(0, np.int64)], [np.zeros(0, object)], []
    for name, column in users.attributes.items():
        value = _values(column)
        names, counts = np.unique(value[value != ""], return_counts=True)
        frequent = names[counts >= least]
        if not 1 < len(frequent) <= MOST_VALUES or len(names) > max(MOST_VALUES, len(users) // 10):
            left_out.append(name)
            continue
        rows = np.flatnonzero(np.isin(value, frequent))
        codes.append(rows)
        values.append(np.array([f"{name}: {one}" for one in value[rows]], dtype=object))
    return ProfileRows(np.concatenate(codes), np.concatenate(values), tuple(left_out))


def with_profiles(
    log: InteractionLog, split: ScenarioSplit, users: UserTable, least: int = LEAST_USERS
) -> tuple[InteractionLog, ScenarioSplit]:
    """A log and its split that also hold the profiles of their users, in the train part.

    Args:
        log: what was split.
        split: its rows and its cold-start users stay as they are.
        users: the profiles; users without any row in the log are not known.
        least: values of fewer users are left out.

    Returns:
        The log and the split, both with rows of the scenario :data:`crossrec.schema.PROFILE`.

    Raises:
        DataError: no column says anything, or the log has a scenario of the same name.
    """
    if PROFILE in log.scenarios:
        raise DataError(
            f"expected no scenario of the name {PROFILE!r} beside profiles", "one",
            "Give the scenario another name, or leave the profiles out",
        )  # fmt: skip
    rows = profile_rows(users, least)
    at = log.users.codes(users.users.ids[rows.user])
    known = at != UNKNOWN
    if not known.any():
        raise DataError(
            "expected profile columns with two to thirty different values",
            ", ".join(rows.left_out) or "no column",
            "Name the users' file with --users, or leave the profiles out",
        )
    items = split.space.items.union(np.unique(rows.value[known]))
    scenarios = IdMap([*log.scenarios.ids, PROFILE])
    item = items.codes(rows.value[known])
    n = int(known.sum())
    first = None if log.time is None else np.full(n, log.time.min(), dtype=np.int64)

    def renamed(part: InteractionLog) -> InteractionLog:
        return replace(part, items=items, scenarios=scenarios)

    added = replace(
        renamed(log),
        user=at[known].astype(log.user.dtype),
        item=item.astype(log.item.dtype),
        scenario=np.full(n, len(log.scenarios), dtype=log.scenario.dtype),
        weight=np.ones(n, dtype=np.float32),
        time=first,
    )
    nobody = np.zeros(0, dtype=np.int32)

    space = ItemSpace(items, scenarios, (*split.space.members, np.unique(item).astype(np.int32)))
    return concat(renamed(log), added), replace(
        split,
        train=concat(renamed(split.train), added),
        valid=renamed(split.valid),
        test=renamed(split.test),
        repeats=renamed(split.repeats),
        space=space,
        cold_valid=(*split.cold_valid, nobody),
        cold_test=(*split.cold_test, nobody),
    )


def _values(column: np.ndarray) -> np.ndarray:
    """Words of a column, numbers with many values in bands, shape (n,), str; "" where none is."""
    if not np.issubdtype(column.dtype, np.number):
        return np.array(["" if pd.isna(value) else str(value).strip() for value in column], str)
    known = ~np.isnan(column)
    words = np.full(len(column), "", dtype=object)
    distinct = np.unique(column[known])
    if len(distinct) <= BANDS:
        words[known] = [f"{value:g}" for value in column[known]]
        return words.astype(str)
    edges = np.unique(np.quantile(column[known], np.linspace(0, 1, BANDS + 1)[1:-1]))
    band = np.searchsorted(edges, column, side="left")
    for code in range(len(edges) + 1):
        rows = known & (band == code)
        if rows.any():
            low, high = column[rows].min(), column[rows].max()
            words[rows] = f"{low:g}" if low == high else f"{low:g}–{high:g}"
    return words.astype(str)
