"""A fitted engine on disk: ``config.json`` and ``weights.safetensors``, nothing executable."""

import json
from collections.abc import Mapping
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file
from scipy import sparse

from crossrec.data.ids import IdMap
from crossrec.data.space import ItemSpace
from crossrec.errors import RunUnreadable
from crossrec.transfer.clearly import Chosen
from crossrec.transfer.coefficients import Coefficients
from crossrec.transfer.config import TransferConfig
from crossrec.transfer.decisions import frozen
from crossrec.transfer.fitted import Fitted, NewItems
from crossrec.transfer.popularity import Popularity
from crossrec.transfer.preference import Preference
from crossrec.transfer.repeats import RepeatTerm
from crossrec.transfer.text import TextReader, TextRoot

FORMAT = "crossrec-transfer-model"
VERSION = 6
CONFIG, WEIGHTS = "config.json", "weights.safetensors"
CSR = ("data", "indices", "indptr")
DENSE = ("left", "right", "text_left", "text_right")
COEFFICIENTS = tuple(each.name for each in fields(Coefficients))


def save(config: TransferConfig, fitted: Fitted, folder: Path) -> None:
    """Write a fitted engine into a folder, which is created."""
    folder.mkdir(parents=True, exist_ok=True)
    space = fitted.space
    arrays: dict[str, np.ndarray] = {
        f"coefficients.{name}": getattr(fitted.coefficients, name) for name in COEFFICIENTS
    }
    for t in range(len(space)):
        arrays[f"members.{t}"] = space.members[t]
        arrays[f"texts.{t}"] = fitted.texts[t]
        arrays[f"plain.{t}"] = fitted.popularity[t].plain
        arrays[f"recent.{t}"] = fitted.popularity[t].recent
        arrays |= _of_preference(fitted.own[t], f"own.{t}.", DENSE)
        new = fitted.new_items[t]
        arrays[f"reader.{t}.mean"] = new.reader.mean
        if new.root is not None:
            arrays[f"root.{t}"] = new.root.root
        for at, turn in enumerate(new.reader.turns.values()):
            arrays[f"reader.{t}.turn.{at}"] = turn
    for (s, t), model in fitted.between.items():  # their text vectors are those of the items
        arrays |= _of_preference(model, f"between.{s}.{t}.", DENSE[:2])
        if model.text_map is not None:
            arrays[f"between.{s}.{t}.text_map"] = model.text_map
    save_file({k: np.ascontiguousarray(v) for k, v in arrays.items()}, folder / WEIGHTS)
    record = {
        "format": FORMAT,
        "version": VERSION,
        "config": config.to_dict(),
        "scenarios": list(space.scenarios.ids),
        "items": list(space.items.ids),
        "half_lives": fitted.half_lives,
        "repeats": [[each.loud, each.half_life] for each in fitted.repeats],
        "base": [[each.cold, each.warm] for each in fitted.popularity],
        "new_items": [
            [list(new.reader.turns), None if new.root is None else new.root.penalty, new.scale]
            for new in fitted.new_items
        ],
        "between": [list(pair) for pair in fitted.between],
        "decided": {name: [asdict(one) for one in made] for name, made in fitted.decided.items()},
    }
    (folder / CONFIG).write_text(json.dumps(record, ensure_ascii=False), encoding="utf-8")


def load(folder: Path) -> tuple[TransferConfig, Fitted]:
    """Read a fitted engine.

    Raises:
        RunUnreadable: files are missing, damaged, foreign, of an older version, or do not fit
            together.
    """
    try:
        record = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
        if record.get("format") != FORMAT or record.get("version") != VERSION:
            raise RunUnreadable(
                f"expected a {FORMAT} of version {VERSION} in {folder}",
                f"{record.get('format')!r}, version {record.get('version')!r}",
                "It was made by another version of CrossRec: train it again with this one",
            )
        config = TransferConfig.from_dict(record["config"])
        return config, _assembled(config, record, load_file(folder / WEIGHTS))
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


def _of_preference(model: Preference, prefix: str, dense: tuple[str, ...]) -> dict[str, np.ndarray]:
    found = {f"{prefix}links.{part}": getattr(model.links, part) for part in CSR}
    return found | {f"{prefix}{name}": getattr(model, name) for name in dense}


def _links(
    arrays: Mapping[str, np.ndarray], prefix: str, size: tuple[int, int]
) -> sparse.csr_array:
    parts = tuple(arrays[f"{prefix}links.{part}"] for part in CSR)
    links = sparse.csr_array(parts, shape=size)
    links.check_format(full_check=True)  # a damaged file must not read outside its arrays
    return links


def _assembled(
    config: TransferConfig, record: dict[str, Any], arrays: dict[str, np.ndarray]
) -> Fitted:
    scenarios = range(len(record["scenarios"]))
    members = tuple(arrays[f"members.{t}"] for t in scenarios)
    space = ItemSpace(IdMap(record["items"]), IdMap(record["scenarios"]), members)
    texts = tuple(arrays[f"texts.{t}"] for t in scenarios)
    own, popularity, new_items = [], [], []
    for t in scenarios:
        size = (space.sizes[t], space.sizes[t])
        dense = (arrays[f"own.{t}.{name}"] for name in DENSE)
        own.append(Preference(_links(arrays, f"own.{t}.", size), *dense, own=True))
        popularity.append(
            Popularity(arrays[f"plain.{t}"], arrays[f"recent.{t}"], *record["base"][t])
        )
        views, penalty, scale = record["new_items"][t]
        turns = {view: arrays[f"reader.{t}.turn.{at}"] for at, view in enumerate(views)}
        root = None if penalty is None else TextRoot(arrays[f"root.{t}"], penalty)
        new_items.append(NewItems(TextReader(arrays[f"reader.{t}.mean"], turns), root, scale))
    between = {}
    for s, t in record["between"]:
        prefix, sizes = f"between.{s}.{t}.", (space.sizes[s], space.sizes[t])
        text_map = arrays.get(f"{prefix}text_map")
        between[s, t] = Preference.of(
            sizes,
            links=_links(arrays, prefix, sizes),
            factors=(arrays[f"{prefix}left"], arrays[f"{prefix}right"]),
            text=None if text_map is None else (texts[s], texts[t]),
            text_map=text_map,
        )
    return Fitted(
        space=space,
        own=tuple(own),
        between=between,
        half_lives=tuple(record["half_lives"]),
        popularity=tuple(popularity),
        coefficients=Coefficients(*(arrays[f"coefficients.{name}"] for name in COEFFICIENTS)),
        repeats=tuple(RepeatTerm(*one) for one in record["repeats"]),
        texts=texts,
        new_items=tuple(new_items),
        decided={
            name: tuple(Chosen(**{**one, "value": frozen(one["value"])}) for one in made)
            for name, made in record["decided"].items()
        },
        transfer=config.transfer,
    )
