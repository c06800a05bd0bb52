"""Lists for everybody: the recommendations of all users of a run, as one file."""

from pathlib import Path
from typing import Literal

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from crossrec.data.seen import Seen
from crossrec.pipeline.models import load_recommender
from crossrec.pipeline.use import recommend
from crossrec.progress import Progress, silent
from crossrec.schema import SCENARIO, USER
from crossrec.transfer.lineup import TRANSFER
from crossrec.workspace import Run
from crossrec.workspace.files import writable
from crossrec.workspace.sheet import csv_bytes

Format = Literal["parquet", "csv"]
USERS_AT_ONCE = 20_000


def export_lists(
    run: Path,
    out: Path,
    k: int = 10,
    kind: Format = "parquet",
    model: str = TRANSFER,
    *,
    seen: Seen | None = None,
    progress: Progress = silent,
) -> Path:
    """Write the k best items of every scenario for every user of the run's log.

    Args:
        run: the folder of a finished run.
        out: the file; it appears whole when it is done.
        k: list length.
        kind: "parquet", or "csv" for people (with a byte order mark, no cell runs as a formula).
        model: who recommends; a name that
            :func:`~crossrec.pipeline.models.load_recommender` takes.
        seen: as for :func:`~crossrec.pipeline.use.recommend`.
        progress: told as phase "evaluate", in users and scenarios.

    Returns:
        ``out``: columns ``user_id, scenario, rank, item_id, score``.

    Raises:
        RunUnreadable: the run has no model, or it is damaged.
        UnknownId: there is no such model.
        DataError: it needs text, and no item of the run has any.
        WorkspaceError: ``out`` cannot be written.
    """
    finished = Run(run)
    chosen = load_recommender(finished, model, progress=progress)
    users = finished.log().users.ids
    names = list(finished.info["scenarios"])
    batches = [users[at : at + USERS_AT_ONCE] for at in range(0, len(users), USERS_AT_ONCE)]
    beside, whole = out.with_name(f".{out.name}.part"), len(batches) * len(names)
    with writable(out.parent):
        out.parent.mkdir(parents=True, exist_ok=True)
        sink = _Sink(beside, kind)
        try:
            for at, (batch, name) in enumerate((b, n) for b in batches for n in names):
                progress("evaluate", at, whole, str(name))
                asked = pd.DataFrame({USER: batch, SCENARIO: name})
                sink.add(recommend(finished, asked, k, seen=seen, model=chosen))
            sink.close()
            beside.replace(out)
        finally:
            sink.close()
            beside.unlink(missing_ok=True)
    progress("evaluate", whole, whole)
    return out


class _Sink:
    """A file that grows table by table."""

    def __init__(self, path: Path, kind: Format) -> None:
        self._path, self._kind = path, kind
        self._writer: pq.ParquetWriter | None = None
        path.unlink(missing_ok=True)

    def add(self, table: pd.DataFrame) -> None:
        if self._kind == "csv":
            # Only the first part has the mark and the header.
            data = csv_bytes(table)
            first = not self._path.exists()
            with self._path.open("ab") as file:
                file.write(data if first else data.split(b"\n", 1)[1])
            return
        rows = pa.Table.from_pandas(table, preserve_index=False)
        if self._writer is None:
            self._writer = pq.ParquetWriter(self._path, rows.schema)
        self._writer.write_table(rows.cast(self._writer.schema))

    def close(self) -> None:
        if self._writer is not None:
            self._writer.close()
            self._writer = None
