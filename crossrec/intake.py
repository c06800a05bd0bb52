"""Files of somebody's -> a checked data set, before anything is trained."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from crossrec.data.audit import AuditReport, audit
from crossrec.data.catalog import Catalog
from crossrec.data.log import InteractionLog
from crossrec.data.read import read_catalog, read_log, read_users
from crossrec.data.table import read_table
from crossrec.data.users import UserTable
from crossrec.progress import Progress, silent
from crossrec.schema import ITEM, SCENARIO, USER
from crossrec.workspace import RunWriter, staged_folder

SHARED = frozenset({USER, ITEM, SCENARIO})
"""Schema names that several files of a data set have a column for."""


@dataclass(frozen=True)
class RunInputs:
    """The files of a data set.

    Attributes:
        interactions: the log, see :func:`crossrec.data.read_log`.
        items: the catalogue, if there is one.
        users: the profiles, if there are any.
        mapping: schema name -> header. It is used for every file that has a use for the name and,
            for ids and the scenario, has the header; other columns are recognised.
    """

    interactions: Path
    items: Path | None = None
    users: Path | None = None
    mapping: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Tables:
    """What was read, and what the audit found."""

    log: InteractionLog
    catalog: Catalog | None
    users: UserTable | None
    audit: AuditReport


def read_inputs(inputs: RunInputs, *, progress: Progress = silent) -> Tables:
    """Read and audit a data set.

    Args:
        inputs: the files.
        progress: phases "import" and "audit".

    Raises:
        DataError: a file cannot be used.
    """
    log = read_log(inputs.interactions, inputs.mapping, progress=progress)
    catalog = users = None
    if inputs.items is not None:
        catalog = read_catalog(inputs.items, _mapping_for(inputs.items, inputs.mapping))
    if inputs.users is not None:
        users = read_users(inputs.users, _mapping_for(inputs.users, inputs.mapping))
    return Tables(log, catalog, users, audit(log, catalog, users, progress=progress))


def _mapping_for(path: Path, mapping: Mapping[str, str]) -> dict[str, str]:
    """The part of a map that concerns a catalogue or a user table.

    A header given for a name that the log has too (an id, the scenario) may be the log's alone.
    """
    columns = read_table(path, limit=1).columns
    return {name: col for name, col in mapping.items() if name not in SHARED or col in columns}


def import_data(inputs: RunInputs, out: Path, *, progress: Progress = silent) -> Path:
    """Read and audit a data set; what was read and found is kept as a run without a model.

    Args:
        inputs: the files.
        out: the folder to write; an older run there is replaced.
        progress: phases "import", "audit" and "save".

    Returns:
        ``out``, with the parts log, catalog, users (where given) and audit.

    Raises:
        DataError: a file cannot be used.
        WorkspaceError: ``out`` cannot be written.
    """
    tables = read_inputs(inputs, progress=progress)
    progress("save", 0, 1)
    with staged_folder(out, replace=True) as folder:
        writer = RunWriter(folder)
        write_tables(writer, tables)
        log = tables.log
        writer.info(
            {
                "mapping": dict(inputs.mapping),
                "scenarios": list(log.scenarios.ids),
                "counts": {
                    "interactions": len(log),
                    "users": len(log.users),
                    "items": len(log.items),
                    "rejected": log.rejects.rejected,
                },
            }
        )
    progress("save", 1, 1)
    return out


def write_tables(writer: RunWriter, tables: Tables) -> None:
    """Write what was read and what the audit found."""
    writer.log(tables.log)
    if tables.catalog is not None:
        writer.catalog(tables.catalog)
    if tables.users is not None:
        writer.users(tables.users)
    writer.audit(tables.audit)


def sha256_of(path: Path) -> str:
    """Hex sha256 of a file's content."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
