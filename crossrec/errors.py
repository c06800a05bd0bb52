"""Everything CrossRec raises on purpose.

A message says what was expected, what was found, and what to do. The tree::

    CrossRecError
    ├── DataError            a file or table cannot be used
    │   ├── FileUnreadable   missing, empty, a directory, wrong format
    │   ├── ColumnMissing    a needed column is not there, or is there twice
    │   └── TooManyRejects   more bad rows than the limit allows
    ├── SplitError           the log cannot be split as asked (one scenario, too few rows)
    ├── ModelMissing         a language model is not installed
    ├── EndpointFailed       a model server is down, refuses, or answers nonsense
    ├── NotFitted            a recommender was used before ``fit``
    ├── UnknownId            a user, item or scenario that is not in the data
    ├── TrainingFailed       NaN loss or no usable signal
    ├── RunUnreadable        a run folder is missing, foreign or of another version
    ├── WorkspaceError       the disk is full or a folder cannot be written
    ├── SettingsError        crossrec.toml cannot be read, or says what is not known
    └── JobError             a job cannot be started, found or resumed

    Cancelled                (BaseException) the person asked to stop
"""

from collections.abc import Iterable, Sequence
from difflib import get_close_matches


class CrossRecError(Exception):
    """Base of all deliberate errors; ``str(error)`` is fit to be shown to an analyst."""

    def __init__(self, expected: str, found: str = "", action: str = "") -> None:
        self.expected = expected
        self.found = found
        self.action = action
        parts = [expected.rstrip(".")]
        if found:
            parts.append(f"found {found.rstrip('.')}")
        message = "; ".join(parts) + "."
        if action:
            message += f" {action.rstrip('.')}."
        super().__init__(message)


class DataError(CrossRecError):
    """A file or a table cannot be used."""


class FileUnreadable(DataError):
    """The file is missing, empty, a directory, or not in a known format."""


class ColumnMissing(DataError):
    """A needed column is not in the table, or is there twice."""


class TooManyRejects(DataError):
    """The share of rejected rows is above the limit."""


class SplitError(CrossRecError):
    """The log cannot be split as asked."""


class ModelMissing(CrossRecError):
    """A language model is not installed."""


class PackageMissing(CrossRecError):
    """An optional package is not installed."""


class EndpointFailed(CrossRecError):
    """A model server is down, refuses, or answers nonsense."""


class NotFitted(CrossRecError):
    """A recommender was used before ``fit``."""


class UnknownId(CrossRecError):
    """A user, item or scenario is not in the data."""

    @classmethod
    def of(cls, kind: str, value: str, known: Sequence[str] | Iterable[str]) -> "UnknownId":
        """Build the error with the nearest known ids as the suggestion."""
        names = [str(name) for name in known]
        near = get_close_matches(str(value), names, n=3, cutoff=0.5) or names[:3]
        return cls(
            f"expected {'an' if kind[0] in 'aeio' else 'a'} {kind} of this data",
            f"{value!r}",
            f"nearest of {len(names):,}: {', '.join(near)}" if near else "",
        )


class TrainingFailed(CrossRecError):
    """Training met a NaN loss or had nothing to learn from."""


class RunUnreadable(CrossRecError):
    """A run folder is missing, foreign, damaged or of another version."""


class WorkspaceError(CrossRecError):
    """The disk is full, or a folder cannot be written."""


class SettingsError(CrossRecError):
    """``crossrec.toml`` cannot be read or written, or says what is not known."""


class JobError(CrossRecError):
    """A job cannot be started, found or resumed."""


class Cancelled(BaseException):
    """The person asked to stop; not an ``Exception``, so that no handler swallows it."""
