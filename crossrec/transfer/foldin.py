"""New items in a fitted engine: what their text says is known at once, without training.

Source: method page §2.1: an item without interactions keeps its text and can still be ranked. New
users and new interactions need nothing of this kind: every preference is linear in the history,
see :meth:`crossrec.data.history.Histories.with_rows`.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from scipy import sparse

from crossrec.data.history import shape
from crossrec.data.space import ItemSpace
from crossrec.errors import DataError
from crossrec.transfer.fitted import Fitted
from crossrec.transfer.preference import Preference


def with_items(fitted: Fitted, scenario: str, ids: Sequence[str], vectors: np.ndarray) -> Fitted:
    """An engine with new items; see :meth:`crossrec.transfer.model.TransferModel.with_items`."""
    target = fitted.space.scenarios.code(scenario, "scenario")
    vectors = np.asarray(vectors, dtype=np.float32)
    _check(fitted, target, scenario, ids, vectors)
    space, order = _larger(fitted.space, target, ids)
    new = fitted.new_items[target]
    text = new.reader.centred(vectors)
    texts = _set(fitted.texts, target, np.concatenate([fitted.texts[target], text])[order])
    unknown = np.zeros(len(ids), dtype=np.float32)
    old = fitted.popularity[target]
    popularity = replace(
        old,
        plain=np.concatenate([old.plain, unknown])[order],
        recent=np.concatenate([old.recent, unknown])[order],
    )
    left = np.zeros((len(ids), fitted.own[target].text_left.shape[1]), dtype=np.float32)
    right = left
    if new.root is not None:
        left, right = new.root.rows(new.reader.matrix(text))
        right = right * np.float32(new.scale)
    own = _grown(fitted.own[target], order, order)
    own = replace(
        own,
        text_left=np.concatenate([fitted.own[target].text_left, left])[order],
        text_right=np.concatenate([fitted.own[target].text_right, right])[order],
    )
    between = {
        (s, t): model
        if target not in (s, t)
        else _between(model, texts[s], texts[t], order if s == target else None,
                      order if t == target else None)
        for (s, t), model in fitted.between.items()
    }  # fmt: skip
    return replace(
        fitted,
        space=space,
        own=_set(fitted.own, target, own),
        between=between,
        popularity=_set(fitted.popularity, target, popularity),
        texts=texts,
    )


def _check(
    fitted: Fitted, target: int, scenario: str, ids: Sequence[str], vectors: np.ndarray
) -> None:
    if len(set(ids)) < len(ids):
        raise DataError("expected different ids of new items", f"{len(ids)} with repeats")
    there = np.isin(np.asarray(ids, dtype=object), fitted.space.ids(target))
    if there.any():
        first = next(name for name, known in zip(ids, there, strict=True) if known)
        raise DataError(f"expected items that {scenario!r} does not have yet", repr(first))
    wanted = (len(ids), len(fitted.new_items[target].reader.mean))
    if vectors.shape != wanted:
        raise DataError(
            f"expected vectors of shape {wanted}",
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


def _between(
    model: Preference,
    text_source: np.ndarray,
    text_target: np.ndarray,
    rows: np.ndarray | None,
    columns: np.ndarray | None,
) -> Preference:
    """A map with empty learnt rows for new items, and their text where it reads any."""
    found = _grown(model, rows, columns)
    if model.text_map is None:
        empty = (np.zeros((len(text), 0), np.float32) for text in (text_source, text_target))
        text_source, text_target = empty
    return replace(found, text_left=text_source, text_right=text_target)


def _grown(model: Preference, rows: np.ndarray | None, columns: np.ndarray | None) -> Preference:
    """The learnt part with new items, of which it knows nothing, in a new order.

    Args:
        model: of n_s and n_t items.
        rows: for each new row the old one, or a number from n_s on for an item that is new; None:
            as they are.
        columns: the same for the columns.
    """
    links = model.links
    height, width = shape(links)
    new = (height if rows is None else len(rows), width if columns is None else len(columns))
    ends = np.concatenate([links.indptr, np.full(new[0] - height, links.indptr[-1])])
    links = sparse.csr_array((links.data, links.indices, ends), shape=new)
    if rows is not None and (rows != np.arange(new[0])).any():
        links = sparse.csr_array(links[rows])
    if columns is not None and (columns != np.arange(new[1])).any():
        links = sparse.csr_array(links[:, columns])
    return replace(
        model, links=links, left=_with(model.left, rows), right=_with(model.right, columns)
    )


def _with(factors: np.ndarray, order: np.ndarray | None) -> np.ndarray:
    if order is None:
        return factors
    empty = np.zeros((len(order) - len(factors), factors.shape[1]), dtype=np.float32)
    return np.concatenate([factors, empty])[order]
