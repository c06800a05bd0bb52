"""Item columns of different names hold different things: film 18 is not book 18."""

from collections.abc import Collection, Iterable, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from crossrec.data.clean_ids import CleanIds
from crossrec.data.log import ReaderNote
from crossrec.data.reading.coding import NOWHERE
from crossrec.data.reading.mapping import normal
from crossrec.schema import ITEM

SEPARATE = "separate_items"
_ENDINGS = ("编号", "标识", "uuid", "guid", "id", "no", "key", "code")
_GENERAL = (
    "item iid product sku goods asin parentasin article content object thing entity target element"
    " i p 物品 商品 产品 项目 内容 对象 标的"
)
"""Words for whatever is recommended: columns called so hold one kind of ids."""


def noun_of(header: str) -> str:
    """What a column of item ids says the items are; "" where it is called in general words.

    ``movie_id`` and ``MovieID`` are movies; ``item_id``, ``sku`` and ``id`` may be anything.
    """
    word = normal(header)
    for ending in _ENDINGS:
        if word.endswith(ending):
            word = word.removesuffix(ending)
            break
    return "" if word in _GENERAL.split() else word


def nouns_of(notes: Iterable[ReaderNote]) -> frozenset[str]:
    """The nouns that stand before the item ids of a log, by what its reader noted."""
    separate = [note for note in notes if note.rule == SEPARATE]
    return frozenset(
        str(example["prefix"]).removesuffix(":") for note in separate for example in note.examples
    )


def prefixed(values: pa.Array, noun: str) -> pa.Array:
    """Ids with the noun before them; null stays."""
    return pc.call_function("binary_join_element_wise", [pa.scalar(noun), values, pa.scalar(":")])


def separated(
    raw: np.ndarray,
    values: pa.Array,
    ids: CleanIds,
    spans: Sequence[tuple[int, int]],
    headers: Sequence[str],
    known: Collection[str] = (),
) -> tuple[np.ndarray, pa.Array, CleanIds, ReaderNote | None]:
    """Item ids of a log, with the noun of their column before them where two columns collide.

    Args:
        raw: code of each row, shape (rows,).
        values: the distinct values of the files, shape (n,).
        ids: what they are as ids, shape (n,).
        spans: the rows of each source.
        headers: of each source's column of item ids.
        known: nouns that stand before ids in any case, because another table has them so.

    Returns:
        The first three as they came, or over values that stand once per noun; and what was done.
    """
    nouns = [noun_of(header) for header in headers]
    kinds = sorted({noun for noun in nouns if noun})
    if not set(kinds) & set(known) and (
        len(kinds) < 2 or not _collide(raw, ids.values, spans, nouns, kinds)
    ):
        return raw, values, ids, None
    n = len(values)
    raw = raw.copy()
    for noun, (start, end) in zip(nouns, spans, strict=True):
        own = raw[start:end]
        own[own != NOWHERE] += n * (kinds.index(noun) + 1 if noun else 0)
    clean = [ids.values, *(prefixed(ids.values, noun) for noun in kinds)]
    times = len(clean)
    examples = {noun: header for noun, header in zip(nouns, headers, strict=True) if noun}
    note = ReaderNote(
        SEPARATE,
        ITEM,
        len(kinds),
        tuple({"column": examples[noun], "prefix": f"{noun}:"} for noun in kinds),
    )
    return (
        raw,
        pa.chunked_array([values] * times).combine_chunks(),
        CleanIds(
            pa.chunked_array(clean, pa.string()).combine_chunks(), np.tile(ids.placeholder, times)
        ),
        note,
    )


def _collide(
    raw: np.ndarray,
    ids: pa.Array,
    spans: Sequence[tuple[int, int]],
    nouns: Sequence[str],
    kinds: Sequence[str],
) -> bool:
    """Whether an id stands under two nouns."""
    encoded = ids.dictionary_encode()
    code = encoded.indices.fill_null(NOWHERE).to_numpy(zero_copy_only=False)
    used = np.zeros((len(kinds), len(encoded.dictionary) + 1), dtype=bool)
    for noun, (start, end) in zip(nouns, spans, strict=True):
        if noun:
            present = np.zeros(len(code) + 1, dtype=bool)
            present[raw[start:end]] = True
            used[kinds.index(noun), code[present[:-1]]] = True
    return bool((used[:, :-1].sum(axis=0) > 1).any())
