"""The queue on the disk: one SQLite row per job. All SQL of the package is here."""

import json
import sqlite3
import time
from collections.abc import Mapping
from pathlib import Path
from secrets import token_hex
from typing import Any, Self

from crossrec.errors import JobError
from crossrec.jobs.job import Job, State
from crossrec.jobs.lock import locked

_VERSION = 2
_SCHEMA = """
CREATE TABLE job(
  id TEXT PRIMARY KEY, verb TEXT NOT NULL, arguments TEXT NOT NULL, dedupe TEXT,
  state TEXT NOT NULL CHECK(state IN ('queued', 'running', 'done', 'failed', 'cancelled')),
  place REAL NOT NULL, phase TEXT NOT NULL DEFAULT '', done REAL NOT NULL DEFAULT 0,
  total REAL NOT NULL DEFAULT 0, message TEXT NOT NULL DEFAULT '',
  fraction REAL NOT NULL DEFAULT 0, run_path TEXT NOT NULL DEFAULT '',
  cancel INTEGER NOT NULL DEFAULT 0, token TEXT, pid INTEGER,
  created REAL NOT NULL, started REAL, finished REAL, result TEXT, error TEXT NOT NULL DEFAULT '',
  reported REAL, eta_low REAL, eta_high REAL, resumes TEXT);
CREATE UNIQUE INDEX one_active ON job(dedupe) WHERE state IN ('queued', 'running');
CREATE UNIQUE INDEX one_running ON job(state) WHERE state = 'running';
CREATE TABLE log(job TEXT NOT NULL, line TEXT NOT NULL);
CREATE INDEX log_of_job ON log(job);
CREATE TABLE supervisor(one INTEGER PRIMARY KEY CHECK(one = 1), pid INTEGER NOT NULL);
"""
_MIGRATIONS = {
    1: """
ALTER TABLE job ADD COLUMN reported REAL;
ALTER TABLE job ADD COLUMN eta_low REAL;
ALTER TABLE job ADD COLUMN eta_high REAL;
ALTER TABLE job ADD COLUMN resumes TEXT;
"""
}
"""What brings a file of an older version one version further."""

_LOG_LINE = 2_000


