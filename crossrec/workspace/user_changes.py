"""Which user to look at: DuckDB over the tables of a run, so that a million users can be browsed.

The figures with and without transfer of one scenario are put side by side once, in a temporary
Parquet file; nothing is held in memory between two questions.
"""

import shutil
import tempfile
import weakref
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any, Final

import duckdb
import pandas as pd

from crossrec.errors import DataError
from crossrec.schema import USER
from crossrec.workspace.files import damaged
from crossrec.workspace.run import Run

CHANGE_COLUMNS: Final = (
    USER, "cohort", "target_items", "other_items", "without", "with_transfer", "change",
)  # fmt: skip
"""Columns of :attr:`Page.table`; a run's profile columns follow where they are asked for."""


@dataclass(frozen=True)
class UserFilter:
    """Which users; the default is all judged ones.

    Attributes:
        prefix: their ids start so.
        cohort: "warm", "cold", or "" for both.
        least_other: at least so many history items outside the target.
        profile: (column, value) pairs that must hold; "" is "not known".
    """

    prefix: str = ""
    cohort: str = ""
    least_other: int = 0
    profile: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Page:
    """Some rows of a long table.

    Attributes:
        table: columns :data:`CHANGE_COLUMNS`.
        total: rows of the whole table.
    """

    table: pd.DataFrame
    total: int


