"""What people said about recommendations: likes and noes, kept in one SQLite file per workspace.

Taking an entry back marks it, deleting takes it out of the file. The newest entry that still stands
counts, per project, user, scenario and item, and only for the data set of whose list it was said.
It changes lists at once (:meth:`FeedbackStore.rows` goes into
:meth:`Histories.with_rows <crossrec.data.history.Histories.with_rows>`) and the next training
(:func:`with_events`).
"""

import hashlib
import sqlite3
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from crossrec.data.history import Row
from crossrec.data.log import InteractionLog, TimeKind
from crossrec.errors import DataError, UnknownId, WorkspaceError
from crossrec.schema import EVENT, ITEM, SCENARIO, TIME, USER, WEIGHT
from crossrec.workspace.workspace import Workspace

DATA_SET: Final = "data_set"
"""Column of events: of which data set, see :func:`data_set_of`."""
_LOG: Final = "interactions"
"""How the files of a log are called in a record."""
REASON_LENGTH: Final = 500
"""A reason is cut after so many characters."""

_VERSION: Final = 2
_SCHEMA: Final = """
CREATE TABLE feedback(
  id INTEGER PRIMARY KEY AUTOINCREMENT, time INTEGER NOT NULL, project TEXT NOT NULL,
  run TEXT NOT NULL, user TEXT NOT NULL, scenario TEXT NOT NULL, item TEXT NOT NULL,
  verdict TEXT NOT NULL CHECK(verdict IN ('like', 'dislike', 'not_interested')),
  reason TEXT NOT NULL, rank INTEGER, candidates INTEGER, data TEXT NOT NULL, undone INTEGER);
CREATE INDEX feedback_of_user ON feedback(project, user);
"""
_COLUMNS: Final = (
    "id, time, project, run, user, scenario, item, verdict, reason, rank, candidates, data"
)


class Verdict(StrEnum):
    """What a person says of a recommended item."""

    LIKE = "like"
    DISLIKE = "dislike"
    NOT_INTERESTED = "not_interested"


STRENGTHS: Final = {Verdict.LIKE: 1.0, Verdict.DISLIKE: -1.0, Verdict.NOT_INTERESTED: -0.1}
"""Strength of a verdict as a history row.

All three take the item out of the list, because it is now part of the history; "not interested"
says little of what is like it.
"""


@dataclass(frozen=True)
class Feedback:
    """One thing somebody said.

    Attributes:
        id: of the entry, growing.
        time: seconds since 1970, UTC.
        project: slug of the project, "" for a run outside the workspace.
        run: id of the run whose list was shown.
        user, scenario, item: ids as in the run.
        verdict: what was said.
        reason: in the person's words, or ""; hostile text.
        rank: where the item stood in the list that was shown, from 1; None if not known.
        candidates: length of the whole list; None if not known.
        data: of which data set the list was, see :func:`data_set_of`; "" if not known.
    """

    id: int
    time: int
    project: str
    run: str
    user: str
    scenario: str
    item: str
    verdict: Verdict
    reason: str = ""
    rank: int | None = None
    candidates: int | None = None
    data: str = ""

    @property
    def row(self) -> Row:
        """As a history row."""
        return self.user, self.scenario, self.item, STRENGTHS[self.verdict]


