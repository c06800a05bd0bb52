"""The effects W_st[h, j] of many history items on many items at once, as two parts.

:meth:`crossrec.transfer.model.TransferModel.effects` answers for one item; a batch of lists asks
for millions of pairs, and slicing a column of the learnt links costs as much as reading them all.
Here rows are read instead. A test holds both to the same numbers.
"""

import numpy as np

from crossrec.transfer.across import Across
from crossrec.transfer.model import TransferModel
from crossrec.transfer.within import Within


def effect_block(
    model: TransferModel, source: int, target: int, history: np.ndarray, items: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """W_st[h, j] per unit of history weight: learnt and text part.

    Args:
        model: a fitted model.
        source: code of the source scenario.
        target: code of the target scenario.
        history: local item numbers in the source, shape (H,).
        items: local item numbers in the target, shape (k,), each once.

    Returns:
        Two arrays of shape (H, k), float32; zeros where the model has no such pair.
    """
    if source == target:
        return _within(model.preferences_.within[target], history, items)
    found = model.preferences_.across.get((source, target))
    if found is None:
        nothing = np.zeros((len(history), len(items)), dtype=np.float32)
        return nothing, nothing.copy()
    return _across(found, history, items)


def _across(model: Across, history: np.ndarray, items: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    learnt = np.zeros((len(history), len(items)), dtype=np.float32)
    text = learnt.copy()
    if model.learnt_scale:  # a part without a share is often there, and costs as much
        learnt = model.learnt_scale * (model.left[history] @ model.right[items].T)
    if model.text_scale:
        carried = model.text_map @ model.text_target[items].T  # (d, k)
        text = model.text_scale * (model.text_source[history] @ carried)
    return learnt, text


def _within(model: Within, history: np.ndarray, items: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    width = model.text_width
    left, right = model.left[history], model.right[items]
    text = left[:, :width] @ right[:, :width].T
    learnt = left[:, width:] @ right[:, width:].T
    same = history[:, None] == items[None, :]  # no item speaks for itself
    text[same] = 0
    learnt[same] = 0
    learnt += _links(model, history, items)
    return model.scale * learnt, model.scale * text


def _links(model: Within, history: np.ndarray, items: np.ndarray) -> np.ndarray:
    """Learnt links between history items and items, shape (H, k)."""
    links = model.links
    column = np.full(links.shape[1], -1, dtype=np.int64)  # type: ignore[index]
    column[items] = np.arange(len(items))
    starts, lengths = links.indptr[history], np.diff(links.indptr)[history]
    row = np.repeat(np.arange(len(history)), lengths)
    ends = np.cumsum(lengths)
    entry = np.arange(ends[-1] if len(ends) else 0) + np.repeat(starts - (ends - lengths), lengths)
    place = column[links.indices[entry]]
    wanted = place >= 0
    found = np.zeros((len(history), len(items)), dtype=np.float32)
    found[row[wanted], place[wanted]] = links.data[entry[wanted]]
    return found