class UserChanges:
    """What transfer did to each user of a run.

    Args:
        run: with a log; without an evaluation there are ids, but no changes.
        model, baseline: names of the models to compare, as in the run's report.

    It may be shared between threads.
    """

    def __init__(self, run: Run, model: str, baseline: str) -> None:
        self._path = run.path
        self._models = {"model": model, "baseline": baseline}
        self._folder = Path(tempfile.mkdtemp(prefix="crossrec-users-"))
        weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)
        self._scenarios: dict[str, Path] = {}
        self._lock = Lock()

    def page(
        self,
        scenario: str,
        *,
        order: str = "change",
        descending: bool = True,
        start: int = 0,
        size: int = 50,
        only: UserFilter | None = None,
    ) -> Page:
        """A page of the table of changes; equal rows are ordered by user id.

        Args:
            scenario: the target.
            order: one of :data:`CHANGE_COLUMNS`.
            descending: largest first.
            start: rows before the page.
            size: rows of the page.
            only: which users.

        Raises:
            DataError: no such column to order by, or to filter by.
            RunUnreadable: a file is missing or damaged.
        """
        if order not in CHANGE_COLUMNS:
            raise DataError(f"expected one of {', '.join(CHANGE_COLUMNS)} to order by", repr(order))
        where, given = self._where(only or UserFilter())
        way = "DESC" if descending else "ASC"
        with self._connection() as connection:
            given["judged"] = str(self._judged(connection, scenario))
            rows = f"FROM read_parquet($judged) WHERE {where}"
            row = connection.execute(f"SELECT count(*) {rows}", given).fetchone()
            total = int(row[0]) if row else 0
            table = connection.execute(
                f"SELECT * {rows} ORDER BY {order} {way}, {USER} LIMIT $size OFFSET $start",
                {**given, "size": size if start < total else 0, "start": min(start, total)},
            ).df()
        return Page(table.loc[:, list(CHANGE_COLUMNS)], total)

    def find(self, prefix: str, limit: int = 20) -> list[str]:
        """Ids of users of the log that start so, shortest first.

        Raises:
            RunUnreadable: a file is missing or damaged.
        """
        return self._ids(
            "SELECT id FROM read_parquet($ids) WHERE starts_with(id, $text)"
            " ORDER BY length(id), id LIMIT $limit",
            {"text": prefix, "limit": limit},
        )

    def nearest(self, user: str, limit: int = 5) -> list[str]:
        """Ids of users of the log that are written most alike, the nearest first.

        Raises:
            RunUnreadable: a file is missing or damaged.
        """
        return self._ids(
            "SELECT id FROM read_parquet($ids) ORDER BY jaro_winkler_similarity(id, $text) DESC,"
            " abs(length(id) - length($text)), id LIMIT $limit",
            {"text": user, "limit": limit},
        )

    def profile_columns(self) -> list[str]:
        """Names of the profile columns, in the order of the file; none without profiles."""
        if not self._profiles.is_file():
            return []
        with self._connection() as connection:
            sql = "DESCRIBE SELECT * FROM read_parquet($users)"
            rows = connection.execute(sql, {"users": str(self._profiles)}).fetchall()
        return [str(row[0]) for row in rows if row[0] != USER]

    def profile_values(self, column: str, limit: int = 50) -> dict[str, int]:
        """Values of a profile column and how many users have each, the most frequent first.

        Raises:
            DataError: there is no such column.
        """
        name = self._column(column)
        with self._connection() as connection:
            rows = connection.execute(
                f"SELECT coalesce(CAST({name} AS VARCHAR), '') AS value, count(*) AS n"
                " FROM read_parquet($users) GROUP BY value ORDER BY n DESC, value LIMIT $limit",
                {"users": str(self._profiles), "limit": limit},
            ).fetchall()
        return {str(value): int(n) for value, n in rows}

    @property
    def _profiles(self) -> Path:
        return self._path / "data" / "users.parquet"

    def _tables(self) -> dict[str, str]:
        return {"per_user": str(self._path / "per_user.parquet"), **self._models}

    def _column(self, name: str) -> str:
        """A profile column's name as SQL."""
        known = self.profile_columns()
        if name not in known:
            raise DataError(
                f"expected one of the profile columns {', '.join(known)}" if known
                else "expected a run with user profiles",
                repr(name),
            )  # fmt: skip
        return '"' + name.replace('"', '""') + '"'

    def _where(self, only: UserFilter) -> tuple[str, dict[str, Any]]:
        parts: list[str] = ["true"]
        given: dict[str, Any] = {}
        if only.prefix:
            parts.append(f"starts_with({USER}, $prefix)")
            given["prefix"] = only.prefix
        if only.cohort:
            parts.append("cohort = $cohort")
            given["cohort"] = only.cohort
        if only.least_other:
            parts.append("other_items >= $least_other")
            given["least_other"] = only.least_other
        for at, (column, value) in enumerate(only.profile.items()):
            parts.append(
                f"{USER} IN (SELECT {USER} FROM read_parquet($users)"
                f" WHERE coalesce(CAST({self._column(column)} AS VARCHAR), '') = $value_{at})"
            )
            given |= {"users": str(self._profiles), f"value_{at}": value}
        return " AND ".join(parts), given

    def _judged(self, connection: duckdb.DuckDBPyConnection, scenario: str) -> Path:
        """The file of users judged in a scenario with both models; made once."""
        with self._lock:
            if scenario not in self._scenarios:
                path = self._folder / f"{len(self._scenarios)}.parquet"
                asked = {**self._tables(), "scenario": scenario}
                connection.execute(f"COPY ({_JUDGED}) TO '{path}' (FORMAT parquet)", asked)
                self._scenarios[scenario] = path
            return self._scenarios[scenario]

    def _ids(self, sql: str, given: Mapping[str, Any]) -> list[str]:
        path = self._path / "data" / "user_ids.parquet"
        with self._connection() as connection:
            rows: Sequence[tuple] = connection.execute(sql, {"ids": str(path), **given}).fetchall()
        return [str(row[0]) for row in rows]

    @contextmanager
    def _connection(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection that reads files, and goes nowhere else."""
        with duckdb.connect(config={"autoinstall_known_extensions": "false"}) as connection:
            try:
                yield connection
            except (duckdb.IOException, duckdb.BinderException) as error:
                raise damaged(self._path, error) from error


_SIDE: Final = f"""
    SELECT {USER}, cohort, target_items, other_items, ndcg FROM read_parquet($per_user)
    WHERE scenario = $scenario AND NOT isnan(ndcg)
"""
_JUDGED: Final = f"""
    SELECT one.{USER}, one.cohort, CAST(one.target_items AS BIGINT) AS target_items,
      CAST(one.other_items AS BIGINT) AS other_items, base.ndcg AS without,
      one.ndcg AS with_transfer, one.ndcg - base.ndcg AS change
    FROM ({_SIDE} AND model = $model) AS one
    JOIN ({_SIDE} AND model = $baseline) AS base USING ({USER})
"""
