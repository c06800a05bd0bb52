"""Files of somebody's -> a checked data set, before anything is trained."""

import hashlib
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast

import pandas as pd

from crossrec.data.audit.rules import AuditReport, audit
from crossrec.data.catalog import Catalog, listed_as
from crossrec.data.cleaning.plan import CleaningPlan, clean, fill_missing
from crossrec.data.formats import ITEMS, USERS
from crossrec.data.ids import IdMap
from crossrec.data.log import InteractionLog
from crossrec.data.privacy.naming import (
    pseudonymise_catalog,
    pseudonymise_columns,
    values_withheld,
)
from crossrec.data.privacy.plan import (
    PrivacyPlan,
    PseudonymKey,
    coarsen,
    load_key,
    pseudonymise_log,
    pseudonymise_users,
    withheld_rejects,
)
from crossrec.data.privacy.withheld import withheld
from crossrec.data.reading.mapping import EXACT, LIKELY, ColumnMap, suggest
from crossrec.data.reading.nouns import nouns_of
from crossrec.data.reading.readers import ReadOptions, read_catalog, read_log, read_users
from crossrec.data.reading.repeated import Repeats
from crossrec.data.reading.report import reading_report
from crossrec.data.reading.table import read_table
from crossrec.data.users import UserTable
from crossrec.language.attributes import stated_attributes
from crossrec.language.graph import AttributeGraph
from crossrec.progress import Progress, silent
from crossrec.schema import CATALOG_COLUMNS, ITEM, SCENARIO, USER
from crossrec.workspace import RunWriter, Workspace, staged_folder
from crossrec.workspace.datasets import keep_raw

SHARED = frozenset({USER, ITEM, SCENARIO})
"""Schema names that several files of a data set have a column for."""
BRIDGES = 10
"""Attributes kept of each pair of scenarios in an audit."""
MOST_VALUES = 200
"""A catalogue's column with more different values than this says what an item is, not is like."""
_LOOKED_AT = 2_000
_JOINED = 0.5
"""So many rows of a catalogue, and this share of known ids among them, tell its column of items."""
BRIDGED_PAIRS = 60
"""Pairs of scenarios, those with the most users in common, whose attributes an audit looks at."""


@dataclass(frozen=True)
class RunInputs:
    """The files of a data set.

    Attributes:
        interactions: the log, see :func:`crossrec.data.read_log`.
        items: the catalogue, if there is one.
        users: the profiles, if there are any.
        mapping: schema name -> header. It is used for every file that has a use for the name and,
            for ids and the scenario, has the header; other columns are recognised.
        cleaning: what is done to the log before anything else looks at it.
        privacy: what becomes of personal data; user ids are replaced last, so that nothing behind
            the import ever sees them.
        key_file: where the pseudonyms' key lies; default :func:`default_key_file`.
        test: rows that were held out of the log elsewhere; the audit alone looks at them.
        reading: how the log is read.
        further: more files of the same log, read after ``interactions``.
        scenario_files: scenario -> its file, where every scenario has one of its own; these are
            read in place of ``interactions`` and ``further``.
        further_items, further_users: more files of the catalogue and of the profiles.
        items_mapping, users_mapping: schema name -> header of these tables, where ``mapping`` is
            about the log alone.
    """

    interactions: Path
    items: Path | None = None
    users: Path | None = None
    mapping: Mapping[str, str] = field(default_factory=dict)
    cleaning: CleaningPlan | None = None
    privacy: PrivacyPlan | None = None
    key_file: Path | None = None
    test: Path | None = None
    reading: ReadOptions = field(default_factory=ReadOptions)
    further: tuple[Path, ...] = ()
    scenario_files: Mapping[str, Path] = field(default_factory=dict)
    further_items: tuple[Path, ...] = ()
    further_users: tuple[Path, ...] = ()
    items_mapping: Mapping[str, str] = field(default_factory=dict)
    users_mapping: Mapping[str, str] = field(default_factory=dict)

    @property
    def item_files(self) -> list[Path]:
        """The files of the catalogue, in the order they are read."""
        return [] if self.items is None else [self.items, *map(Path, self.further_items)]

    @property
    def user_files(self) -> list[Path]:
        """The files of the profiles, in the order they are read."""
        return [] if self.users is None else [self.users, *map(Path, self.further_users)]

    @property
    def log_files(self) -> list[Path]:
        """The files of the log, in the order they are read."""
        if self.scenario_files:
            return [Path(path) for path in self.scenario_files.values()]
        return [self.interactions, *map(Path, self.further)]


@dataclass(frozen=True)
class Tables:
    """What was read, and what the audit found.

    Attributes:
        log, catalog, users: after cleaning, and with pseudonyms where asked for.
        audit: of these.
        treatment: what was done on the way, for the record of the run: ``reading`` (how the files
            were read, see :func:`crossrec.data.reading.report.reading_report`), ``read_options``
            (where it was not the usual way), ``cleaning`` (the plan and what each step took away)
            and ``privacy`` (the plan; never the key).
    """

    log: InteractionLog
    catalog: Catalog | None
    users: UserTable | None
    audit: AuditReport
    treatment: Mapping[str, Any] = field(default_factory=dict)


