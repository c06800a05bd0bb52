"""A transfer model on disk: ``config.json`` and ``weights.safetensors``, nothing executable."""

import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from crossrec.data.ids import IdMap
from crossrec.data.space import ItemSpace
from crossrec.errors import RunUnreadable
from crossrec.transfer.across import Across
from crossrec.transfer.choice import MEANING, Choice
from crossrec.transfer.coefficients import Gates
from crossrec.transfer.config import TransferConfig
from crossrec.transfer.foldin import Reading
from crossrec.transfer.links import arrays_of_links, links_from
from crossrec.transfer.preferences import Preferences
from crossrec.transfer.within import Within

if TYPE_CHECKING:
    from crossrec.transfer.model import TransferModel

FORMAT = "crossrec-transfer-model"
VERSION = 5
_HARDLY_OPEN = -6.0
"""Up to version 3 a closed source was one with this added to its logit."""
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
        arrays[f"recent.{s}"] = model.preferences_.recent[s]
        arrays[f"within.{s}.left"] = within.left
        arrays[f"within.{s}.right"] = within.right
        arrays |= arrays_of_links(within.links, f"within.{s}.links")
        if within.root is not None:
            arrays[f"within.{s}.root"] = within.root
        if model.reading_:
            arrays[f"reading.{s}.mean"] = model.reading_[s].mean
            for view, turn in model.reading_[s].turns.items():
                arrays[f"reading.{s}.turns.{view}"] = turn
    for (s, t), across in model.preferences_.across.items():
        arrays[f"across.{s}.{t}.left"] = across.left
        arrays[f"across.{s}.{t}.right"] = across.right
        arrays[f"across.{s}.{t}.text_map"] = across.text_map
        if across.links is not None:
            arrays |= arrays_of_links(across.links, f"across.{s}.{t}.links")
    for key, array in model.gates_.state.items():
        arrays[f"network.{key}"] = array
    save_file({k: np.ascontiguousarray(v) for k, v in arrays.items()}, folder / WEIGHTS)
    record = {
        "format": FORMAT,
        "version": VERSION,
        "config": model.config.to_dict(),
        "scenarios": list(space.scenarios.ids),
        "items": list(space.items.ids),
        "within": [[w.text_width, w.scale] for w in model.preferences_.within],
        "within_penalty": [w.penalty for w in model.preferences_.within],
        "half_lives": [[s, t, value] for (s, t), value in model.half_life_.items()],
        "half_life_unit": model.half_life_unit_,
        "emphasis": [[s, t, value] for (s, t), value in model.emphasis_.items()],
        "strength_power": model.strength_power_,
        "across_scale": [
            [s, t, a.learnt_scale, a.text_scale] for (s, t), a in model.preferences_.across.items()
        ],
        "choices": [
            {"source": s, "target": t, **asdict(c)} for (s, t), c in model.choices_.items()
        ],
        "history": model.history_,
        "trials": list(model.trials_),
    }
    (folder / CONFIG).write_text(json.dumps(record, ensure_ascii=False), encoding="utf-8")


def load(folder: Path) -> "TransferModel":
    """Read a fitted model; its ``histories_`` are None.

    Raises:
        RunUnreadable: files are missing, damaged, foreign or do not fit together.
    """
    try:
        record = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
        if record.get("format") != FORMAT or record.get("version") not in range(1, VERSION + 1):
            raise RunUnreadable(
                f"expected a {FORMAT} of version {VERSION} in {folder}",
                f"{record.get('format')!r}, version {record.get('version')!r}",
                "Train it again with this version",
            )
        arrays = load_file(folder / WEIGHTS)
        if record["version"] == 1:
            record = _from_version_1(record, arrays)
        if record["version"] <= 3:
            arrays = _hardly_open(arrays)
        return _assemble(record, arrays)
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


def _from_version_1(record: dict[str, Any], arrays: dict[str, np.ndarray]) -> dict[str, Any]:
    """A record written before there were views, factors and candidate ranks."""
    names = ("source", "target", "penalty", "text", "ndcg", "users")
    choices = [dict(zip(names, choice, strict=True)) for choice in record["choices"]]
    config = dict(record["config"])
    config["ranks"] = [config.pop("rank")]
    widths = [arrays[f"within.{s}.left"].shape[1] for s in range(len(record["scenarios"]))]
    within = list(zip(widths, record["within_scale"], strict=True))
    return {**record, "config": config, "choices": choices, "within": within}


