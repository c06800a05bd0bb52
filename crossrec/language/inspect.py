"""Looking into the reading: what exactly is sent, where it is cut, which items come out alike."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from crossrec.data.catalog import Catalog
from crossrec.language.encoder import AUTO, TransformersEncoder, choose_encoder, load_encoder
from crossrec.language.table import FeatureTable
from crossrec.language.text import item_texts
from crossrec.language.tfidf import BASELINES, terms
from crossrec.schema import ITEM

SIMILARITY = "similarity"
_BATCH = 2_000


@dataclass(frozen=True)
class Preview:
    """One item as the encoder gets it.

    Attributes:
        item_id, encoder: whose text, read by what.
        sent: the exact text, prefix included, "" if the item has none.
        tokens: its tokens in order, special tokens included, uncut.
        limit: tokens the encoder reads; 0 where there is no limit (tfidf, bow).
        read, cut: ``sent`` in two parts: what is read and what is beyond the limit.
    """

    item_id: str
    encoder: str
    sent: str
    tokens: tuple[str, ...]
    limit: int
    read: str
    cut: str

    @property
    def truncated(self) -> bool:
        """Whether some of the text is not read."""
        return bool(self.cut)


def preview(catalog: Catalog, encoder_id: str, item: str) -> Preview:
    """The exact text sent for one item, its tokens, and where it is cut.

    Raises:
        UnknownId: the item is not in the catalogue.
        ModelMissing: the encoder is not on this machine.
    """
    texts = item_texts(catalog)
    text = texts[catalog.items.code(item, "item")]
    name = choose_encoder(texts) if encoder_id == AUTO else encoder_id
    if name in BASELINES:
        return Preview(item, name, text, tuple(terms(text)), 0, text, "")
    encoder = load_encoder(name)
    if not text:
        return Preview(item, encoder.id, "", (), encoder.max_length, "", "")
    sent = encoder.prefix + text
    encoded = encoder.tokenizer(sent, return_offsets_mapping=True)
    tokens = encoder.tokenizer.convert_ids_to_tokens(encoded["input_ids"])
    end = _read_until(encoder, sent, encoded["offset_mapping"])
    return Preview(
        item, encoder.id, sent, tuple(tokens), encoder.max_length, sent[:end], sent[end:]
    )


def token_lengths(texts: Sequence[str], encoder_id: str = AUTO) -> np.ndarray:
    """Tokens of every text, uncut, shape (len(texts),), int32; 0 for an empty text.

    Prefix and special tokens count, as they do against the encoder's limit. For "tfidf" and "bow"
    these are terms.

    Raises:
        ModelMissing: the encoder is not on this machine.
    """
    name = choose_encoder(texts) if encoder_id == AUTO else encoder_id
    lengths = np.zeros(len(texts), dtype=np.int32)
    rows = [row for row, text in enumerate(texts) if text]
    if name in BASELINES:
        lengths[rows] = [len(terms(texts[row])) for row in rows]
        return lengths
    encoder = load_encoder(name)
    for start in range(0, len(rows), _BATCH):
        part = rows[start : start + _BATCH]
        sent = [encoder.prefix + texts[row] for row in part]
        lengths[part] = [len(tokens) for tokens in encoder.tokenizer(sent)["input_ids"]]
    return lengths


def neighbours(
    features: FeatureTable, item_id: str, k: int = 10, *, centred: bool = True
) -> pd.DataFrame:
    """The items whose vectors point the same way.

    Args:
        features: the vectors.
        item_id: the item to look around.
        k: how many neighbours, fewer where there are fewer items with text.
        centred: subtract the mean vector first. Encoders such as E5 put all texts into a narrow
            cone (every cosine above 0.7); centring spreads them without changing the order much.

    Returns:
        Columns ``item_id, similarity`` (cosine, -1..1), best first; empty if the item has no text.

    Raises:
        UnknownId: the item has no row in the table.
    """
    row = features.items.code(item_id, "item")
    said = np.linalg.norm(features.vectors, axis=1) > 0  # (n,)
    if not said[row]:
        return pd.DataFrame({ITEM: np.array([], dtype=object), SIMILARITY: np.array([], float)})
    vectors = features.vectors.astype(np.float32)
    if centred:
        vectors = vectors - vectors[said].mean(axis=0)
    length = np.linalg.norm(vectors, axis=1)
    length = np.where(length < 1e-9, 1, length)
    similarity = (vectors @ vectors[row]) / (length * length[row])
    others = np.flatnonzero(said & (np.arange(len(said)) != row))
    best = others[np.argsort(-similarity[others], kind="stable")[:k]]
    return pd.DataFrame(
        {ITEM: features.items.ids[best], SIMILARITY: similarity[best].clip(-1, 1).astype(float)}
    )


def _read_until(encoder: TransformersEncoder, sent: str, offsets: Sequence[tuple[int, int]]) -> int:
    """Where in ``sent`` the encoder stops reading, in characters."""
    if len(offsets) <= encoder.max_length:
        return len(sent)
    # The last place inside the window belongs to the closing special token.
    kept = offsets[: encoder.max_length - 1]
    return max(end for _start, end in kept)
