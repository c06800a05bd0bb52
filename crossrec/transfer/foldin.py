"""New items in a fitted model: what their text says is known at once, without training.

Source: method page §2.1: an item without interactions keeps its text and can still be ranked. New
users and new interactions need nothing of this kind: every preference is linear in the history,
see :meth:`crossrec.data.history.Histories.with_rows`.
"""

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from crossrec.data.space import ItemSpace
from crossrec.errors import CrossRecError, DataError
from crossrec.language.table import unit_rows
from crossrec.transfer.across import Across
from crossrec.transfer.choice import ADAPTED, MEANING
from crossrec.transfer.links import grown
from crossrec.transfer.preference import soft_whitening
from crossrec.transfer.within import Within

if TYPE_CHECKING:
    from crossrec.transfer.model import TransferModel


@dataclass(frozen=True)
class Reading:
    """How the text vectors of a scenario are brought to the form its models know.

    Attributes:
        mean: of the language model's vectors that are not zero, shape (d,).
        turns: per view used within the scenario, in any order, the matrix of
            :func:`~crossrec.transfer.preference.soft_whitening`, shape (d_view, d_view); for
            adapted vectors the encoder of the tower.
    """

    mean: np.ndarray
    turns: Mapping[str, np.ndarray]

    @classmethod
    def of(
        cls,
        raw: np.ndarray,
        views: Mapping[str, np.ndarray],
        used: Sequence[str],
        encoder: np.ndarray | None = None,
    ) -> "Reading":
        """Learn it from the scenario's vectors.

        Args:
            raw: as the language model gives them, shape (n, d).
            views: centred, by view.
            used: views that the scenario's own model uses.
            encoder: of the tower, shape (d, d), if there is one.
        """
        said = raw[np.abs(raw).sum(axis=1) > 0]
        mean = said.mean(0) if len(said) else raw[:0].sum(0)
        turns = {
            view: encoder
            if view == ADAPTED and encoder is not None
            else soft_whitening(views[view])
            for view in used
            if views[view].any()
        }
        return cls(
            mean.astype(np.float32), {v: turn.astype(np.float32) for v, turn in turns.items()}
        )

    def centred(self, vectors: np.ndarray) -> np.ndarray:
        """New vectors as :func:`crossrec.transfer.preference.centred` would have made them."""
        said = np.abs(vectors).sum(axis=1, keepdims=True) > 0
        return unit_rows(np.where(said, vectors - self.mean, 0))

    def matrix(self, text: np.ndarray, used: Sequence[str]) -> np.ndarray:
        """Rows of F of new items from their centred vectors; views other than these are zero."""
        blocks = [
            unit_rows(text @ turn)
            if view in (MEANING, ADAPTED)
            else np.zeros((len(text), len(turn)), dtype=np.float32)
            for view, turn in ((name, self.turns[name]) for name in used if name in self.turns)
        ]
        whole = np.concatenate([np.zeros((len(text), 0), dtype=np.float32), *blocks], axis=1)
        return whole / max(len(blocks), 1) ** 0.5


def with_items(
    model: "TransferModel",
    scenario: str,
    ids: Sequence[str],
    vectors: np.ndarray,
) -> "TransferModel":
    """A model with new items; see :meth:`crossrec.transfer.model.TransferModel.with_items`."""
    target = model.space_.scenarios.code(scenario, "scenario")
    if not model.reading_:
        raise CrossRecError(
            "expected a model that remembers how it reads text", "an older one", "Train it again"
        )
    reading = model.reading_[target]
    vectors = np.asarray(vectors, dtype=np.float32)
    _check(model, target, scenario, ids, vectors)
    space, order = _larger(model.space_, target, ids)
    text = reading.centred(vectors)
    found = copy.copy(model)
    found.space_ = space
    found.text_ = _set(model.text_, target, np.concatenate([model.text_[target], text])[order])
    old = model.preferences_
    unknown = np.zeros(len(ids), dtype=np.float32)
    popularity, recent = (
        np.concatenate([found[target], unknown])[order] for found in (old.popularity, old.recent)
    )
    features = reading.matrix(text, model.choices_[target, target].views)
    within = _within(old.within[target], features, order)
    across = {
        (s, t): _across(each, found.text_, s, t, target, order)
        for (s, t), each in old.across.items()
    }
    found.preferences_ = replace(
        old,
        within=_set(old.within, target, within),
        across=across,
        popularity=_set(old.popularity, target, popularity),
        recent=_set(old.recent, target, recent),
    )
    if model.histories_ is not None:
        found.histories_ = model.histories_.moved(model.space_, space)
    return found


def _check(
    model: "TransferModel",
    target: int,
    scenario: str,
    ids: Sequence[str],
    vectors: np.ndarray,
) -> None:
    if len(set(ids)) < len(ids):
        raise DataError("expected different ids of new items", f"{len(ids)} with repeats")
    there = np.isin(np.asarray(ids, dtype=object), model.space_.ids(target))
    if there.any():
        first = next(name for name, known in zip(ids, there, strict=True) if known)
        raise DataError(f"expected items that {scenario!r} does not have yet", repr(first))
    shape = (len(ids), len(model.reading_[target].mean))
    if vectors.shape != shape:
        raise DataError(
            f"expected vectors of shape {shape}",
            f"{vectors.shape}",
            "Use the encoder that the model was trained with",
        )
    if not np.isfinite(vectors).all():
        raise DataError("expected finite vectors", "NaN or infinity")


def _larger(space: ItemSpace, target: int, ids: Sequence[str]) -> tuple[ItemSpace, np.ndarray]:
    """The space with new items, and for each of its local numbers the row: old ones, then new."""
    items = space.items.union(ids)
    members = np.concatenate([space.members[target], items.codes(np.asarray(ids, dtype=object))])
    order = np.argsort(members, kind="stable")
    return ItemSpace(items, space.scenarios, _set(space.members, target, members[order])), order


def _set(values: tuple, at: int, value: object) -> tuple:
    return (*values[:at], value, *values[at + 1 :])


def _within(model: Within, text: np.ndarray, order: np.ndarray) -> Within:
    left, right = model.text_rows(text)
    return replace(
        model,
        links=grown(model.links, order, order),
        left=np.concatenate([model.left, left])[order],
        right=np.concatenate([model.right, right])[order],
    )


def _across(
    model: Across,
    text: tuple[np.ndarray, ...],
    source: int,
    target: int,
    at: int,
    order: np.ndarray,
) -> Across:
    """The map with empty learnt rows for the new items of scenario ``at``.

    Args:
        model: the map without them.
        text: of all scenarios, new items included.
        source: s.
        target: t.
        at: the scenario that has new items.
        order: see :func:`_larger`.
    """

    def rows(learnt: np.ndarray) -> np.ndarray:
        empty = np.zeros((len(order) - len(learnt), learnt.shape[1]), dtype=np.float32)
        return np.concatenate([learnt, empty])[order]

    links = model.links
    if links is not None:
        links = grown(links, order if source == at else None, order if target == at else None)
    return replace(
        model,
        links=links,
        left=rows(model.left) if source == at else model.left,
        right=rows(model.right) if target == at else model.right,
        text_source=text[source],
        text_target=text[target],
    )
