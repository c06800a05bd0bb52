"""Questions about a run's items and users that are answered without reading their tables whole.

A million titles take seconds to read and gigabytes to hold; DuckDB looks up the few that are asked
for in the Parquet file itself.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from crossrec.data.clean_ids import clean_id
from crossrec.schema import ITEM, TEXT, TITLE, USER
from crossrec.workspace import datasets
from crossrec.workspace.files import damaged
from crossrec.workspace.run import DATA, Run

Kind = Literal["items", "users"]
_FILES = {"items": (datasets.CATALOG, ITEM), "users": (datasets.USERS, USER)}
_OWN = {ITEM, USER, TITLE, TEXT}
HITS = 50
"""Rows a search in the points of a map finds at most."""


def titles_of(run: Run, ids: Sequence[str] | np.ndarray) -> np.ndarray:
    """Titles of items, shape (len(ids),), object strings; the id itself where there is none.

    Raises:
        RunUnreadable: the catalogue is damaged.
    """
    ids = np.asarray(ids, dtype=object)
    path = _path(run, "items")
    if path is None or not len(ids):
        return ids
    if not _plain_text(path):
        return run.catalog().titles_of(ids)
    wanted = pa.table({"id": pa.array(dict.fromkeys(ids.tolist()), pa.string())})
    with _asking(path) as ask:
        found = ask(
            f"select c.{ITEM}, c.{TITLE} from read_parquet(?) c semi join wanted w "
            f"on c.{ITEM} = w.id",
            [str(path)],
            wanted=wanted,
        )
    titles = {item: title for item, title in found if title}
    return np.array([titles.get(item, item) for item in ids], dtype=object)


def find_items(run: Run, words: str, limit: int) -> list[str]:
    """Ids of items whose id, or whose title's words, were typed; shortest title first.

    Raises:
        RunUnreadable: the catalogue is damaged.
    """
    path = _path(run, "items")
    parts = words.lower().split()
    if path is None or not parts:
        return []
    if not _plain_text(path):
        catalog = run.catalog()
        lower = [str(title).lower() for title in catalog.title]
        hits = [row for row, title in enumerate(lower) if all(part in title for part in parts)]
        return [str(catalog.items.ids[row]) for row in hits[:limit]]
    written = clean_id(words) or words.strip()
    holds = " and ".join([f"contains(lower({TITLE}), ?)"] * len(parts))
    with _asking(path) as ask:
        found = ask(
            f"select {ITEM} from read_parquet(?) where {ITEM} = ? or ({holds}) "
            f"order by {ITEM} <> ?, length({TITLE}), {ITEM} limit ?",
            [str(path), written, *parts, written, limit],
        )
    return [item for (item,) in found]


def catalog_file(run: Run) -> Path | None:
    """The file of the run's items, if it has any."""
    return _path(run, "items")


def find_rows(run: Run, kind: Kind, points: pd.DataFrame, words: str) -> np.ndarray:
    """Rows of a map's points whose id, or for items whose title, holds the words; ascending.

    Raises:
        RunUnreadable: the catalogue is damaged.
    """
    if not words:
        return np.zeros(0, dtype=np.int64)
    if kind == "items":
        return np.flatnonzero(points[ITEM].isin(find_items(run, words, HITS)).to_numpy())
    hit = (
        points[USER]
        .str.contains(clean_id(words) or words, case=False, regex=False, na=False)
        .to_numpy()
    )
    return np.flatnonzero(hit)[:HITS]


def cohorts_of(points: pd.DataFrame, per_user: pd.DataFrame) -> pd.Series:
    """The cohort of the users of a map's points: "cold" where they were so for any target.

    A cold-start user of a scenario has no history there, and so no point: he is seen at his places
    in the others.

    Args:
        points: has ``user_id``.
        per_user: :attr:`crossrec.evaluation.RunReport.per_user`.

    Returns:
        "cold", "warm", or missing where nobody judged the user; shape (len(points),).
    """
    judged = per_user.loc[per_user["cohort"].isin(["cold", "warm"])]
    judged = judged.sort_values("cohort", kind="stable").drop_duplicates(USER)  # cold goes first
    return pd.Series(points[USER].map(judged.set_index(USER)["cohort"]))


def attributes(run: Run, kind: Kind) -> dict[str, bool]:
    """The attributes of items or users by name, and whether each is a number."""
    path = _path(run, kind)
    if path is None:
        return {}
    schema = _schema(path)
    return {
        field.name: pa.types.is_floating(field.type) or pa.types.is_integer(field.type)
        for field in schema
        if field.name not in _OWN
    }


def attribute_of(run: Run, kind: Kind, name: str, ids: pd.Series) -> pd.Series:
    """One attribute of the items or users ``ids``; missing where they have none.

    Raises:
        RunUnreadable: the table is damaged.
    """
    path = _path(run, kind)
    if path is None:
        return pd.Series([None] * len(ids), dtype=object)
    try:
        with pq.ParquetFile(path) as file:
            table = file.read(columns=[_FILES[kind][1], name])
        known = table.column(0).combine_chunks()
        asked = pa.array(ids, known.type, from_pandas=True)
        where = pc.index_in(asked, value_set=known)  # pyright: ignore[reportAttributeAccessIssue]
        return table.column(1).combine_chunks().take(where).to_pandas()
    except (OSError, pa.ArrowException, UnicodeEncodeError, KeyError) as error:
        raise damaged(path, error) from error


def _path(run: Run, kind: Kind) -> Path | None:
    path = run.path / DATA / _FILES[kind][0]
    return path if path.is_file() else None


def _schema(path: Path) -> pa.Schema:
    try:
        return pq.read_schema(path)
    except (OSError, pa.ArrowException) as error:
        raise damaged(path, error) from error


def _plain_text(path: Path) -> bool:
    """Whether ids and titles are text: some that have no UTF-8 are kept as bytes."""
    schema = _schema(path)
    kinds = [schema.field(at).type for at in (0, 1)]
    return all(pa.types.is_large_string(kind) or pa.types.is_string(kind) for kind in kinds)


@contextmanager
def _asking(path: Path) -> Iterator[Any]:
    """A function that asks DuckDB; its errors are damage of the file."""
    connection = duckdb.connect()

    def ask(query: str, values: list[object], **tables: pa.Table) -> list[tuple]:
        for name, table in tables.items():
            connection.register(name, table)
        return connection.execute(query, values).fetchall()

    try:
        yield ask
    except duckdb.Error as error:
        raise damaged(path, error) from error
    finally:
        connection.close()
