"""What a model wrote once, remembered on disk: the same question is never paid for twice."""

import hashlib
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

from crossrec.errors import WorkspaceError
from crossrec.language.generator import Generator
from crossrec.language.locations import CACHE_VARIABLE, cache_root
from crossrec.progress import Progress, silent

_CHUNK = 64  # prompts written and kept together, so that a cancelled run loses little
_SCHEMA = "CREATE TABLE IF NOT EXISTS written (key BLOB PRIMARY KEY, text TEXT NOT NULL)"


class TextCache:
    """Texts by what they answer; use as a context manager.

    Args:
        path: the database file; default ``written.sqlite`` in the cache folder.

    Raises:
        WorkspaceError: the folder cannot be written.
    """

    def __init__(self, path: Path | None = None) -> None:
        self.path = path or cache_root() / "written.sqlite"
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(self.path, timeout=60)
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute(_SCHEMA)
        except (OSError, sqlite3.Error) as error:
            raise self._unwritable(error) from error

    def __enter__(self) -> "TextCache":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._db.close()

    def get(self, *question: str) -> str | None:
        """What was written for a question (its parts, model included), None if nothing was."""
        row = self._db.execute(
            "SELECT text FROM written WHERE key = ?", (_key(question),)
        ).fetchone()
        return row[0] if row else None

    def put(self, *question: str, text: str) -> None:
        """Remember a text; it is safe when this returns."""
        try:
            with self._db:
                self._db.execute(
                    "INSERT OR REPLACE INTO written VALUES (?, ?)", (_key(question), text)
                )
        except sqlite3.Error as error:
            raise self._unwritable(error) from error

    def _unwritable(self, error: Exception) -> WorkspaceError:
        return WorkspaceError(
            f"expected to write what the model says to {self.path}",
            str(error),
            f"Free some space there, or set {CACHE_VARIABLE} to another folder",
        )


def write_cached(
    generator: Generator,
    prompts: Sequence[str],
    *,
    max_tokens: int = 48,
    answer: str = "",
    words: Sequence[Sequence[str]] | None = None,
    cache: TextCache | None = None,
    progress: Progress = silent,
) -> list[str]:
    """One text per prompt; those written before come from the cache.

    Args:
        generator: what writes.
        prompts: may repeat; each distinct one is written once.
        max_tokens: of a text.
        answer: how every answer begins.
        words: the only words that may follow, a list per prompt; None for any.
        cache: an open one; default the machine's.
        progress: phase "features", in distinct prompts.

    Raises:
        WorkspaceError: the cache cannot be written.
    """
    if cache is None:
        with TextCache() as usual:
            options = {"max_tokens": max_tokens, "answer": answer, "words": words}
            return write_cached(generator, prompts, cache=usual, progress=progress, **options)
    lists = dict(zip(prompts, words, strict=True)) if words is not None else {}

    def question(prompt: str) -> tuple[str, ...]:
        settings = (generator.id, generator.revision, str(max_tokens), answer)
        return (*settings, *sorted(lists.get(prompt, ())), prompt)

    unique = sorted(set(prompts), key=lambda prompt: (len(prompt), prompt))
    texts = {each: said for each in unique if (said := cache.get(*question(each))) is not None}
    new = [prompt for prompt in unique if prompt not in texts]
    progress("features", len(texts), len(unique))
    for start in range(0, len(new), _CHUNK):
        part = new[start : start + _CHUNK]
        allowed = [lists[prompt] for prompt in part] if words is not None else None
        written = generator.write(part, max_tokens=max_tokens, answer=answer, words=allowed)
        for prompt, text in zip(part, written, strict=True):
            cache.put(*question(prompt), text=text)
            texts[prompt] = text
        progress("features", len(texts), len(unique))
    return [texts[prompt] for prompt in prompts]


def _key(question: Sequence[str]) -> bytes:
    return hashlib.sha256("\0".join(question).encode("utf-8", "surrogatepass")).digest()