def read_inputs(
    inputs: RunInputs, *, attributes: pd.DataFrame | None = None, progress: Progress = silent
) -> Tables:
    """Read and audit a data set.

    Args:
        inputs: the files.
        attributes: what was read of the items, as ``AttributeTable.to_frame()``, for the audit;
            default what the catalogue states.
        progress: phases "import" and "audit".

    Raises:
        DataError: a file cannot be used.
    """
    key = pseudonym_key(inputs)
    with nullcontext() if key is None else values_withheld():
        log, test, catalog, users = _read(inputs, progress)
        treatment: dict[str, Any] = {
            "reading": _reading(log, catalog, users, hidden=key is not None)
        }
        if options := inputs.reading.to_json():
            treatment["read_options"] = options
        if (cleaning := inputs.cleaning) is not None:
            log, catalog, users, treatment["cleaning"] = _cleaned(log, catalog, users, cleaning)
        if (plan := inputs.privacy) is not None:
            treatment["privacy"] = plan.to_json()
            users = None if users is None else coarsen(users, plan)
        if key is not None:
            treatment["privacy"]["key_check"] = key.check
            catalog = None if catalog is None else pseudonymise_catalog(catalog, log.users, key)
            if users is not None:
                users = pseudonymise_users(pseudonymise_columns(users, log.users, key), key)
            test = None if test is None else pseudonymise_log(test, key)
            log = pseudonymise_log(log, key)
    found = audit(log, catalog, users, test=test, progress=progress)
    found = replace(found, attribute_bridges=attribute_bridges(log, catalog, attributes))
    if plan is not None:
        found = withheld(found, plan.least)
    return Tables(log, catalog, users, found, treatment)


def _reading(
    log: InteractionLog, catalog: Catalog | None, users: UserTable | None, *, hidden: bool
) -> dict[str, Any]:
    """How the files were read; without a word that quotes them, where user ids are hidden."""
    if hidden:
        log = replace(log, rejects=withheld_rejects(log.rejects))
        catalog = (
            None if catalog is None else replace(catalog, rejects=withheld_rejects(catalog.rejects))
        )
        users = None if users is None else replace(users, rejects=withheld_rejects(users.rejects))
    return reading_report(log, catalog, users)


def pseudonym_key(inputs: RunInputs) -> PseudonymKey | None:
    """The key under which user ids become pseudonyms; None where they stay.

    Raises:
        DataError, WorkspaceError: as :func:`~crossrec.data.privacy.plan.load_key`.
    """
    if inputs.privacy is None or not inputs.privacy.pseudonymise:
        return None
    return load_key(inputs.key_file or default_key_file())


def attribute_bridges(
    log: InteractionLog, catalog: Catalog | None, attributes: pd.DataFrame | None = None
) -> pd.DataFrame | None:
    """Which attributes of the items connect two scenarios.

    Args:
        log: who used what where.
        catalog: the items, if known.
        attributes: what was read of them; default what the catalogue states.

    Returns:
        As :attr:`AuditReport.attribute_bridges`; None where nothing is known.
    """
    if attributes is None and catalog is not None:
        attributes = stated_attributes(catalog, most_values=MOST_VALUES)
    if attributes is None or attributes.empty:
        return None
    listed = {} if catalog is None else catalog.listed_ids()
    graph = AttributeGraph.of(log, attributes, listed=listed)
    return graph.all_bridges(BRIDGES, pairs=BRIDGED_PAIRS)


def _read(
    inputs: RunInputs, progress: Progress
) -> tuple[InteractionLog, InteractionLog | None, Catalog | None, UserTable | None]:
    """The tables as the files have them: log, held-out rows, catalogue, profiles."""
    reading = inputs.reading
    log = read_log(
        inputs.scenario_files or inputs.log_files,
        inputs.mapping,
        max_rejects=reading.max_rejects,
        repeats=cast("Repeats", reading.repeats),
        zone=reading.zone,
        event_weights=reading.event_weights,
        signals=reading.signals,
        positive_from=reading.positive_from,
        scenario_names=reading.scenario_names,
        progress=progress,
    )
    nouns = nouns_of(log.rejects.notes)
    catalog = users = None
    if inputs.items is not None:
        own = inputs.items_mapping or _mapping_for(inputs.items, inputs.mapping, ITEMS)
        joined = _as_in_log(own, inputs.item_files, log)
        catalog = read_catalog(inputs.item_files, joined, item_nouns=nouns)
        catalog = listed_as(catalog, log.scenarios.ids, reading.scenario_names)
    if inputs.users is not None:
        own = inputs.users_mapping or _mapping_for(inputs.users, inputs.mapping, USERS)
        users = read_users(inputs.user_files, own)
    test = None
    if inputs.test is not None:
        test = read_log(
            inputs.test,
            inputs.mapping,
            zone=reading.zone,
            signals=reading.signals,
            positive_from=reading.positive_from,
            item_nouns=nouns,
        )
    return log, test, catalog, users


