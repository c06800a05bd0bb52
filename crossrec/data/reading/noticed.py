"""What the reader notices about the ids of a column, for the audit to say."""

from collections.abc import Callable, Iterator

import numpy as np
import pyarrow as pa

from crossrec.data.clean_ids import CleanIds, damage
from crossrec.data.log import ReaderNote

EXAMPLES = 5
"""Most examples of a note."""
PLACEHOLDERS, DAMAGED = "placeholder_ids", "damaged_ids"


def id_notes(
    column: str, raw: pa.Array, ids: CleanIds, count: Callable[[], np.ndarray]
) -> Iterator[ReaderNote]:
    """What is worth saying of the ids of a column.

    Args:
        column: the schema column.
        raw: the distinct values as they stand in the files, shape (n,).
        ids: what they are, in the same order.
        count: gives the number of rows of each value, shape (n,); asked where it is needed.
    """
    for rule, chosen in ((PLACEHOLDERS, ids.placeholder), (DAMAGED, damage(ids.values))):
        if not chosen.any():
            continue
        rows = count()
        at = np.flatnonzero(chosen & (rows > 0))
        if not len(at):
            continue
        most = at[np.argsort(-rows[at], kind="stable")][:EXAMPLES]
        n = int(rows[at].sum())
        yield ReaderNote(
            rule,
            column,
            n if rule == PLACEHOLDERS else len(at),
            tuple({"value": raw[int(one)].as_py().strip(), "rows": int(rows[one])} for one in most),
            n / max(int(rows.sum()), 1),
        )
