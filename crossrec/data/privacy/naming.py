"""User ids that come from beside a pseudonymised log, or stand in other columns than its own."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
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
"""Share of the rows of a profile column that repeat the user's own id: it is a copy of the ids."""
PEOPLE = 0.2
"""Share of the distinct texts of a column that are users: it is one of user ids. Friends and makers
of items need not all be in the log."""
_PART = re.compile(r"[^\s,;|\[\]{}()'\"]+")
"""An id in a cell of several."""
_FORM = re.compile(f"[0-9a-f]{{{ID_LENGTH}}}")
_QUOTES = re.compile("['\"`]")


def named(ids: Sequence[str] | np.ndarray, users: IdMap, key: PseudonymKey) -> np.ndarray:
    """Ids as they stand in a pseudonymised log, shape (n,), object strings.

    An id of the log is a pseudonym already and stays. Every other one is cleaned like a log's and
    replaced, whatever it looks like: ids of many data bases are 24 hex digits too, and a raw id
    must never be written.

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
            columns[name] = _pseudonyms(values, users, key)
    return replace(table, attributes=_without_users(columns, users, key))


def _without_users(
    columns: Mapping[str, np.ndarray], users: IdMap, key: PseudonymKey
) -> dict[str, np.ndarray]:
    """Columns of user ids, one or several in a cell, with all of them replaced.

    Bare numbers are left alone: an age or a category equals somebody's number by chance.
    """
    result = dict(columns)
    for name, column in columns.items():
        if column.dtype.kind == "f":
            continue
        values = [str(value) for value in pd.unique(column[column != ""])]
        if _are_people(values, users):
            result[name] = _pseudonyms(column, users, key)
        elif _are_people({part for value in values for part in _PART.findall(value)}, users):
            several = {value: _each_replaced(value, users, key) for value in values}
            result[name] = np.array([several.get(str(cell), "") for cell in column], dtype=object)
    return result


def _are_people(values: Iterable[str], users: IdMap) -> bool:
    """Whether many of these distinct values are users."""
    values = list(values)
    texts = [value for value in values if not value.isdigit()]
    if len(texts) * 2 <= len(values):
        return False
    return float(np.mean(users.codes(users.as_here(texts)) != UNKNOWN)) >= PEOPLE


def _each_replaced(value: str, users: IdMap, key: PseudonymKey) -> str:
    def pseudonym(part: re.Match[str]) -> str:
        (text,) = users.as_here([part[0]])
        return part[0] if text.isdigit() else key.pseudonym(text)

    return _PART.sub(pseudonym, value)


def _pseudonyms(column: np.ndarray, users: IdMap, key: PseudonymKey) -> np.ndarray:
    given = [str(value) for value in pd.unique(column)]
    names = dict(zip(given, map(key.pseudonym, users.as_here(given)), strict=True)) | {"": ""}
    return np.array([names[str(value)] for value in column], dtype=object)


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
