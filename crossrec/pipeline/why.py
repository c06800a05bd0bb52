"""Explaining a finished run: one user, or the lists of many into a file."""

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from itertools import islice
from pathlib import Path
from secrets import token_hex
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from crossrec.data.history import Histories
from crossrec.data.names import known_name
from crossrec.data.seen import Seen
from crossrec.errors import DataError
from crossrec.explanation import BATCH_COLUMNS, Explanation, explain_many, list_contributions
from crossrec.pipeline.models import load_model, opened
from crossrec.pipeline.people import names_in, renamed
from crossrec.pipeline.use import as_in_run, by_scenario
from crossrec.progress import Progress, silent
from crossrec.schema import ITEM, RANK, SCENARIO, SCORE, SOURCE_SCENARIO, USER
from crossrec.transfer.model import TransferModel
from crossrec.transfer.recommender import Recommendation
from crossrec.workspace import Run
from crossrec.workspace.files import writable

FORMATS = (".parquet", ".csv", ".json", ".jsonl")
"""Suffixes that :func:`explain_users` writes."""

_TOGETHER = 512
"""Users whose histories are read, and whose rows are written, at once."""


def explain(
    run: Run | Path | str,
    user: str,
    scenario: str,
    item: str | None = None,
    k: int = 10,
    *,
    seen: Seen | None = None,
    key_file: Path | None = None,
) -> list[Explanation]:
    """Explain one item, or each of the k best, from everything the run's log knows of the user.

    Args:
        run: a finished run.
        user: user id.
        scenario: the target's name.
        item: an item id of the scenario; None for the k best items.
        k: list length.
        seen: as for :func:`~crossrec.pipeline.use.recommend`.
        key_file: as for :func:`~crossrec.pipeline.use.recommend`.

    Raises:
        UnknownId: the user, scenario or item is not known; the nearest ones are named.
        DataError: a pseudonymised run is asked for somebody by another id without its key.
    """
    run = opened(run)
    model = load_model(run)
    log = run.log()
    user = str(names_in(run, log.users, key_file)([user])[0])
    user = str(log.users.ids[log.users.code(user, "user")])
    scenario = known_name(scenario, model.space_.scenarios.ids)
    histories = Histories.complete(log, model.space_, [user])
    if item is not None:
        return list_contributions(
            model, histories, user, scenario, model.space_.items.as_here([item])
        )
    lists = seen or run.seen_in(scenario)
    best = model.recommend(user, scenario, k, histories=histories, seen=lists)
    return explain_list(model, histories, best)


def explain_list(
    model: TransferModel, histories: Histories, recommendation: Recommendation
) -> list[Explanation]:
    """Explain every item of a list, in its order."""
    return list_contributions(
        model,
        histories,
        recommendation.user,
        recommendation.scenario,
        list(recommendation.item_ids),
    )


def explain_users(
    run: Run | Path | str,
    users: pd.DataFrame,
    out: Path,
    *,
    k: int = 10,
    most: int = 5,
    seen: Seen | None = None,
    key_file: Path | None = None,
    progress: Progress = silent,
) -> int:
    """Explain the lists of many users into one file, which appears whole or not at all.

    Args:
        run: a finished run.
        users: columns ``user_id`` and ``scenario``, the target of each row; repeated rows count
            once. Users that the log does not know get the list of a user without history.
        out: ends in one of :data:`FORMATS`. Parquet and CSV hold the columns of
            :data:`crossrec.explanation.BATCH_COLUMNS`, one row per term; JSON holds one object per
            recommendation with its ``base``, ``contributions`` and ``other`` (a list in ``.json``,
            one per line in ``.jsonl``).
        k: list length.
        most: history items told per recommendation; the others are added up as "other".
        seen: as for :func:`~crossrec.pipeline.use.recommend`.
        key_file: as for :func:`~crossrec.pipeline.use.recommend`.
        progress: told as phase "evaluate", in rows of ``users``.

    Returns:
        Number of recommendations explained.

    Raises:
        ColumnMissing: ``users`` lacks a column.
        UnknownId: a scenario is not known.
        DataError: the file name ends in something else, or as for :func:`explain`.
        WorkspaceError: the file cannot be written.
    """
    sink = _SINKS.get(out.suffix.lower())
    if sink is None:
        raise DataError(f"expected a file name that ends in {', '.join(FORMATS)}", repr(out.name))
    by_scenario(users)  # before anything heavy is read
    run = opened(run)
    by_scenario(users)  # its columns are checked before anything is read
    model, log = load_model(run), run.log()
    users = renamed(users, names_in(run, log.users, key_file))
    groups = by_scenario(as_in_run(users, log, model))
    for name in groups:
        model.space_.scenarios.code(name, "scenario")
    everybody = list(dict.fromkeys(user for members in groups.values() for user in members))
    known = Histories.complete(log, model.space_, everybody)  # goes through the whole log: once
    total, done, told = sum(map(len, groups.values())), 0, 0
    with _whole(out) as part, sink(part) as write:
        for name, members in groups.items():
            lists = seen or run.seen_in(name)
            for start in range(0, len(members), _TOGETHER):
                batch = members[start : start + _TOGETHER]
                histories = known.take(known.users.codes(batch))
                frames = list(explain_many(model, histories, name, k=k, most=most, seen=lists))
                if frames:
                    rows = pd.concat(frames, ignore_index=True)
                    write(rows)
                    told += int(np.count_nonzero(rows["kind"].to_numpy() == "base"))
                done += len(batch)
                progress("evaluate", done, total)
    return told


