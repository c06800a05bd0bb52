"""One vector per text, remembered on disk, so that no text is read twice.

The key of a vector is the sha256 of everything that decides it: the encoder's id and revision
(weights, tokenizer, pooling, prefix, maximum length, number format) and the normalised text.
Change one character and one text is read again; change the model and all are.

Why SQLite in write-ahead mode and not append-only shards: a transaction is what makes a batch whole
or absent when the process is killed at any moment, several processes may read and write the same
file at once, looking up 100,000 keys takes a second or two without reading the whole cache, and it
is part of Python. Vectors are raw little-endian float32, so nothing is ever unpickled.
"""

import hashlib
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

import numpy as np

from crossrec.errors import WorkspaceError
from crossrec.language.locations import CACHE_VARIABLE, cache_root

_SCHEMA = """
CREATE TABLE IF NOT EXISTS vectors (key BLOB PRIMARY KEY, vector BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS speeds (revision TEXT PRIMARY KEY, characters_per_second REAL NOT NULL);
"""
_LOOKUP = 500  # keys per query, below SQLite's oldest limit of 999 variables
_WAIT = 60.0  # seconds to wait for another process that is writing


def text_keys(encoder_id: str, revision: str, texts: Sequence[str]) -> list[bytes]:
    """The keys of texts' vectors: sha256 over encoder, revision and text, 32 bytes each."""
    settings = hashlib.sha256(f"{encoder_id}\0{revision}".encode()).digest()
    return [hashlib.sha256(settings + text.encode()).digest() for text in texts]


class VectorCache:
    """The vectors of one machine; use as a context manager.

    Args:
        path: the database file; default ``vectors.sqlite`` in the cache folder. A damaged file is
            set aside (``.damaged``) and a new one begun: a cache can always be made again.

    Raises:
        WorkspaceError: the folder cannot be written or the disk is full.
    """

    def __init__(self, path: Path | None = None) -> None:
        self.path = path or cache_root() / "vectors.sqlite"
        with _told(self.path):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            try:
                self._db = self._open()
            except sqlite3.OperationalError:
                raise
            except sqlite3.DatabaseError:
                self.path.replace(self.path.with_suffix(".damaged"))
                for leftover in ("-wal", "-shm"):
                    Path(f"{self.path}{leftover}").unlink(missing_ok=True)
                self._db = self._open()

    def __enter__(self) -> "VectorCache":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def __len__(self) -> int:
        return self._db.execute("SELECT count(*) FROM vectors").fetchone()[0]

    def close(self) -> None:
        """Close the file; every finished ``put`` is already safe."""
        self._db.close()

    def get(self, keys: Sequence[bytes], dim: int) -> tuple[np.ndarray, np.ndarray]:
        """Look up vectors.

        Returns:
            vectors, shape (len(keys), dim), float32, zero where unknown; and a boolean mask of the
            keys that were found, shape (len(keys),).
        """
        vectors = np.zeros((len(keys), dim), dtype=np.float32)
        found = np.zeros(len(keys), dtype=bool)
        rows = {key: row for row, key in enumerate(keys)}
        with _told(self.path):
            for key, blob in self._select("key, vector", keys):
                if len(blob) == 4 * dim:
                    vectors[rows[key]] = np.frombuffer(blob, dtype="<f4")
                    found[rows[key]] = True
        return vectors, found

    def dim(self, keys: Sequence[bytes]) -> int | None:
        """Length of the vectors of these keys, None if none of them is known."""
        with _told(self.path):
            row = next(self._select("length(vector)", keys), None)
        return row[0] // 4 if row else None

    def known(self, keys: Sequence[bytes]) -> set[bytes]:
        """Those of the keys that have a vector."""
        with _told(self.path):
            return {key for (key,) in self._select("key", keys)}

    def put(self, keys: Sequence[bytes], vectors: np.ndarray) -> None:
        """Remember vectors, shape (len(keys), d), all or none of them."""
        rows = zip(keys, map(np.ndarray.tobytes, vectors.astype("<f4")), strict=True)
        with _told(self.path), self._db:
            self._db.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?)", rows)

    def speed(self, revision: str) -> float | None:
        """Characters per second of an encoder's last run on this machine, None if it never ran."""
        query = "SELECT characters_per_second FROM speeds WHERE revision = ?"
        with _told(self.path):
            row = self._db.execute(query, (revision,)).fetchone()
        return row[0] if row else None

    def note_speed(self, revision: str, characters_per_second: float) -> None:
        """Remember how fast an encoder was, for the estimate before the next run."""
        with _told(self.path), self._db:
            self._db.execute(
                "INSERT OR REPLACE INTO speeds VALUES (?, ?)", (revision, characters_per_second)
            )

    def _open(self) -> sqlite3.Connection:
        db = sqlite3.connect(self.path, timeout=_WAIT)
        try:
            db.execute("PRAGMA page_size = 16384")  # of a new file: ten vectors of 384 on a page
            _use_write_ahead(db)
            # NORMAL loses nothing when the process is killed; only a power cut may lose the end.
            db.execute("PRAGMA synchronous = NORMAL")
            db.executescript(_SCHEMA)
        except BaseException:
            db.close()
            raise
        return db

    def _select(self, columns: str, keys: Sequence[bytes]) -> Iterator[tuple]:
        for start in range(0, len(keys), _LOOKUP):
            part = list(keys[start : start + _LOOKUP])
            marks = ",".join("?" * len(part))
            query = f"SELECT {columns} FROM vectors WHERE key IN ({marks})"
            yield from self._db.execute(query, part)


def _use_write_ahead(db: sqlite3.Connection) -> None:
    """Switch the file to write-ahead mode; the switch itself does not wait for a lock, so we do."""
    deadline = time.monotonic() + _WAIT
    while True:
        try:
            db.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        else:
            return


@contextmanager
def _told(path: Path) -> Iterator[None]:
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        raise WorkspaceError(
            f"expected to read and write the vector cache {path}",
            str(error),
            f"Free some disk space, or set {CACHE_VARIABLE} to a folder you may write",
        ) from error
