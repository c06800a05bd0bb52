"""People's ids replaced by keyed hashes, profiles made coarser, small groups not shown."""

import hashlib
import hmac
import os
import re
import secrets
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from crossrec.data.ids import IdMap
from crossrec.data.log import InteractionLog, RejectSummary
from crossrec.data.phrases import phrase, recognised
from crossrec.data.reading.rejects import RejectTable
from crossrec.data.users import UserTable
from crossrec.errors import ColumnMissing, DataError, WorkspaceError
from crossrec.schema import USER

KEY_ENVIRONMENT = "CROSSREC_PSEUDONYM_KEY"
"""The key itself, where it must not lie on the disk."""
SHORTEST_KEY = 16
"""Bytes: a key that can be guessed protects nobody."""
ID_LENGTH = 24
"""Hex digits of a pseudonym (96 bits): no two of a billion users meet."""
MIN_GROUP = 5
"""Smallest group of users that tables and reports show."""
WITHHELD = "(withheld)"


@dataclass(frozen=True)
class PrivacyPlan:
    """What becomes of personal data at import.

    Attributes:
        pseudonymise: replace user ids by keyed hashes.
        drop: profile columns that are left out.
        band: profile column -> upper edges of its bands, ascending: ``{"age": (18, 35)}`` gives
            "<18", "18 to <35" and ">=35".
        least: smallest group of users that is shown.
    """

    pseudonymise: bool = False
    drop: tuple[str, ...] = ()
    band: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    least: int = MIN_GROUP

    def __post_init__(self) -> None:
        if self.least < 1:
            raise DataError("expected a smallest group of at least 1 user", str(self.least))
        for name, edges in self.band.items():
            if not edges or list(edges) != sorted(set(edges)):
                raise DataError(
                    f"expected ascending edges for the bands of {name!r}",
                    ", ".join(map(str, edges)) or "none",
                    "Write them as --band age=18/35/65",
                )

    def to_json(self) -> dict[str, Any]:
        """The plan as plain values."""
        return {
            "pseudonymise": self.pseudonymise,
            "drop": list(self.drop),
            "band": {name: list(edges) for name, edges in self.band.items()},
            "least": self.least,
        }


@dataclass(frozen=True)
class PseudonymKey:
    """The secret of the keyed hashes; it never stands in a run.

    Attributes:
        secret: at least :data:`SHORTEST_KEY` bytes.
    """

    secret: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.secret) < SHORTEST_KEY:
            raise DataError(
                f"expected a pseudonym key of at least {SHORTEST_KEY} bytes",
                f"{len(self.secret)}",
                'Make one with: python -c "import secrets; print(secrets.token_hex(32))"',
            )

    def pseudonym(self, user: str) -> str:
        """The pseudonym of a user id: HMAC-SHA256, :data:`ID_LENGTH` hex digits."""
        code = hmac.new(self.secret, user.encode("utf-8", "surrogatepass"), hashlib.sha256)
        return code.hexdigest()[:ID_LENGTH]

    @property
    def check(self) -> str:
        """Eight digits that tell two keys apart and say nothing about either."""
        return hmac.new(self.secret, b"crossrec key check", hashlib.sha256).hexdigest()[:8]


def find_key(path: Path) -> PseudonymKey | None:
    """The key as :func:`load_key` finds it; None where there is none, and none is made.

    Raises:
        DataError: the key is too short.
        WorkspaceError: the file can be read by others, or cannot be read.
    """
    return load_key(path) if os.environ.get(KEY_ENVIRONMENT) or path.exists() else None


def load_key(path: Path) -> PseudonymKey:
    """The key from the environment, else from a file, which is made (mode 600) if missing.

    Args:
        path: the file; :data:`KEY_ENVIRONMENT` goes first.

    Raises:
        DataError: the key is too short.
        WorkspaceError: the file can be read by others, or cannot be read or written.
    """
    if given := os.environ.get(KEY_ENVIRONMENT):
        return PseudonymKey(given.strip().encode())
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            return PseudonymKey(_read_key(path))
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(secrets.token_hex(32) + "\n")
        return PseudonymKey(_read_key(path))
    except OSError as error:
        raise WorkspaceError(
            f"expected a key file that can be read and written at {path.name}",
            error.strerror or str(error),
            f"Name another with --key-file, or give the key in {KEY_ENVIRONMENT}",
        ) from error


def _read_key(path: Path) -> bytes:
    if os.name == "posix" and path.stat().st_mode & 0o077:
        raise WorkspaceError(
            f"expected a key file that its owner alone can read at {path.name}",
            f"mode {path.stat().st_mode & 0o777:o}",
            f"Run: chmod 600 {path.name}",
        )
    return path.read_bytes().strip()


def pseudonymise_log(log: InteractionLog, key: PseudonymKey) -> InteractionLog:
    """The log, and what is kept beside it, with pseudonyms for user ids; codes stay.

    The values of rejected rows are withheld: they may be ids, or whole lines of the file.

    Raises:
        DataError: two users got one pseudonym.
    """
    return replace(
        log,
        users=IdMap(map(key.pseudonym, log.users.ids.tolist())),
        rejects=withheld_rejects(log.rejects),
        exposures=None if log.exposures is None else pseudonymise_log(log.exposures, key),
        negatives=None if log.negatives is None else pseudonymise_log(log.negatives, key),
    )


def pseudonymise_users(users: UserTable, key: PseudonymKey) -> UserTable:
    """The profiles under the same pseudonyms as the log's."""
    return replace(
        users,
        users=IdMap(map(key.pseudonym, users.users.ids.tolist())),
        rejects=withheld_rejects(users.rejects),
    )


