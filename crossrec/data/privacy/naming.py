"""User ids that come from beside a pseudonymised log, or stand in other columns than its own."""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace

import numpy as np
import pandas as pd

from crossrec.data.catalog import Catalog
from crossrec.data.ids import UNKNOWN, IdMap
from crossrec.data.privacy.plan import ID_LENGTH, PseudonymKey, withheld_rejects
from crossrec.data.users import UserTable
from crossrec.errors import CrossRecError

COPY = 0.5
"""Share of a text column's values that are user ids from which on it is a column of user ids."""
_FORM = re.compile(f"[0-9a-f]{{{ID_LENGTH}}}")
_QUOTES = re.compile("['\"`]")


def named(ids: Sequence[str] | np.ndarray, users: IdMap, key: PseudonymKey) -> np.ndarray:
    """Ids as they stand in a pseudonymised log, shape (n,), object strings.

    An id of the log is a pseudonym already and stays. Every other one is replaced, whatever it
    looks like: ids of many data bases are 24 hex digits too, and a raw id must never be written.

    Args:
        ids: pseudonyms of this key or raw ids, shape (n,).
        users: of the pseudonymised log.
        key: the log's.
    """
    texts = np.asarray([str(one) for one in ids], dtype=object)
    distinct, place = np.unique(texts, return_inverse=True)
    clean = users.as_here(distinct)
    names = [one if one in users else key.pseudonym(one) for one in clean]
    return np.array(names, dtype=object)[place.reshape(-1)] if len(names) else texts


def is_pseudonym(text: str) -> bool:
    """Whether a text has the form of a pseudonym."""
    return _FORM.fullmatch(text) is not None


def pseudonymise_catalog(catalog: Catalog, users: IdMap, key: PseudonymKey) -> Catalog:
    """The catalogue with pseudonyms in columns of user ids, such as who made an item.

    Args:
        catalog: as it was read.
        users: of the log, before it was pseudonymised.
        key: the log's.
    """
    return replace(
        catalog,
        attributes=_without_users(catalog.attributes, users, key),
        rejects=withheld_rejects(catalog.rejects),
    )


def pseudonymise_columns(table: UserTable, users: IdMap, key: PseudonymKey) -> UserTable:
    """The profiles with pseudonyms in columns of user ids: a second copy, or a friend's.

    Args:
        table: as it was read, with its own ids not yet replaced.
        users: of the log, before it was pseudonymised.
        key: the log's.
    """
    columns = dict(table.attributes)
    own = table.users.ids
    for name, column in columns.items():
        values = column
        if column.dtype.kind == "f":
            values = np.array([f"{value:.15g}" for value in column], dtype=object)
        if len(own) and float(np.mean(values == own)) >= COPY:
            columns[name] = _pseudonyms(values, key)
    return replace(table, attributes=_without_users(columns, users, key))


def _without_users(
    columns: Mapping[str, np.ndarray], users: IdMap, key: PseudonymKey
) -> dict[str, np.ndarray]:
    """Columns whose values are mostly user ids, with all of their values replaced.

    Bare numbers are left alone: an age or a category equals somebody's number by chance.
    """
    result = dict(columns)
    for name, column in columns.items():
        if column.dtype.kind == "f":
            continue
        values = pd.unique(column[column != ""])
        if not len(values) or all(str(value).isdigit() for value in values):
            continue
        if float(np.mean(users.codes(values) != UNKNOWN)) >= COPY:
            result[name] = _pseudonyms(column, key)
    return result


def _pseudonyms(column: np.ndarray, key: PseudonymKey) -> np.ndarray:
    names = {value: key.pseudonym(str(value)) for value in pd.unique(column)}
    names[""] = ""
    return np.array([names[value] for value in column], dtype=object)


@contextmanager
def values_withheld() -> Iterator[None]:
    """Errors inside tell no value of a file: it may be a user id, and errors are kept by jobs."""
    try:
        yield
    except CrossRecError as error:
        if error.__cause__ is None and not _QUOTES.search(error.found):
            raise
        raise type(error)(
            error.expected,
            "something else; it is withheld, because it may hold user ids",
            f"{error.action.rstrip('.')}. Check the files without pseudonyms to see it".lstrip(
                ". "
            ),
        ) from None
    except Exception as error:  # noqa: BLE001 - the traceback goes on, without its words
        # Where it happened is told, what was said there is not.
        words = f"{type(error).__name__}; its words are withheld, because they may hold user ids"
        raise RuntimeError(words).with_traceback(error.__traceback__) from None
