"""The data of a run on the disk: log, catalogue, users and split, one function pair each.

Every writer takes the folder that holds its files; every reader gives back an equal value, with the
id maps in the same order, or raises :class:`crossrec.errors.RunUnreadable`.
"""

import hashlib
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, astuple, fields, replace
from pathlib import Path

import numpy as np

from crossrec.data.catalog import Catalog
from crossrec.data.ids import IdMap
from crossrec.data.log import (
    FileFacts,
    InteractionLog,
    ReaderNote,
    Reject,
    RejectSummary,
    SignalFacts,
    TimeKind,
)
from crossrec.data.meaning.ratings import Scale
from crossrec.data.reading.rejects import RejectTable
from crossrec.data.space import ItemSpace
from crossrec.data.split.cutting import ScenarioSplit
from crossrec.data.users import UserTable
from crossrec.errors import DataError, WorkspaceError
from crossrec.schema import ITEM, PART, SCENARIO, TEXT, TIME, TITLE, USER, WEIGHT
from crossrec.workspace.files import damaged, writable
from crossrec.workspace.tables import (
    Columns,
    codes_within,
    named,
    read_columns,
    read_ids,
    write_columns,
    write_ids,
)

LOG = "interactions.parquet"
EXPOSURES, NEGATIVES = "exposures", "negatives"
"""Folders of the rows that are no interactions, each a log of its own."""
CATALOG = "items.parquet"
LISTED = "listed.parquet"
USERS = "users.parquet"
SPLIT = "split.parquet"
COLD = "cold_users.parquet"
SPACE = "candidates.parquet"
SPACE_IDS = "candidate_ids.parquet"

_ID_FILES = {USER: "user_ids.parquet", ITEM: "item_ids.parquet", SCENARIO: "scenario_ids.parquet"}
_REJECT_COLUMNS = tuple(field.name for field in fields(Reject))
_REJECTS = ".rejects.parquet"
REJECTS_CSV = ".rejects.csv"
"""Ending of the list of rejected rows for people, beside the table."""
_PARTS = ("train", "valid", "test", "repeats")


# ------------------------------------------------------------------------------ log


def write_log(folder: Path, log: InteractionLog) -> None:
    """Write a log: its id maps, its rows as codes, its rejected rows, what is kept beside it."""
    for name, ids in _id_maps(log).items():
        write_ids(folder / _ID_FILES[name], ids)
    write_columns(folder / LOG, _rows(log), time_kind=log.time_kind.value)
    _write_rejects(folder / LOG, log.rejects)
    for name, beside in ((EXPOSURES, log.exposures), (NEGATIVES, log.negatives)):
        if beside is not None:
            write_log(folder / name, beside)


def read_log(folder: Path) -> InteractionLog:
    """Read what :func:`write_log` wrote."""
    path = folder / LOG
    columns, meta = read_columns(path)
    maps = [read_ids(folder / name) for name in _ID_FILES.values()]
    with _damage(path):
        log = _log(path, columns, maps, TimeKind(meta["time_kind"]), _read_rejects(path))
    return replace(
        log, exposures=_beside(folder / EXPOSURES), negatives=_beside(folder / NEGATIVES)
    )


def _beside(folder: Path) -> InteractionLog | None:
    """A log that is kept beside another one, where there is one."""
    return read_log(folder) if folder.is_dir() else None


def _id_maps(log: InteractionLog) -> dict[str, IdMap]:
    return {USER: log.users, ITEM: log.items, SCENARIO: log.scenarios}


def _rows(log: InteractionLog) -> Columns:
    columns = [(USER, log.user), (ITEM, log.item), (SCENARIO, log.scenario), (WEIGHT, log.weight)]
    return columns if log.time is None else [*columns, (TIME, log.time)]


def _log(
    path: Path, columns: Columns, maps: list[IdMap], time_kind: TimeKind, rejects: RejectSummary
) -> InteractionLog:
    users, items, scenarios = maps
    user, item, scenario, weight = named(path, columns, USER, ITEM, SCENARIO, WEIGHT)
    has_time = time_kind is not TimeKind.NONE
    return InteractionLog(
        user=codes_within(path, user, len(users)),
        item=codes_within(path, item, len(items)),
        scenario=codes_within(path, scenario, len(scenarios)),
        weight=weight.astype(np.float32, copy=False),
        time=named(path, columns, TIME).astype(np.int64, copy=False) if has_time else None,
        users=users,
        items=items,
        scenarios=scenarios,
        time_kind=time_kind,
        rejects=rejects,
    )