def _hardly_open(arrays: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Closed sources as what they were up to version 3, so that a model scores as it did."""
    level, closed = arrays["network.pair"], arrays["network.closed"]
    return {
        **arrays,
        "network.pair": level + _HARDLY_OPEN * closed,
        "network.closed": np.zeros_like(closed),
    }


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
    penalties = record.get("within_penalty", [1.0] * len(scenarios))
    within = tuple(
        replace(
            _within(arrays, s, model.space_.sizes[s], *record["within"][s]),
            penalty=penalties[s],
            root=arrays.get(f"within.{s}.root"),
        )
        for s in scenarios
    )
    model.reading_ = tuple(
        Reading(arrays[f"reading.{s}.mean"], _named(arrays, f"reading.{s}.turns."))
        for s in scenarios
        if f"reading.{s}.mean" in arrays
    )
    model.half_life_ = _half_lives(record, len(scenarios))
    model.half_life_unit_ = record.get("half_life_unit", "items")
    model.emphasis_ = {(s, t): value for s, t, value in record.get("emphasis", ())}
    model.strength_power_ = record.get("strength_power", 1.0)
    across = {
        (s, t): _across(arrays, model, s, t, learnt_scale, text_scale)
        for s, t, learnt_scale, text_scale in record["across_scale"]
    }
    popularity = tuple(arrays[f"popularity.{s}"] for s in scenarios)
    recent = tuple(arrays.get(f"recent.{s}", popularity[s]) for s in scenarios)  # newer than some
    model.preferences_ = Preferences(within, across, popularity, recent)
    model.choices_ = {(c.pop("source"), c.pop("target")): choice_of(c) for c in record["choices"]}
    model.history_ = record["history"]
    model.trials_ = record.get("trials", [])
    model.gates_ = Gates(_named(arrays, "network."))
    return model


def _within(
    arrays: dict[str, np.ndarray], s: int, size: int, text_width: int, scale: float
) -> Within:
    links = links_from(arrays, f"within.{s}.links", (size, size))
    left, right = arrays[f"within.{s}.left"], arrays[f"within.{s}.right"]
    return Within(links, left, right, text_width, scale)


def _across(
    arrays: dict[str, np.ndarray],
    model: "TransferModel",
    s: int,
    t: int,
    learnt_scale: float,
    text_scale: float,
) -> Across:
    links = None
    if f"across.{s}.{t}.links.data" in arrays:  # most pairs have none
        sizes = model.space_.sizes
        links = links_from(arrays, f"across.{s}.{t}.links", (sizes[s], sizes[t]))
    return Across(
        arrays[f"across.{s}.{t}.left"],
        arrays[f"across.{s}.{t}.right"],
        model.text_[s],
        model.text_[t],
        arrays[f"across.{s}.{t}.text_map"],
        learnt_scale,
        text_scale,
        links,
    )


def _named(arrays: dict[str, np.ndarray], prefix: str) -> dict[str, np.ndarray]:
    return {k.removeprefix(prefix): v for k, v in arrays.items() if k.startswith(prefix)}


def _half_lives(record: dict[str, Any], scenarios: int) -> dict[tuple[int, int], float]:
    """Half-lives by pair; models written before had one per target, for all its sources."""
    if "half_lives" in record:
        return {(s, t): value for s, t, value in record["half_lives"]}
    by_target = enumerate(record.get("half_life", ()))
    return {(s, t): value for t, value in by_target if value for s in range(scenarios)}


def choice_of(values: dict[str, Any]) -> Choice:
    """A choice from its JSON-able values."""
    values = dict(values)
    views = tuple(values.pop("views", (MEANING,)))
    values.pop("pooled_penalty", None)  # of earlier versions: a fitted model does not need it
    size = tuple(values.pop("factor_size", (0.0, 0.0)))
    return Choice(**values, views=views, factor_size=size)
