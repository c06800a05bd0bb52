"""Scenarios and events whose names differ in case or separators only are one; a person's names."""

from collections.abc import Mapping

import numpy as np
import pyarrow as pa

from crossrec.data.log import ReaderNote
from crossrec.data.names import check_new_names, name_key
from crossrec.data.reading.coding import NOWHERE, Meaning
from crossrec.data.reading.noticed import EXAMPLES
from crossrec.errors import UnknownId

MERGED, RENAMED = "merged_names", "renamed_scenarios"
_MOST = 10_000
"""A column of more names than this is no list of names, and its spellings are left alone."""
_LISTED = 1_000


def named(
    column: str, meaning: Meaning, raw: np.ndarray, new: Mapping[str, str] | None = None
) -> tuple[Meaning, list[ReaderNote]]:
    """The meaning of a column of names, spellings of one name put together.

    Of several spellings the most frequent one stands for all; a name a person gave stands for all
    spellings of the old one, and several old names may get the same.

    Args:
        column: the schema column.
        meaning: of its distinct values.
        raw: code of each row, shape (rows,).
        new: old name -> new name.

    Raises:
        UnknownId: a new name is given for a name that no row has.
    """
    names = meaning.values.to_pylist()
    given = check_new_names(new or {})
    keys = {} if len(names) > _MOST and not given else {name: name_key(name) for name in names}
    for old in new or {}:
        if name_key(old) not in keys.values():
            raise UnknownId.of(column, old, names[:_LISTED])
    if not given and len(set(keys.values())) == len(keys):
        return meaning, []
    rows = _rows(meaning, raw, len(names))
    spellings: dict[str, list[int]] = {}
    for code, name in enumerate(names):
        # What a person gave may be the name of another scenario: then the two are one.
        target = given.get(keys[name])
        spellings.setdefault(keys[name] if target is None else name_key(target), []).append(code)
    to = np.empty(len(names) + 1, dtype=np.int32)
    to[-1] = NOWHERE
    shown, merged, renamed = [], [], []
    chosen = {name_key(name): name for name in given.values()}
    for at, (key, codes) in enumerate(spellings.items()):
        ordered = sorted(codes, key=lambda code: -rows[code])
        shown.append(chosen.get(key, names[ordered[0]]))
        to[codes] = at
        for code in ordered:
            example = {"name": names[code], "as": shown[at], "rows": int(rows[code])}
            if keys[names[code]] in given:
                renamed.append(example)
            elif names[code] != shown[at]:
                merged.append(example)
    notes = [
        ReaderNote(rule, column, len(examples), tuple(examples[:EXAMPLES]))
        for rule, examples in ((MERGED, merged), (RENAMED, renamed))
        if examples
    ]
    return Meaning(to[meaning.code], pa.array(shown, pa.string()), meaning.header), notes


def _rows(meaning: Meaning, raw: np.ndarray, n: int) -> np.ndarray:
    """Number of rows of each clean value, shape (n,)."""
    counts = np.zeros(len(meaning.code), dtype=np.int64)
    for start in range(0, len(raw), 1_000_000):
        counts += np.bincount(raw[start : start + 1_000_000] + 1, minlength=len(counts))
    return np.bincount(meaning.code + 1, np.roll(counts, -1), n + 1)[1:]
