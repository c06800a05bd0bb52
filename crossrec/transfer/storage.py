"""A transfer model on disk: ``config.json`` and ``weights.safetensors``, nothing executable."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file
from scipy import sparse

from crossrec.data.ids import IdMap
from crossrec.data.space import ItemSpace
from crossrec.errors import RunUnreadable
from crossrec.transfer.coefficients import CoefficientNetwork
from crossrec.transfer.config import TransferConfig
from crossrec.transfer.fitting import Choice, Preferences
from crossrec.transfer.preference import Across, Within

if TYPE_CHECKING:
    from crossrec.transfer.model import TransferModel

FORMAT = "crossrec-transfer-model"
VERSION = 1
CONFIG, WEIGHTS = "config.json", "weights.safetensors"


def save(model: "TransferModel", folder: Path) -> None:
    """Write a fitted model into a folder, which is created."""
    folder.mkdir(parents=True, exist_ok=True)
    space = model.space_
    arrays: dict[str, np.ndarray] = {}
    for s in range(len(space)):
        within = model.preferences_.within[s]
        arrays[f"members.{s}"] = space.members[s]
        arrays[f"text.{s}"] = model.text_[s]
        arrays[f"popularity.{s}"] = model.preferences_.popularity[s]
        arrays[f"within.{s}.left"] = within.left
        arrays[f"within.{s}.right"] = within.right
        arrays[f"within.{s}.links.data"] = within.links.data
        arrays[f"within.{s}.links.indices"] = within.links.indices
        arrays[f"within.{s}.links.indptr"] = within.links.indptr
    for (s, t), across in model.preferences_.across.items():
        arrays[f"across.{s}.{t}.left"] = across.left
        arrays[f"across.{s}.{t}.right"] = across.right
        arrays[f"across.{s}.{t}.text_map"] = across.text_map
    for key, tensor in model.network_.state_dict().items():
        arrays[f"network.{key}"] = tensor.numpy()
    save_file({k: np.ascontiguousarray(v) for k, v in arrays.items()}, folder / WEIGHTS)
    record = {
        "format": FORMAT,
        "version": VERSION,
        "config": model.config.to_dict(),
        "scenarios": list(space.scenarios.ids),
        "items": list(space.items.ids),
        "within_scale": [w.scale for w in model.preferences_.within],
        "across_scale": [
            [s, t, a.learnt_scale, a.text_scale] for (s, t), a in model.preferences_.across.items()
        ],
        "choices": [
            [s, t, c.penalty, c.text, c.ndcg, c.users] for (s, t), c in model.choices_.items()
        ],
        "history": model.history_,
    }
    (folder / CONFIG).write_text(json.dumps(record, ensure_ascii=False), encoding="utf-8")


def load(folder: Path) -> "TransferModel":
    """Read a fitted model; its ``histories_`` are None.

    Raises:
        RunUnreadable: files are missing, damaged, foreign or do not fit together.
    """
    try:
        record = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
        if record.get("format") != FORMAT or record.get("version") != VERSION:
            raise RunUnreadable(
                f"expected a {FORMAT} of version {VERSION} in {folder}",
                f"{record.get('format')!r}, version {record.get('version')!r}",
                "Train it again with this version",
            )
        return _assemble(record, load_file(folder / WEIGHTS))
    except FileNotFoundError as error:
        raise RunUnreadable(
            f"expected {CONFIG} and {WEIGHTS} in {folder}",
            "at least one is missing",
            "Give the folder of a finished run",
        ) from error
    except (
        SafetensorError,
        KeyError,
        ValueError,
        TypeError,
        AttributeError,
        RuntimeError,
    ) as error:
        raise RunUnreadable(
            f"expected an undamaged model in {folder}",
            f"{type(error).__name__}: {error}",
            "Train it again",
        ) from error


def _assemble(record: dict[str, Any], arrays: dict[str, np.ndarray]) -> "TransferModel":
    from crossrec.transfer.model import TransferModel

    model = TransferModel(TransferConfig.from_dict(record["config"]))
    scenarios = range(len(record["scenarios"]))
    model.space_ = ItemSpace(
        IdMap(record["items"]),
        IdMap(record["scenarios"]),
        tuple(arrays[f"members.{s}"] for s in scenarios),
    )
    model.text_ = tuple(arrays[f"text.{s}"] for s in scenarios)
    within = tuple(
        _within(arrays, s, model.space_.sizes[s], record["within_scale"][s]) for s in scenarios
    )
    across = {
        (s, t): Across(
            arrays[f"across.{s}.{t}.left"],
            arrays[f"across.{s}.{t}.right"],
            model.text_[s],
            model.text_[t],
            arrays[f"across.{s}.{t}.text_map"],
            learnt_scale,
            text_scale,
        )
        for s, t, learnt_scale, text_scale in record["across_scale"]
    }
    popularity = tuple(arrays[f"popularity.{s}"] for s in scenarios)
    model.preferences_ = Preferences(within, across, popularity)
    model.choices_ = {(s, t): Choice(*rest) for s, t, *rest in record["choices"]}
    model.history_ = record["history"]
    model.network_ = _network(arrays, model.config)
    return model


def _within(arrays: dict[str, np.ndarray], s: int, size: int, scale: float) -> Within:
    parts = tuple(arrays[f"within.{s}.links.{part}"] for part in ("data", "indices", "indptr"))
    links = sparse.csr_array(parts, shape=(size, size))
    links.check_format(full_check=True)  # a damaged file must not read outside its arrays
    return Within(links, arrays[f"within.{s}.left"], arrays[f"within.{s}.right"], scale)


def _network(arrays: dict[str, np.ndarray], config: TransferConfig) -> CoefficientNetwork:
    state = {
        key.removeprefix("network."): torch.from_numpy(value)
        for key, value in arrays.items()
        if key.startswith("network.")
    }
    network = CoefficientNetwork(state["statistics"], config.hidden)
    network.load_state_dict(state)
    return network.eval()
