"""Tell the scenario of rows that do not name it, from a file to a file. Source: 002 §3.2 step 1."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from crossrec.data import identification
from crossrec.data.identification import Clusters, Identification
from crossrec.data.identification.reading import read_context
from crossrec.data.reading.mapping import ColumnMap
from crossrec.data.reading.readers import read_catalog
from crossrec.errors import DataError
from crossrec.progress import Progress, silent
from crossrec.schema import SCENARIO
from crossrec.workspace import write_file

TREE, GROUPS = "tree", "groups"


def tell_scenarios(
    interactions: Path,
    *,
    items: Path | None = None,
    mapping: Mapping[str, str] | None = None,
    leave_out: Sequence[str] = (),
    mask: float = 0.0,
    clusters: int | None = None,
    least: float = 0.0,
    seed: int = 0,
    out: Path | None = None,
    progress: Progress = silent,
) -> dict[str, Any]:
    """Say how well the scenario can be told from context, and tell it where that is asked for.

    Args:
        interactions: the log.
        items: the catalogue; its attributes and texts are context too.
        mapping: schema name -> header; ``{"scenario": ""}`` says that no row names its scenario.
        leave_out: columns not to learn from.
        mask: share of the labels to hide, in [0, 1), to see how many are told right.
        clusters: number of groups where no row is labelled; None chooses it.
        least: confidence below which a row stays open, in [0, 1].
        seed: of everything random.
        out: where to write the rows as they came with ``scenario``, ``scenario_confidence`` and
            ``scenario_from`` (.csv or .parquet); None applies nothing.
        progress: told of phase "identify".

    Returns:
        Plain values. ``kind`` ("tree" where some rows are labelled, else "groups"), ``useful``,
        ``rows``, ``left_out`` (rows without user, item or time), ``tree`` (in words), ``masked``
        and ``out`` where asked for; see :class:`~crossrec.data.identification.Identification` and
        :class:`~crossrec.data.identification.Clusters` for the others.

    Raises:
        DataError: the file cannot be used, or there is nothing to learn from.
        WorkspaceError: ``out`` cannot be written.
    """
    file = read_context(interactions, ColumnMap.given(mapping or {}))
    frame, hidden = _masked(file.rows, mask, seed)
    catalog = None if items is None else read_catalog(items)
    rows = identification.context_rows(frame, catalog, leave_out=leave_out, seed=seed)
    labels: pd.DataFrame | None = None
    told: dict[str, Any] = {"rows": len(rows), "left_out": file.left_out}
    if len(rows.labelled):
        found = identification.identify(rows, seed=seed, progress=progress)
        told |= _of_tree(found)
        if out is not None or hidden is not None:
            labels = identification.assign(rows, least=least, seed=seed, progress=progress)
    else:
        groups = identification.cluster(rows, clusters, seed=seed)
        told |= _of_groups(groups)
        labels = _sure(groups.rows, least)
    if labels is not None and hidden is not None:
        told["masked"] = _judged(labels, hidden)
    if labels is not None and out is not None:
        _write(out, file.cells, file.scenario, labels)
        told["out"] = str(out)
        told["open"] = int((labels[SCENARIO].to_numpy() == "").sum())
    return told


def _masked(frame: pd.DataFrame, share: float, seed: int) -> tuple[pd.DataFrame, pd.Series | None]:
    """The rows with the labels of a share of them hidden, and what was hidden ("" elsewhere)."""
    if not share:
        return frame, None
    if SCENARIO not in frame:
        raise DataError("expected a scenario column to mask labels of", "none")
    mask = np.random.default_rng(seed).random(len(frame)) < share
    labels = frame[SCENARIO].to_numpy(dtype=object)
    hidden = pd.Series(np.where(mask, labels, ""))
    return frame.assign(**{SCENARIO: np.where(mask, "", labels)}), hidden


def _judged(labels: pd.DataFrame, hidden: pd.Series) -> list[dict[str, Any]]:
    """How many of the masked labels were told right, by how they were told."""
    masked = (hidden != "").to_numpy()
    right = labels[SCENARIO].to_numpy()[masked] == hidden.to_numpy()[masked]
    how = labels["how"].to_numpy()[masked]
    return [
        {"how": name or "left open", "rows": int((how == name).sum()),
         "accuracy": float(right[how == name].mean()) if name else None}
        for name in ("same item", "model", "")
        if (how == name).any()
    ]  # fmt: skip


def _sure(groups: pd.DataFrame, least: float) -> pd.DataFrame:
    sure = (groups["confidence"] >= least).to_numpy()
    names = np.where(sure, groups[SCENARIO].to_numpy(dtype=object), "")
    return groups.assign(**{SCENARIO: names, "how": np.where(sure, "group", "")})


def _write(out: Path, cells: pd.DataFrame, scenario: str | None, labels: pd.DataFrame) -> None:
    names = {SCENARIO, "scenario_confidence", "scenario_from"}
    kept = cells.drop(columns=[name for name in cells if name == scenario or name in names])
    told = kept.assign(
        scenario=labels[SCENARIO].to_numpy(),
        scenario_confidence=labels["confidence"].to_numpy(),
        scenario_from=labels["how"].to_numpy(),
    )
    parquet = out.suffix.lower() == ".parquet"
    write_file(out, told.to_parquet(None, index=False) if parquet else told.to_csv(index=False))


def _of_groups(found: Clusters) -> dict[str, Any]:
    return {
        "kind": GROUPS,
        "useful": found.useful,
        "silhouette": found.silhouette,
        "stability": found.stability,
        "groups": found.about.to_dict("records"),
        "tree": list(found.tree),
    }


def _of_tree(found: Identification) -> dict[str, Any]:
    confidence = found.confidence.astype(object).where(found.confidence.notna(), None)
    return {
        "kind": TREE,
        "useful": found.useful,
        "labelled": found.labelled,
        "unlabelled": found.unlabelled,
        "scores": found.scores.to_dict("records"),
        "confusion": found.confusion.to_dict("index"),
        "confidence": confidence.to_dict("records"),
        "giveaways": list(found.giveaways),
        "importance": found.importance.to_dict("records"),
        "tree": list(found.tree),
    }
