"""Fitted baselines on disk: ``baseline.json`` and ``weights.safetensors``, nothing executable."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from crossrec.data.ids import IdMap
from crossrec.data.space import ItemSpace
from crossrec.errors import CrossRecError, NotFitted, RunUnreadable
from crossrec.transfer.baselines.als import ALS
from crossrec.transfer.baselines.base import Baseline, TunedBaseline, groups_of
from crossrec.transfer.baselines.bpr import BPR
from crossrec.transfer.baselines.ease import EASE
from crossrec.transfer.baselines.hybrid import Hybrid
from crossrec.transfer.baselines.knn import ItemKNN
from crossrec.transfer.baselines.l3ae import L3AE
from crossrec.transfer.baselines.matrix import shaped
from crossrec.transfer.baselines.popularity import Popularity
from crossrec.transfer.baselines.recent import RecentPopularity
from crossrec.transfer.baselines.text import TextContent
from crossrec.transfer.baselines.user_knn import UserKNN
from crossrec.transfer.recommender import Recommender

FORMAT, VERSION = "crossrec-baseline", 1
ABOUT, WEIGHTS = "baseline.json", "weights.safetensors"
_MEMBER, _TEXT = "member", "text"
"""Folders of the two parts of a hybrid."""
_KINDS: dict[str, Callable[..., Baseline[Any]]] = {
    kind.__name__: kind
    for kind in (ALS, BPR, EASE, ItemKNN, L3AE, Popularity, RecentPopularity, TextContent, UserKNN)
}


def save(model: Recommender, folder: Path) -> None:
    """Write a fitted baseline into a folder, which is created.

    The histories it was fitted on are not kept, except by :class:`UserKNN`, which is made of them,
    and user vectors by :class:`BPR`; both then keep the ids of their users.

    Raises:
        NotFitted: it was not fitted.
    """
    if not hasattr(model, "space_"):
        raise NotFitted(f"expected a fitted {type(model).__name__}", "", "Call fit first")
    folder.mkdir(parents=True, exist_ok=True)
    record, arrays = _taken_apart(model)
    if isinstance(model, Hybrid):
        save(model.member, folder / _MEMBER)
        save(model.text_, folder / _TEXT)
    save_file({k: np.ascontiguousarray(v) for k, v in arrays.items()}, folder / WEIGHTS)
    head = {"format": FORMAT, "version": VERSION, "kind": type(model).__name__, "name": model.name}
    # ASCII: an id from a hostile file may hold half a character, which has no UTF-8.
    (folder / ABOUT).write_text(json.dumps({**head, **record}), encoding="ascii")


def load(folder: Path) -> Recommender:
    """Read a fitted baseline; its ``histories_`` are None.

    It scores as the one that was saved. To fit again, make a new one: beside what it learnt, only
    the candidates of its hyper-parameters and those chosen come back.

    Raises:
        RunUnreadable: files are missing, damaged, foreign or do not fit together.
    """
    try:
        record = json.loads((folder / ABOUT).read_text(encoding="utf-8"))
        if record.get("format") != FORMAT or record.get("version") != VERSION:
            raise RunUnreadable(
                f"expected a {FORMAT} of version {VERSION} in {str(folder)!r}",
                f"{record.get('format')!r}, version {record.get('version')!r}",
                "Fit it again with this version",
            )
        return _put_together(folder, record, load_file(folder / WEIGHTS))
    except FileNotFoundError as error:
        raise RunUnreadable(
            f"expected {ABOUT} and {WEIGHTS} in {str(folder)!r}",
            "at least one is missing",
            "Delete that folder and fit the model again",
        ) from error
    except RunUnreadable:
        raise
    except (
        SafetensorError,
        KeyError,
        IndexError,
        ValueError,
        TypeError,
        AttributeError,
        RecursionError,
        OSError,
        CrossRecError,
    ) as error:
        raise RunUnreadable(
            f"expected an undamaged model in {str(folder)!r}",
            f"{type(error).__name__}: {error}",
            "Delete that folder and fit the model again",
        ) from error


def _taken_apart(model: Recommender) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    space = model.space_
    record: dict[str, Any] = {
        "scenarios": list(space.scenarios.ids),
        "items": list(space.items.ids),
    }
    arrays = {f"members.{s}": members for s, members in enumerate(space.members)}
    if isinstance(model, Hybrid):
        return {**record, "weights": list(model.weights), "chosen": model.chosen_}, arrays
    if not isinstance(model, Baseline) or type(model).__name__ not in _KINDS:
        raise TypeError(f"no way to keep a {type(model).__name__}")
    for s, share in enumerate(model.popularity_):
        arrays[f"popularity.{s}"] = share
    for at, learnt in enumerate(model.models_):
        arrays |= {f"model.{at}.{name}": part for name, part in model.to_arrays(learnt).items()}
    record["pooled"] = model.pooled
    if model.users_ is not None:
        record["users"] = list(model.users_.ids)
    if isinstance(model, TunedBaseline):
        record["candidates"] = model.candidates
        record["tuned_for"] = model.tuned_for
        record["chosen"] = model.chosen_
        record["quality"] = [None if np.isnan(one) else float(one) for one in model.quality_]
    return record, arrays


def _put_together(
    folder: Path, record: dict[str, Any], arrays: dict[str, np.ndarray]
) -> Recommender:
    named = [f"members.{s}" for s in range(len(record["scenarios"]))]
    if len(named) != sum(name.startswith("members.") for name in arrays):
        raise ValueError(f"items of other scenarios than the {len(named)} that are named")
    members = tuple(arrays[name] for name in named)
    space = ItemSpace(IdMap(record["items"]), IdMap(record["scenarios"]), members)
    for one in members:
        rising = np.diff(shaped(one, -1), prepend=-1, append=len(space.items))
        if one.dtype.kind != "i" or (rising <= 0).any():
            raise ValueError("items of a scenario that are none of the model's")
    if record["kind"] == Hybrid.__name__:
        return _hybrid(folder, record, space)
    model = _KINDS[record["kind"]](pooled=bool(record["pooled"]))
    model.name, model.space_, model.histories_ = str(record["name"]), space, None
    if "users" in record:
        model.users_ = IdMap(record["users"])
    if isinstance(model, TunedBaseline):
        model.candidates = tuple(map(tuple, record["candidates"]))
        model.tuned_for = str(record["tuned_for"])
        model.chosen_ = [tuple(setting) for setting in record["chosen"]]
        model.quality_ = [float("nan") if one is None else one for one in record["quality"]]
    model.popularity_ = [
        _finite(shaped(arrays[f"popularity.{s}"], size)) for s, size in enumerate(space.sizes)
    ]
    model.models_ = []
    for at, group in enumerate(groups_of(space, pooled=model.pooled)):
        prefix = f"model.{at}."
        mine = {k.removeprefix(prefix): v for k, v in arrays.items() if k.startswith(prefix)}
        columns = sum(space.sizes[scenario] for scenario in group)
        model.models_.append(model.from_arrays({k: _finite(v) for k, v in mine.items()}, columns))
    return model


def _hybrid(folder: Path, record: dict[str, Any], space: ItemSpace) -> Hybrid:
    member, text = load(folder / _MEMBER), load(folder / _TEXT)
    if not isinstance(member, TunedBaseline) or not isinstance(text, TextContent):
        raise TypeError("parts that are no collaborative and no content-based model")
    if not same_space(member.space_, space) or not same_space(text.space_, space):
        raise ValueError("parts of another item space")
    model = Hybrid(member, tuple(record["weights"]))
    model.name, model.space_, model.histories_ = str(record["name"]), space, None
    model.text_ = text
    model.chosen_ = [float(weight) for weight in record["chosen"]]
    if len(model.chosen_) != len(space):
        raise ValueError(f"{len(model.chosen_)} weights for {len(space)} scenarios")
    return model


def same_space(one: ItemSpace, other: ItemSpace) -> bool:
    """Whether two models number the same items of the same scenarios alike."""
    return (
        one.items == other.items
        and one.scenarios == other.scenarios
        and all(map(np.array_equal, one.members, other.members))
    )


def _finite(array: np.ndarray) -> np.ndarray:
    if not np.isfinite(array).all():
        raise ValueError("numbers that are not finite")
    return array