class Store:
    """One connection to a job database; closed at the end of a ``with`` block.

    Args:
        db: the file; made with its folder if missing.

    Raises:
        JobError: a newer CrossRec made the file.
    """

    def __init__(self, db: Path) -> None:
        db.parent.mkdir(parents=True, exist_ok=True)
        # Work may report from another thread than the one that opened the connection; SQLite
        # itself serialises.
        self._connection = sqlite3.connect(
            db, timeout=30, isolation_level=None, check_same_thread=False
        )
        self._connection.row_factory = sqlite3.Row
        try:
            self._prepare(db)
        except BaseException:
            self._connection.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def _prepare(self, db: Path) -> None:
        if self._version() < _VERSION:
            # The switch to WAL does not wait for other connections, so only one does it.
            with locked(db.with_name(f"{db.name}.create.lock")):
                if self._version() == 0:
                    self._connection.execute("PRAGMA journal_mode=WAL")
                    self._to(_VERSION, _SCHEMA)
                while (version := self._version()) < _VERSION:
                    self._to(version + 1, _MIGRATIONS[version])
        if self._version() != _VERSION:
            raise JobError(
                f"expected a job list of version {_VERSION} in {str(db)!r}",
                f"version {self._version()}",
                "Open it with the newer CrossRec, or choose another workspace",
            )
        self._connection.execute("PRAGMA synchronous=NORMAL")

    def _to(self, version: int, statements: str) -> None:
        self._connection.executescript(
            f"BEGIN; {statements} PRAGMA user_version={version}; COMMIT;"
        )

    def _version(self) -> int:
        return self._connection.execute("PRAGMA user_version").fetchone()[0]

    # -------------------------------------------------------------------------- for clients

    def add(
        self,
        verb: str,
        arguments: str,
        dedupe: str | None = None,
        run_path: str = "",
        resumes: str | None = None,
    ) -> str:
        """Queue a job; gives the id of the active job with the same key if there is one."""
        now, new = time.time(), token_hex(6)
        while True:
            try:
                self._connection.execute(
                    "INSERT INTO job"
                    "(id, verb, arguments, dedupe, state, place, run_path, created, resumes)"
                    " VALUES (?, ?, ?, ?, 'queued', ?, ?, ?, ?)",
                    (new, verb, arguments, dedupe, now, run_path, now, resumes),
                )
            except sqlite3.IntegrityError:
                twin = self._connection.execute(
                    "SELECT id FROM job WHERE dedupe = ? AND state IN ('queued', 'running')",
                    (dedupe,),
                ).fetchone()
                if twin:
                    return twin["id"]
            else:
                return new

    def get(self, job_id: str) -> Job:
        """One job.

        Raises:
            JobError: there is no such job.
        """
        row = self._connection.execute("SELECT * FROM job WHERE id = ?", (job_id,)).fetchone()
        if row is None:
            raise JobError("expected a job of this workspace", repr(job_id), "Choose it anew")
        return _job(row)

    def newest(self, limit: int) -> list[Job]:
        """The newest jobs first."""
        rows = self._connection.execute(
            "SELECT * FROM job ORDER BY created DESC, rowid DESC LIMIT ?", (limit,)
        )
        return [_job(row) for row in rows]

    def log_tail(self, job_id: str, limit: int) -> list[str]:
        """The last lines of a job's log, oldest first."""
        rows = self._connection.execute(
            "SELECT line FROM log WHERE job = ? ORDER BY rowid DESC LIMIT ?", (job_id, limit)
        )
        return [row["line"] for row in rows][::-1]

    def cancel(self, job_id: str) -> None:
        """Cancel a queued job; ask a running one to stop."""
        self._connection.execute(
            "UPDATE job SET state = 'cancelled', finished = ? WHERE id = ? AND state = 'queued'",
            (time.time(), job_id),
        )
        self._connection.execute(
            "UPDATE job SET cancel = 1 WHERE id = ? AND state = 'running'", (job_id,)
        )

    def move_to_front(self, job_id: str) -> None:
        """Put a queued job before all other queued ones."""
        self._connection.execute(
            "UPDATE job SET place = (SELECT min(place) FROM job WHERE state = 'queued') - 1"
            " WHERE id = ? AND state = 'queued'",
            (job_id,),
        )

    def has_queued(self) -> bool:
        """Whether a job waits."""
        query = "SELECT 1 FROM job WHERE state = 'queued' LIMIT 1"
        return self._connection.execute(query).fetchone() is not None

    def running(self) -> Job | None:
        """The job that is marked as running."""
        query = "SELECT * FROM job WHERE state = 'running'"
        row = self._connection.execute(query).fetchone()
        return _job(row) if row else None

    # -------------------------------------------------------------------------- for the supervisor

    def set_supervisor(self, pid: int) -> None:
        """Note who the supervisor is. Whether it lives, only its lock tells."""
        self._connection.execute("INSERT OR REPLACE INTO supervisor VALUES (1, ?)", (pid,))

    def supervisor(self) -> int | None:
        """The process number of the latest supervisor."""
        row = self._connection.execute("SELECT pid FROM supervisor").fetchone()
        return row["pid"] if row else None

    def take_next(self, token: str) -> str | None:
        """Mark the first waiting job as running under ``token``; its id, or None."""
        row = self._connection.execute(
            "UPDATE job SET state = 'running', started = ?, token = ? WHERE id ="
            " (SELECT id FROM job WHERE state = 'queued' ORDER BY place, rowid LIMIT 1)"
            " RETURNING id",
            (time.time(), token),
        ).fetchall()
        return row[0]["id"] if row else None

    def set_pid(self, job_id: str, pid: int | None) -> None:
        """Note a job's process."""
        self._connection.execute("UPDATE job SET pid = ? WHERE id = ?", (pid, job_id))

    # -------------------------------------------------------------------------- for the worker

    def report(self, job_id: str, token: str, progress: Mapping[str, float | str | None]) -> None:
        """Write phase, done, total, message, fraction, eta_low and eta_high of a running job."""
        self._connection.execute(
            "UPDATE job SET phase = :phase, done = :done, total = :total, message = :message,"
            " fraction = :fraction, eta_low = :eta_low, eta_high = :eta_high, reported = :now"
            " WHERE id = :id AND token = :token AND state = 'running'",
            {**progress, "now": time.time(), "id": job_id, "token": token},
        )

    def log(self, job_id: str, text: str) -> None:
        """Add lines to a job's log."""
        lines = [(job_id, line[:_LOG_LINE]) for line in text.splitlines() if line.strip()]
        self._connection.execute("BEGIN")
        self._connection.executemany("INSERT INTO log VALUES (?, ?)", lines)
        self._connection.execute("COMMIT")

    def finish(
        self, job_id: str, token: str | None, state: State, *, result: str = "null", error: str = ""
    ) -> None:
        """Give a running job its final state; nothing happens if it has one.

        Args:
            job_id: the job.
            token: the token it was taken under, None for whichever.
            state: the final state.
            result: JSON.
            error: why it failed.
        """
        self._connection.execute(
            "UPDATE job SET state = :state, finished = :now, result = :result, error = :error,"
            " fraction = CASE WHEN :state = 'done' THEN 1 ELSE fraction END, pid = NULL"
            " WHERE id = :id AND state = 'running' AND token = coalesce(:token, token)",
            {
                "state": state.value,
                "now": time.time(),
                "result": result,
                "error": error,
                "id": job_id,
                "token": token,
            },
        )


def _job(row: sqlite3.Row) -> Job:
    started, finished = row["started"], row["finished"]
    elapsed = max(0.0, (finished or time.time()) - started) if started else 0.0
    state = State(row["state"])
    result: Any = json.loads(row["result"]) if row["result"] else None
    return Job(
        id=row["id"],
        verb=row["verb"],
        arguments=json.loads(row["arguments"]),
        dedupe=row["dedupe"],
        state=state,
        phase=row["phase"],
        done=row["done"],
        total=row["total"],
        message=row["message"],
        fraction=row["fraction"],
        elapsed=elapsed,
        eta=_eta(row) if state is State.RUNNING else None,
        run_path=row["run_path"],
        result=result,
        error=row["error"],
        cancelling=bool(row["cancel"]),
        pid=row["pid"],
        created=row["created"],
        started=started,
        finished=finished,
        resumes=row["resumes"],
    )


def _eta(row: sqlite3.Row) -> tuple[float, float] | None:
    """The range of the last report, less the time since then."""
    if row["eta_low"] is None:
        return None
    since = time.time() - row["reported"]
    return max(0.0, row["eta_low"] - since), max(0.0, row["eta_high"] - since)