class FeedbackStore:
    """The feedback of one workspace.

    Args:
        workspace: where it is kept: ``feedback/feedback.sqlite``, made with the first entry.
    """

    def __init__(self, workspace: Workspace) -> None:
        self.path = workspace.root / "feedback" / "feedback.sqlite"

    def add(self, said: Feedback) -> Feedback:
        """Keep one entry; its ``id`` is given here, and its ``time`` where that is 0.

        Raises:
            DataError: an id is empty or cannot be written as UTF-8.
            WorkspaceError: the file cannot be written.
        """
        for name in ("user", "scenario", "item"):
            _check_id(name, getattr(said, name))
        reason = " ".join(said.reason.encode(errors="replace").decode().split())[:REASON_LENGTH]
        said = replace(said, time=said.time or int(time.time()), reason=reason)
        values = {name: value for name, value in asdict(said).items() if name != "id"}
        marks = ", ".join("?" * len(values))
        with self._open() as connection:
            found = connection.execute(
                f"INSERT INTO feedback({', '.join(values)}) VALUES ({marks})",  # our own names
                tuple(values.values()),
            )
            return replace(said, id=int(found.lastrowid or 0))

    def undo(self, entry: int) -> Feedback:
        """Take an entry back; it stays in the file, marked.

        Raises:
            UnknownId: there is no such entry, or it was taken back before.
        """
        with self._open() as connection:
            row = connection.execute(
                f"SELECT {_COLUMNS} FROM feedback WHERE id = ? AND undone IS NULL", (entry,)
            ).fetchone()
            if row is None:
                raise UnknownId.of("feedback entry", str(entry), [])
            connection.execute(
                "UPDATE feedback SET undone = ? WHERE id = ?", (int(time.time()), entry)
            )
        return _feedback(row)

    def delete(self, entry: int) -> Feedback:
        """Take an entry out of the file, with all that was said before it of the same item.

        Raises:
            UnknownId: there is no such entry.
        """
        with self._open() as connection:
            row = connection.execute(
                f"SELECT {_COLUMNS} FROM feedback WHERE id = ?", (entry,)
            ).fetchone()
            if row is None:
                raise UnknownId.of("feedback entry", str(entry), [])
            connection.execute("PRAGMA secure_delete=ON")  # else the words stay in free pages
            connection.execute(
                "DELETE FROM feedback WHERE id <= ? AND project = ? AND user = ?"
                " AND scenario = ? AND item = ? AND data = ?",
                (entry, *(row[name] for name in ("project", "user", "scenario", "item", "data"))),
            )
        return _feedback(row)

    def entries(
        self,
        *,
        project: str | None = None,
        run: str | None = None,
        user: str | None = None,
        data: str | None = None,
    ) -> list[Feedback]:
        """What stands, oldest first: the newest entry per project, user, scenario and item.

        Args:
            project: only of this project.
            run: only given on this run's lists.
            user: only of this user.
            data: only of this data set, see :func:`data_set_of`.
        """
        if not self.path.exists():
            return []
        asked = {"project": project, "run": run, "user": user, "data": data}
        given = {name: value for name, value in asked.items() if value is not None}
        where = "".join(f" AND {name} = ?" for name in given)
        with self._open() as connection:
            rows = connection.execute(
                f"SELECT {_COLUMNS} FROM feedback AS one WHERE undone IS NULL{where} AND id ="
                " (SELECT max(id) FROM feedback WHERE undone IS NULL AND project = one.project"
                "  AND data = one.data AND user = one.user AND scenario = one.scenario"
                "  AND item = one.item)"
                " ORDER BY id",
                tuple(given.values()),
            ).fetchall()
        return [_feedback(row) for row in rows]

    def rows(self, *, project: str, user: str | None = None, data: str | None = None) -> list[Row]:
        """What stands as history rows, oldest first: lists change at once."""
        return [said.row for said in self.entries(project=project, user=user, data=data)]

    def events(
        self, *, project: str | None = None, run: str | None = None, data: str | None = None
    ) -> pd.DataFrame:
        """What stands as rows for the next training, oldest first; see :func:`with_events`.

        Returns:
            Columns ``user_id, item_id, scenario, event, weight, timestamp, data_set``: the event is
            the verdict, the weight 1 for a like and 0 for a no, the timestamp seconds since 1970.
        """
        said = self.entries(project=project, run=run, data=data)
        return pd.DataFrame(
            {
                USER: pd.Series([one.user for one in said], dtype=object),
                ITEM: pd.Series([one.item for one in said], dtype=object),
                SCENARIO: pd.Series([one.scenario for one in said], dtype=object),
                EVENT: pd.Series([str(one.verdict) for one in said], dtype=object),
                WEIGHT: np.array([float(one.verdict is Verdict.LIKE) for one in said]),
                TIME: np.array([one.time for one in said], dtype=np.int64),
                DATA_SET: pd.Series([one.data for one in said], dtype=object),
            }
        )

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        """A connection whose changes are kept together, or not at all."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            connection = sqlite3.connect(self.path, timeout=30)
        except (OSError, sqlite3.Error) as error:
            raise _unusable(self.path, error) from error
        connection.row_factory = sqlite3.Row
        try:
            with connection:
                _prepare(connection, self.path)
                yield connection
        except sqlite3.Error as error:
            raise _unusable(self.path, error) from error
        finally:
            connection.close()


def data_set_of(inputs: Mapping[str, Mapping[str, str]]) -> str:
    """What tells a data set from others: the files of its log, whatever they are called.

    Args:
        inputs: as a run's or a check's record has them under ``inputs``.

    Returns:
        16 hex digits; "" where no file of a log is told.
    """
    hashes = sorted(file["sha256"] for name, file in inputs.items() if name.startswith(_LOG))
    return hashlib.sha256("\n".join(hashes).encode()).hexdigest()[:16] if hashes else ""


def to_frame(entries: Iterable[Feedback]) -> pd.DataFrame:
    """Entries as a table for people and programs; the time as ISO 8601, UTC."""
    names = ("id", "time", "project", "run", USER, SCENARIO, ITEM, "verdict", "reason", "rank",
             "candidates", DATA_SET)  # fmt: skip
    rows = [tuple(asdict(one).values()) for one in entries]
    frame = pd.DataFrame(rows, columns=list(names))
    moment = pd.to_datetime(frame["time"].astype("int64"), unit="s", utc=True)
    places = {name: frame[name].astype("Int64") for name in ("rank", "candidates")}
    return frame.assign(time=moment.dt.strftime("%Y-%m-%dT%H:%M:%SZ"), **places)


def with_events(log: InteractionLog, events: pd.DataFrame) -> InteractionLog:
    """A log after what people said of its items.

    A like becomes a row; it takes the place of the same user's earlier rows of the item. A no
    takes them away. Entries that name a scenario or item the log does not know are left out.

    Args:
        log: the interactions; not changed. Its id maps grow by users who were not in it.
        events: of :meth:`FeedbackStore.events`, oldest first.

    Returns:
        The log itself if nothing of it is meant. Rows stay in their order; likes follow. Their
        time is the event's where the log has clock times, and after the log's last position where
        it has positions.
    """
    places, items = (events[name].to_numpy(dtype=object) for name in (SCENARIO, ITEM))
    known = (log.scenarios.codes(places) >= 0) & (log.items.codes(items) >= 0)
    said = events.loc[known].drop_duplicates([USER, SCENARIO, ITEM], keep="last")
    if said.empty:
        return log
    users = log.users.union(said[USER])
    codes = (
        users.codes(said[USER].to_numpy(dtype=object)),
        log.scenarios.codes(said[SCENARIO].to_numpy(dtype=object)),
        log.items.codes(said[ITEM].to_numpy(dtype=object)),
    )
    kept = ~np.isin(_keys(log, log.user, log.scenario, log.item), _keys(log, *codes))
    base = replace(log.select(kept), users=users)
    likes = said[WEIGHT].to_numpy() > 0
    time_of = None
    if base.time is not None and log.time is not None:
        last = int(log.time.max()) if len(log) else 0
        clock = said[TIME].to_numpy()[likes]
        added = clock if log.time_kind is TimeKind.CLOCK else last + 1 + np.arange(likes.sum())
        time_of = np.concatenate([base.time, added]).astype(np.int64)
    user, scenario, item = (
        np.concatenate([old, new[likes]]).astype(np.int32)
        for old, new in zip((base.user, base.scenario, base.item), codes, strict=True)
    )
    weight = np.concatenate([base.weight, said[WEIGHT].to_numpy()[likes]]).astype(np.float32)
    return replace(base, user=user, scenario=scenario, item=item, weight=weight, time=time_of)


def _keys(
    log: InteractionLog, user: np.ndarray, scenario: np.ndarray, item: np.ndarray
) -> np.ndarray:
    """One number per (user, scenario, item)."""
    places = user.astype(np.int64) * len(log.scenarios) + scenario
    return places * len(log.items) + item


def _feedback(row: Any) -> Feedback:
    values = dict(row)
    return Feedback(**{**values, "verdict": Verdict(values["verdict"])})


def _check_id(name: str, value: str) -> None:
    if not value:
        raise DataError(f"expected the {name} that the feedback is about", "nothing")
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise DataError(f"expected the id of the {name} in UTF-8", repr(value)) from error


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version == 0:
        connection.execute("BEGIN IMMEDIATE")  # two first entries at once: one makes the table
        if connection.execute("PRAGMA user_version").fetchone()[0] == 0:
            for statement in filter(str.strip, _SCHEMA.split(";")):
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version={_VERSION}")
        connection.commit()
    elif version != _VERSION:
        raise WorkspaceError(
            f"expected feedback of version {_VERSION} in {str(path)!r}",
            f"version {version}",
            "Open it with the newer CrossRec, or choose another workspace",
        )


def _unusable(path: Path, error: Exception) -> WorkspaceError:
    return WorkspaceError(
        f"expected a feedback file that can be used in {str(path)!r}",
        str(error),
        "Check the disk and the folder's permissions; move the file away if it is damaged",
    )