def _write_rejects(path: Path, rejects: RejectSummary) -> None:
    """Write what the reader of the table at ``path`` could not use, beside it.

    It stands there twice: as Parquet, and, where there is something, as CSV for people.
    """
    if isinstance(rejects.rows, RejectTable):
        columns = rejects.rows.to_columns()
        if len(rejects.rows):
            rejects.rows.write_csv(path.with_suffix(REJECTS_CSV))
    else:
        rows = np.array([astuple(row) for row in rejects.rows], dtype=object)
        rows = rows.reshape(-1, len(_REJECT_COLUMNS))
        columns = [
            (name, rows[:, at].astype(np.int64 if name == "line" else object))
            for at, name in enumerate(_REJECT_COLUMNS)
        ]
    write_columns(
        path.with_suffix(_REJECTS),
        columns,
        read=rejects.read,
        duplicates=rejects.duplicates,
        files=[asdict(file) for file in rejects.files],
        signals=[asdict(signal) for signal in rejects.signals],
        scales=[asdict(scale) for scale in rejects.scales],
        exposures=rejects.exposures,
        negatives=rejects.negatives,
        notes=[asdict(note) for note in rejects.notes],
    )


def _read_rejects(path: Path) -> RejectSummary:
    path = path.with_suffix(_REJECTS)
    columns, meta = read_columns(path)
    with _damage(path):
        held = named(path, columns, *_REJECT_COLUMNS)
        return RejectSummary(
            meta["read"],
            _rejects(held),
            meta["duplicates"],
            tuple(FileFacts(**{**file, "binary": tuple(file["binary"])}) for file in meta["files"]),
            tuple(SignalFacts(**signal) for signal in meta["signals"]),
            tuple(Scale(**scale) for scale in meta["scales"]),
            meta["exposures"],
            meta["negatives"],
            tuple(
                ReaderNote(**{**note, "examples": tuple(note["examples"])})
                for note in meta["notes"]
            ),
        )


def _rejects(columns: list[np.ndarray]) -> Sequence[Reject]:
    """Rejected rows as columns; one by one where a text is no Unicode (half a character)."""
    try:
        return RejectTable.of_columns(columns)
    except UnicodeEncodeError:
        values = [column.tolist() for column in columns]
        return tuple(Reject(*row) for row in zip(*values, strict=True))


def keep_raw(folder: Path, path: Path) -> Path:
    """Keep a file as it came under the hash of its content; the same content is kept once.

    Args:
        folder: the store, such as the uploads of a workspace; made if needed.
        path: the file.

    Returns:
        Where it is kept; ``path`` itself if it lies in the store already.

    Raises:
        WorkspaceError: the disk is full, or the store cannot be written.
    """
    if path.resolve().parent == folder.resolve():
        return path
    with path.open("rb") as stream:
        name = hashlib.file_digest(stream, "sha256").hexdigest() + "".join(path.suffixes[-2:])
    kept = folder / name
    with writable(folder):
        if not kept.exists():
            folder.mkdir(parents=True, exist_ok=True)
            beside = folder / f".{name}.part"
            shutil.copyfile(path, beside)
            beside.replace(kept)
    return kept


# ------------------------------------------------------------------------------ catalogue, users


def write_catalog(folder: Path, catalog: Catalog) -> None:
    """Write a catalogue: its items, and the scenarios they are listed in."""
    texts = [(ITEM, catalog.items.ids), (TITLE, catalog.title), (TEXT, catalog.text)]
    write_columns(folder / CATALOG, [*texts, *catalog.attributes.items()])
    _write_rejects(folder / CATALOG, catalog.rejects)
    places = list(catalog.listed.values())
    scenario = np.repeat(np.arange(len(places), dtype=np.int32), [len(codes) for codes in places])
    item = np.concatenate([np.zeros(0, dtype=np.int32), *places]).astype(np.int32)
    write_columns(
        folder / LISTED, [(SCENARIO, scenario), (ITEM, item)], scenarios=list(catalog.listed)
    )


def read_catalog(folder: Path) -> Catalog:
    """Read what :func:`write_catalog` wrote."""
    path, places = folder / CATALOG, folder / LISTED
    columns, _ = read_columns(path)
    listed, meta = read_columns(places)
    with _damage(path):
        (_, ids), (_, title), (_, text), *attributes = columns
        scenario, item = named(places, listed, SCENARIO, ITEM)
        codes_within(places, item, len(ids))
        return Catalog(
            IdMap(ids),
            title,
            text,
            {name: item[scenario == at] for at, name in enumerate(meta["scenarios"])},
            dict(attributes),
            _read_rejects(path),
        )


