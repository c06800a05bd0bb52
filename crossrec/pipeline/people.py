"""People as a run names them: a pseudonymised run takes raw ids from who holds its key."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from crossrec.data.ids import UNKNOWN, IdMap
from crossrec.data.privacy.naming import is_pseudonym, named
from crossrec.data.privacy.plan import find_key
from crossrec.errors import DataError
from crossrec.intake import default_key_file
from crossrec.schema import USER
from crossrec.workspace import Run

Names = Callable[[Sequence[str] | np.ndarray], np.ndarray]


def names_in(run: Run, users: IdMap, key_file: Path | None = None) -> Names:
    """How ids that somebody gives stand in a run.

    In a pseudonymised run, an id of its log stays; any other one is taken for a raw id and replaced
    by its pseudonym, so that none is written anywhere. Without the key, ids that are no pseudonyms
    are refused, and not repeated.

    Args:
        run: a finished run.
        users: of its log.
        key_file: where the key of its pseudonyms lies; default that of the workspace.

    Returns:
        A function from ids to the run's ids, shape (n,), object strings; it raises DataError.
    """
    privacy = run.info.get("privacy", {})
    if not privacy.get("pseudonymise"):
        return lambda ids: np.asarray([str(one) for one in ids], dtype=object)
    key = find_key(key_file or default_key_file())
    if key is not None and key.check == privacy.get("key_check"):
        return lambda ids: named(ids, users, key)

    def refused(ids: Sequence[str] | np.ndarray) -> np.ndarray:
        texts = np.asarray(users.as_here(ids), dtype=object)
        strange = texts[users.codes(texts) == UNKNOWN].tolist()
        if raw := sum(not is_pseudonym(one) for one in set(strange)):
            raise DataError(
                "expected users by the pseudonyms of this run, or its key beside their ids",
                f"{raw:,} other ids and {'no key' if key is None else 'the key of other runs'}",
                "Name the key's file with --key-file, or give what `crossrec pseudonym` prints",
            )
        return texts

    return refused


def renamed(table: pd.DataFrame, names: Names) -> pd.DataFrame:
    """A table whose column ``user_id`` holds the run's ids; the one given is not changed."""
    return table.assign(**{USER: names(table[USER].to_numpy())})