# ---------------------------------------------------------------------------------- the files

Write = Callable[[pd.DataFrame], object]


@contextmanager
def _whole(out: Path) -> Iterator[Path]:
    """A file beside ``out`` that takes its place in the end."""
    with writable(out.parent):
        out.parent.mkdir(parents=True, exist_ok=True)
        part = out.with_name(f".{token_hex(4)}.part")
        try:
            yield part
            part.replace(out)
        finally:
            part.unlink(missing_ok=True)


_WHOLE_NUMBERS, _NUMBERS = {RANK, "items"}, {SCORE, "amount", "learnt", "text", "coefficient"}
_SCHEMA = pa.schema(
    [
        (
            name,
            pa.int32() if name in _WHOLE_NUMBERS else
            pa.float64() if name in _NUMBERS else pa.string(),
        )
        for name in BATCH_COLUMNS
    ]
)  # fmt: skip


@contextmanager
def _parquet(path: Path) -> Iterator[Write]:
    with pq.ParquetWriter(path, _SCHEMA, compression="zstd") as writer:
        yield lambda rows: writer.write_table(
            pa.Table.from_pandas(rows, _SCHEMA, preserve_index=False)
        )


@contextmanager
def _csv(path: Path) -> Iterator[Write]:
    with path.open("w", encoding="utf-8", newline="") as file:
        pd.DataFrame(columns=pd.Index(BATCH_COLUMNS)).to_csv(file, index=False)
        yield lambda rows: rows.to_csv(file, index=False, header=False)


@contextmanager
def _jsonl(path: Path) -> Iterator[Write]:
    with path.open("w", encoding="utf-8") as file:
        yield lambda rows: file.writelines(f"{_text(one)}\n" for one in _objects(rows))


@contextmanager
def _json(path: Path) -> Iterator[Write]:
    with path.open("w", encoding="utf-8") as file:
        file.write("[")
        joint = "\n"

        def write(rows: pd.DataFrame) -> None:
            nonlocal joint
            for one in _objects(rows):
                file.write(f"{joint}{_text(one)}")
                joint = ",\n"

        yield write
        file.write("\n]\n")


_SINKS: dict[str, Callable[[Path], AbstractContextManager[Write]]] = {
    ".parquet": _parquet, ".csv": _csv, ".json": _json, ".jsonl": _jsonl,
}  # fmt: skip


def _text(value: dict[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False)


def _objects(rows: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """One object per recommendation, as ``crossrec explain --json`` tells it."""
    starts = [*np.flatnonzero((rows["kind"] == "base").to_numpy()), len(rows)]
    records = iter(rows.to_dict("records"))
    for length in np.diff(starts).tolist():
        base, *terms = islice(records, length)
        named = [term for term in terms if term["kind"] == "item"]
        others = [term for term in terms if term["kind"] == "other"]
        yield {
            **{name: base[name] for name in (USER, SCENARIO, RANK, ITEM, SCORE)},
            "base": base["amount"],
            "contributions": [
                {
                    SOURCE_SCENARIO: term[SOURCE_SCENARIO],
                    ITEM: term["history_item_id"],
                    **{part: term[part] for part in ("amount", "learnt", "text", "coefficient")},
                }
                for term in named
            ],
            "other": {
                "items": sum(term["items"] for term in others),
                "amount": sum(term["amount"] for term in others),
            },
        }