def withheld_rejects(rejects: RejectSummary) -> RejectSummary:
    """What became of the rows, without a value of the files.

    Why a file of an archive was left out is withheld too: such an error quotes the file.
    """
    files = tuple(replace(file, note=WITHHELD) if file.skipped else file for file in rejects.files)
    table = RejectTable.of(rejects.rows).table  # there may be millions of rows
    at = table.column_names.index("value")
    hidden = pa.repeat(pa.scalar(WITHHELD, pa.large_string()), len(table))
    table = table.set_column(at, "value", hidden)
    reasons = table["reason"].combine_chunks().dictionary_encode()
    told = pa.array(map(_without_values, reasons.dictionary.to_pylist()), pa.large_string())
    table = table.set_column(
        table.column_names.index("reason"), "reason", told.take(reasons.indices)
    )
    notes = tuple(
        replace(note, examples=()) if note.column == USER else note for note in rejects.notes
    )
    return replace(rejects, rows=RejectTable(table), files=files, notes=notes)


def _without_values(reason: str) -> str:
    """A reason of the reader that quotes nothing but counts."""
    known = recognised(reason)
    if known is None:
        return WITHHELD
    word, values = known
    return phrase(word, **{
        name: value if value.isdigit() else WITHHELD for name, value in values.items()
    })  # fmt: skip


def coarsen(users: UserTable, plan: PrivacyPlan) -> UserTable:
    """The profiles without the dropped columns, numbers of banded ones as bands.

    Raises:
        ColumnMissing: the plan names a column that is not there.
        DataError: a column to be banded holds no numbers.
    """
    for name in (*plan.drop, *plan.band):
        if name not in users.attributes:
            raise ColumnMissing(
                f"expected the profile column {name!r}",
                ", ".join(users.attributes) or "no columns",
                "Name one of these",
            )
    kept = {name: column for name, column in users.attributes.items() if name not in plan.drop}
    for name, edges in plan.band.items():
        if name in kept:
            kept[name] = banded(name, kept[name], edges)
    return replace(users, attributes=kept)


def banded(name: str, values: np.ndarray, edges: tuple[float, ...]) -> np.ndarray:
    """Numbers as bands, shape (n,), object strings; "" where there is none.

    Raises:
        DataError: the column holds no numbers.
    """
    if values.dtype.kind != "f":
        raise DataError(
            f"expected numbers in the profile column {name!r}",
            repr(str(values[0]))[:40] if len(values) else "nothing",
            "Drop the column instead, or band it in the file",
        )
    marks = [f"{edge:g}" for edge in edges]
    middle = [f"{low} to <{high}" for low, high in pairwise(marks)]
    names = np.array([f"<{marks[0]}", *middle, f">={marks[-1]}"], dtype=object)
    found = names[np.searchsorted(edges, values, side="right")]
    return np.where(np.isnan(values), "", found).astype(object)


def parse_bands(text: str) -> dict[str, tuple[float, ...]]:
    """Read ``"age=18/35/65,income=20000/50000"``.

    Raises:
        DataError: a part is not of that form.
    """
    bands: dict[str, tuple[float, ...]] = {}
    for part in filter(str.strip, re.split(r"[,;，；]", text)):
        name, equals, edges = part.partition("=")
        try:
            numbers = tuple(float(edge) for edge in edges.split("/"))
        except ValueError:
            numbers = ()
        if not (equals and name.strip() and numbers and np.isfinite(numbers).all()):
            raise DataError(
                "expected bands like age=18/35/65", repr(part.strip()), "Name the column once"
            )
        bands[name.strip()] = numbers
    return bands


def group_sizes(users: UserTable, column: str, *, least: int = MIN_GROUP) -> pd.DataFrame:
    """Users per value of a profile column, small groups joined (:func:`shown_groups`).

    Returns:
        Columns ``group`` and ``users``; users without a value are not counted.

    Raises:
        ColumnMissing: there is no such column.
    """
    if column not in users.attributes:
        raise ColumnMissing(
            f"expected the profile column {column!r}", ", ".join(users.attributes) or "no columns"
        )
    values = users.attributes[column]
    empty = np.isnan(values) if values.dtype.kind == "f" else values == ""
    counts = Counter(map(str, values[~empty].tolist()))
    return pd.DataFrame(list(shown_groups(counts, least).items()), columns=["group", "users"])


def shown_groups(counts: Mapping[str, int], least: int = MIN_GROUP) -> dict[str, int]:
    """Group sizes fit to be shown: groups below ``least`` users become one group "other".

    If they are too few even together, the next smallest group joins them: a single hidden group
    could be told from the total.

    Returns:
        Group -> users, largest first, "other" last; empty if all together are too few.
    """
    ordered = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    shown = [pair for pair in ordered if pair[1] >= least]
    hidden = sum(size for _, size in ordered if size < least)
    while 0 < hidden < least and shown:
        hidden += shown.pop()[1]
    result = dict(shown)
    if hidden >= least:
        result["other"] = result.pop("other", 0) + hidden
    return result


def hide_small(
    table: pd.DataFrame, size: str, columns: tuple[str, ...], *, least: int = MIN_GROUP
) -> pd.DataFrame:
    """A table of groups in which rows of fewer than ``least`` users show no figures.

    Args:
        table: one row per group; not changed.
        size: the column with the number of users.
        columns: the figures to hide (NaN); the size itself becomes NaN too.
        least: smallest group that is shown.
    """
    small = table[size] < least
    return table.assign(
        **{name: table[name].astype(float).mask(small) for name in (*columns, size)}
    )