def _cleaned(
    log: InteractionLog, catalog: Catalog | None, users: UserTable | None, plan: CleaningPlan
) -> tuple[InteractionLog, Catalog | None, UserTable | None, dict[str, Any]]:
    """The tables after a plan, and what it did."""
    found = clean(log, plan)
    record: dict[str, Any] = {"plan": plan.to_json(), "steps": found.steps.to_dict("records")}
    if plan.missing == "fill":
        filled: dict[str, dict[str, int]] = {}
        if catalog is not None:
            catalog, filled["items"] = fill_missing(catalog)
        if users is not None:
            users, filled["users"] = fill_missing(users)
        record["filled"] = filled
    return found.log, catalog, users, record


def default_key_file() -> Path:
    """Where the pseudonyms' key lies: in the workspace, beside the runs, in none of them."""
    return Workspace().root / "keys" / "pseudonym.key"


def _mapping_for(path: Path, mapping: Mapping[str, str], role: str) -> dict[str, str]:
    """The part of a map that concerns a catalogue or a user table.

    A header given for a name that the log has too (an id, the scenario) may be the log's alone.
    """
    columns = read_table(path, limit=1, role=role).columns
    return {name: col for name, col in mapping.items() if name not in SHARED or col in columns}


def _as_in_log(own: Mapping[str, str], files: Sequence[Path], log: InteractionLog) -> ColumnMap:
    """A catalogue's map, with the column of its items that is called as in the log.

    Where none is, and no usual word tells, it is the column that holds ids of the log.
    """
    given = ColumnMap.given(own)
    read = [facts for facts in log.rejects.files if not facts.skipped]
    headers = dict.fromkeys(facts.columns.get(ITEM, "") for facts in read)
    if ITEM in own or len(headers) != 1:
        return given
    (header,) = headers
    tables = [read_table(path, limit=_LOOKED_AT) for path in files]
    if any(table.file != path.name for table, path in zip(tables, files, strict=True)):
        return given  # an archive, whose first table may be another one
    if all(header in table.columns for table in tables):
        return given.over(ColumnMap({ITEM: header}, {ITEM: EXACT}))
    sample = tables[0].sample(_LOOKED_AT)
    guess = suggest(tables[0].columns, sample, names=CATALOG_COLUMNS)
    if len(tables) > 1 or guess.confidence.get(ITEM) == EXACT:
        return given
    joined = {name: _share_known(values, log.items) for name, values in sample.items()}
    best = max(joined, key=lambda name: (joined[name], name == guess.get(ITEM)))
    if joined[best] < _JOINED:
        return given
    return given.over(ColumnMap({ITEM: best}, {ITEM: LIKELY}))


def _share_known(values: Sequence[object], ids: IdMap) -> float:
    """Share of the different values of a column that are ids of a log."""
    different = dict.fromkeys(str(value) for value in values if value)
    return sum(text in ids for text in ids.as_here(different)) / max(len(different), 1)


def import_data(
    inputs: RunInputs, out: Path, *, raw: Path | None = None, progress: Progress = silent
) -> Path:
    """Read and audit a data set; what was read and found is kept as a run without a model.

    Args:
        inputs: the files.
        out: the folder to write; an older run there is replaced.
        raw: a folder that keeps the files as they came, by the hash of their content, so that an
            import can be done again; None keeps their hashes only. Files whose user ids become
            pseudonyms are never kept.
        progress: phases "import", "audit" and "save".

    Returns:
        ``out``, with the parts log, catalog, users (where given) and audit.

    Raises:
        DataError: a file cannot be used.
        WorkspaceError: ``out`` cannot be written.
    """
    tables = read_inputs(inputs, progress=progress)
    progress("save", 0, 1)
    if raw is not None and not (inputs.privacy and inputs.privacy.pseudonymise):
        for path in (*inputs.log_files, *inputs.item_files, *inputs.user_files):
            keep_raw(raw, path)
    with staged_folder(out, replace=True) as folder:
        writer = RunWriter(folder)
        write_tables(writer, tables)
        log = tables.log
        writer.info(
            {
                "mapping": dict(inputs.mapping),
                "inputs": input_hashes(inputs),
                **tables.treatment,
                "scenarios": list(log.scenarios.ids),
                "counts": {
                    "interactions": len(log),
                    "users": len(log.users),
                    "items": len(log.items),
                    "rejected": log.rejects.rejected,
                    "duplicates": log.rejects.duplicates,
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


def input_hashes(inputs: RunInputs) -> dict[str, dict[str, str]]:
    """Name and hash of each file: with them and the plans the same data can be made again."""
    tables = (
        ("interactions", inputs.log_files),
        ("items", inputs.item_files),
        ("users", inputs.user_files),
    )
    return {
        f"{name} {at}" if at > 1 else name: {"file": path.name, "sha256": sha256_of(path)}
        for name, paths in tables
        for at, path in enumerate(paths, 1)
    }


def sha256_of(path: Path) -> str:
    """Hex sha256 of a file's content."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
