"""What a fit has finished so far, on disk: after a kill the next fit goes on from there.

A checkpoint is a folder of small safetensors files, one per finished stage, whose metadata hold
JSON. Every file names the fit it belongs to (split, settings, features), so that the checkpoint of
another fit, or half a file, is the same as none.
"""

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from secrets import token_hex
from typing import Any

import numpy as np
import torch
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from crossrec.data.split.cutting import ScenarioSplit
from crossrec.language.table import FeatureTable
from crossrec.transfer.across import Across
from crossrec.transfer.choice import Choice
from crossrec.transfer.coefficients import Gates
from crossrec.transfer.config import TransferConfig
from crossrec.transfer.links import arrays_of_links, links_from
from crossrec.transfer.storage import choice_of

VERSION = 8
GATES = "gates"
SHARED = ("text_source", "text_target")
"""Arrays of :class:`Across` that belong to the scenarios, not to the pair."""
LINKS = "links"
"""Its field that is no array, and may be missing."""

Record = tuple[dict[str, np.ndarray], dict[str, Any]]
"""Arrays and JSON-able values of one stage."""


@dataclass
class Moment:
    """Where training stands after an evaluation.

    Attributes:
        step: at which it was evaluated.
        best: highest validation NDCG so far; ``best_state`` is the network that had it.
        waited: evaluations since then.
        ended: whether it has waited long enough.
        history: the training curve.
    """

    step: int = 0
    best: float = -1.0
    best_state: dict[str, torch.Tensor] = field(default_factory=dict)
    waited: int = 0
    ended: bool = False
    history: list[dict[str, Any]] = field(default_factory=list)


