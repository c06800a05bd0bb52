"""What is known about users: profile columns, all optional."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from crossrec.data.ids import IdMap, merged_columns
from crossrec.data.log import RejectSummary
from crossrec.errors import DataError
from crossrec.schema import USER


@dataclass(frozen=True)
class UserTable:
    """User profiles.

    Attributes:
        users: unique user ids, n of them; the codes are this table's own.
        attributes: profile columns by name, each shape (n,): float or object strings.
        rejects: what the reader could not use.
    """

    users: IdMap
    attributes: Mapping[str, np.ndarray] = field(default_factory=dict)
    rejects: RejectSummary = field(default_factory=RejectSummary)

    def __post_init__(self) -> None:
        for name, column in self.attributes.items():
            if len(column) != len(self.users):
                raise DataError(f"expected {len(self.users)} values of {name!r}", f"{len(column)}")

    def __len__(self) -> int:
        return len(self.users)

    def to_frame(self) -> pd.DataFrame:
        """The table as a frame with outside ids."""
        return pd.DataFrame({USER: self.users.ids, **self.attributes})


def merged_users(tables: Sequence[UserTable]) -> UserTable:
    """The profiles of several files as one: the first value that is not empty wins."""
    first, *rest = tables
    for other in rest:
        users = first.users.union(other.users.ids)
        codes = users.codes(other.users.ids)
        columns = merged_columns(first.attributes, other.attributes, codes, len(users))
        first = UserTable(users, columns, first.rejects.followed_by(other.rejects))
    return first