def write_users(folder: Path, users: UserTable) -> None:
    """Write user profiles."""
    write_columns(folder / USERS, [(USER, users.users.ids), *users.attributes.items()])
    _write_rejects(folder / USERS, users.rejects)


def read_users(folder: Path) -> UserTable:
    """Read what :func:`write_users` wrote."""
    path = folder / USERS
    columns, _ = read_columns(path)
    with _damage(path):
        (_, ids), *attributes = columns
        return UserTable(IdMap(ids), dict(attributes), _read_rejects(path))


# ------------------------------------------------------------------------------ split


def write_split(folder: Path, split: ScenarioSplit) -> None:
    """Write a split of the log that stands in the same folder.

    Raises:
        WorkspaceError: there is no log, or it has other id maps.
    """
    for name, ids in _id_maps(split.train).items():
        path = folder / _ID_FILES[name]
        if not path.exists() or read_ids(path) != ids:
            raise WorkspaceError(
                "expected a split of the log of this run",
                f"other {name} ids",
                "Write the log first",
            )
    logs = [getattr(split, name) for name in _PARTS]
    part = np.repeat(np.arange(len(_PARTS), dtype=np.int8), [len(log) for log in logs])
    rows = [
        (column[0][0], np.concatenate([values for _, values in column]))
        for column in zip(*map(_rows, logs), strict=True)
    ]
    write_columns(
        folder / SPLIT,
        [(PART, part), *rows],
        kind=split.kind,
        seed=split.seed,
        hash=split.hash,
        cuts=list(split.cuts),
        dropped=dict(split.dropped),
        twins=[list(pair) for pair in split.twins],
        nested=[list(pair) for pair in split.nested],
        time_kind=split.train.time_kind.value,
    )
    cold = [*split.cold_valid, *split.cold_test]
    write_columns(folder / COLD, _stacked(cold, "group", USER))
    write_ids(folder / SPACE_IDS, split.space.items)
    members = list(split.space.members)
    write_columns(folder / SPACE, _stacked(members, SCENARIO, ITEM))


def read_split(folder: Path, log: InteractionLog) -> ScenarioSplit:
    """Read what :func:`write_split` wrote; ``log`` is the log of the same folder."""
    path = folder / SPLIT
    columns, meta = read_columns(path)
    items = read_ids(folder / SPACE_IDS)
    n = len(log.scenarios)
    cold = _unstacked(folder / COLD, "group", USER, groups=2 * n, size=len(log.users))
    members = _unstacked(folder / SPACE, SCENARIO, ITEM, groups=n, size=len(items))
    with _damage(path):
        maps = list(_id_maps(log).values())
        rows = _log(path, columns, maps, TimeKind(meta["time_kind"]), log.rejects)
        part = named(path, columns, PART)
        return ScenarioSplit(
            *(rows.select(part == at) for at in range(len(_PARTS))),
            space=ItemSpace(items, log.scenarios, members),
            cold_valid=cold[:n],
            cold_test=cold[n:],
            kind=meta["kind"],
            seed=meta["seed"],
            hash=meta["hash"],
            cuts=tuple(meta["cuts"]),
            dropped=meta["dropped"],
            twins=tuple((one, other) for one, other in meta.get("twins", ())),  # newer than some
            nested=tuple((inner, outer) for inner, outer in meta.get("nested", ())),
        )


def _stacked(groups: list[np.ndarray], group: str, value: str) -> Columns:
    """Arrays of several lengths as two columns: the group's number, and the values."""
    sizes = [len(values) for values in groups]
    numbers = np.repeat(np.arange(len(groups), dtype=np.int32), sizes)
    return [
        (group, numbers),
        (value, np.concatenate([np.zeros(0, dtype=np.int32), *groups]).astype(np.int32)),
    ]


def _unstacked(
    path: Path, group: str, value: str, *, groups: int, size: int
) -> tuple[np.ndarray, ...]:
    columns, _ = read_columns(path)
    numbers, values = named(path, columns, group, value)
    ends = np.searchsorted(codes_within(path, numbers, groups), np.arange(groups + 1))
    values = codes_within(path, values, size)
    return tuple(values[ends[at] : ends[at + 1]] for at in range(groups))


@contextmanager
def _damage(path: Path) -> Iterator[None]:
    """Values that do not fit together mean a damaged file."""
    try:
        yield
    except (DataError, KeyError, ValueError, TypeError, AttributeError) as error:
        raise damaged(path, f"{type(error).__name__}: {error}") from error