class Checkpoint:
    """Finished stages of one fit.

    Args:
        folder: where they are kept, made at the first of them; None keeps nothing.
        key: of the fit, see :func:`fit_key`.
    """

    def __init__(self, folder: Path | None, key: str = "") -> None:
        self.folder, self.key = folder, key

    def read(self, stage: str) -> Record | None:
        """What was kept of a stage of this fit; None if nothing whole was."""
        if self.folder is None:
            return None
        path = self.folder / f"{stage}.safetensors"
        try:
            with safe_open(path, framework="np") as file:
                meta = file.metadata() or {}
                if meta.get("key") != self.key:
                    return None
                arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
            return arrays, json.loads(meta["values"])
        except (OSError, SafetensorError, KeyError, ValueError):
            return None  # not there, or damaged: the stage is done again

    def write(
        self, stage: str, arrays: Mapping[str, np.ndarray], values: Mapping[str, Any]
    ) -> None:
        """Keep a stage, in one step: the file is there whole or as it was."""
        if self.folder is None:
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        whole = {name: np.array(array, order="C") for name, array in arrays.items()}
        data = save(whole, {"key": self.key, "values": json.dumps(values)})
        beside = self.folder / f".{token_hex(4)}.part"
        try:
            with beside.open("xb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            beside.replace(self.folder / f"{stage}.safetensors")
        finally:
            beside.unlink(missing_ok=True)

    def pair(
        self, source: int, target: int, text_source: np.ndarray, text_target: np.ndarray
    ) -> tuple[Choice, Across | None] | None:
        """What was chosen for a pair, with its fitted map if it is one between two scenarios.

        Args:
            source: s.
            target: t.
            text_source: vectors of the items of s, which the map shares, shape (n_s, d).
            text_target: vectors of the items of t, which the map shares, shape (n_t, d).
        """
        record = self.read(f"pair.{source}.{target}")
        if record is None:
            return None
        arrays, values = record
        choice = choice_of(values["choice"])
        if source == target:
            return choice, None
        shared = dict(zip(SHARED, (text_source, text_target), strict=True))
        own = {name: array for name, array in arrays.items() if "." not in name}
        links = None
        if len(own) < len(arrays):
            links = links_from(arrays, LINKS, (len(text_source), len(text_target)))
        return choice, Across(**shared, **own, **values["across"], links=links)

    def keep_pair(
        self, source: int, target: int, choice: Choice, across: Across | None = None
    ) -> None:
        """Keep what was chosen for a pair."""
        given = {*SHARED, LINKS}
        own = [] if across is None else [f.name for f in fields(across) if f.name not in given]
        parts = {name: getattr(across, name) for name in own}
        arrays = {name: part for name, part in parts.items() if isinstance(part, np.ndarray)}
        scalars = {name: part for name, part in parts.items() if name not in arrays}
        if across is not None and across.links is not None:
            arrays |= arrays_of_links(across.links, LINKS)
        values = {"choice": asdict(choice), "across": scalars}
        self.write(f"pair.{source}.{target}", arrays, values)

    def moment(
        self,
        stage: str,
        network: torch.nn.Module,
        optimiser: torch.optim.Optimizer,
        generator: torch.Generator,
    ) -> Moment:
        """The last kept moment of a training stage; network, optimiser and generator go there."""
        record = self.read(stage)
        if record is None:
            return Moment()
        arrays, values = record
        network.load_state_dict(tensors(arrays, "now."))
        state: dict[int, dict[str, torch.Tensor]] = {}
        for name, value in tensors(arrays, "optimiser.").items():
            number, what = name.split(".")
            state.setdefault(int(number), {})[what] = value
        groups = optimiser.state_dict()["param_groups"]
        optimiser.load_state_dict({"state": state, "param_groups": groups})
        generator.set_state(torch.from_numpy(arrays["generator"].copy()))
        return Moment(**values, best_state=tensors(arrays, "best."))

    def keep_moment(
        self,
        stage: str,
        at: Moment,
        network: torch.nn.Module,
        optimiser: torch.optim.Optimizer,
        generator: torch.Generator,
    ) -> None:
        """Keep a moment of a training stage with all that the next step depends on."""
        if self.folder is None:
            return
        arrays = {
            "generator": generator.get_state().numpy(),
            **arrays_of(network.state_dict(), "now."),
            **arrays_of(at.best_state, "best."),
        }
        for number, state in optimiser.state_dict()["state"].items():
            arrays |= arrays_of(state, f"optimiser.{number}.")
        values = {f.name: getattr(at, f.name) for f in fields(at) if f.name != "best_state"}
        self.write(stage, arrays, values)

    def gates(self) -> tuple[Gates, list[dict[str, Any]]] | None:
        """The trained coefficients and their training curves."""
        record = self.read(GATES)
        return None if record is None else (Gates(record[0]), record[1]["history"])

    def keep_gates(self, gates: Gates, history: list[dict[str, Any]]) -> None:
        """Keep the trained coefficients."""
        self.write(GATES, gates.state, {"history": history})


def fit_key(split: ScenarioSplit, features: FeatureTable | None, config: TransferConfig) -> str:
    """Hex sha256 over all that a fit depends on: the split, the text vectors, the settings."""
    found = hashlib.sha256()
    told = {"version": VERSION, "split": split.hash, "config": config.to_dict()}
    found.update(json.dumps(told, sort_keys=True).encode())
    found.update(json.dumps([[list(pair) for pair in split.twins], list(split.nested)]).encode())
    for log in (split.train, split.valid):  # the hash of a split does not know the order of rows
        for column in (log.user, log.item, log.scenario, log.weight):
            found.update(column.tobytes())
    if features is not None:
        found.update("\0".join(features.items.ids).encode("utf-8", "backslashreplace"))
        for name, vectors in sorted({"": features.vectors, **features.views}.items()):
            found.update(f"\0{name}\0{vectors.shape}".encode("utf-8", "backslashreplace"))
            dense = isinstance(vectors, np.ndarray)
            parts = (vectors,) if dense else (vectors.indptr, vectors.indices, vectors.data)
            for part in parts:
                found.update(part.tobytes())
        for name, vector in sorted(features.scenarios.items()):
            found.update(f"\0{name}\0".encode("utf-8", "backslashreplace") + vector.tobytes())
    return found.hexdigest()


def arrays_of(state: Mapping[str, torch.Tensor], prefix: str = "") -> dict[str, np.ndarray]:
    """Tensors as arrays of their own memory, each name after ``prefix``."""
    return {f"{prefix}{name}": tensor.detach().numpy().copy() for name, tensor in state.items()}


def tensors(arrays: Mapping[str, np.ndarray], prefix: str = "") -> dict[str, torch.Tensor]:
    """The inverse of :func:`arrays_of`; arrays without the prefix are left out."""
    return {
        name.removeprefix(prefix): torch.from_numpy(array.copy())
        for name, array in arrays.items()
        if name.startswith(prefix)
    }
