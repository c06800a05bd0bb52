"""Looking into the reading: what exactly is sent, where it is cut, which items come out alike."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from crossrec.data.catalog import Catalog
from crossrec.language import bundled
from crossrec.language.counting import plain_tokenizer
from crossrec.language.decoder import DecoderEncoder
from crossrec.language.encoder import AUTO, LoadedEncoder, choose_encoder, load_encoder
from crossrec.language.endpoint import EndpointEncoder, about_tokens
from crossrec.language.table import FeatureTable
from crossrec.language.template import TextTemplate
from crossrec.language.tfidf import BASELINES, terms
from crossrec.language.transformer import TransformersEncoder
from crossrec.schema import ITEM

SIMILARITY = "similarity"
ALIKE = "alike"
_BATCH = 2_000


@dataclass(frozen=True)
class Preview:
    """One item as the encoder gets it.

    Attributes:
        item_id, encoder: whose text, read by what.
        sent: the exact text, prefix and prompt included, "" if the item has none.
        tokens: its tokens in order, special tokens included, uncut; none where a server does not
            show them.
        count: how many tokens that is; an estimate where ``tokens`` is empty.
        limit: tokens the encoder reads; 0 where there is no limit or it is not known.
        read, cut, ending: ``sent`` in three parts: what is read, what is beyond the limit, and
            what a decoder is asked after the text.
        pieces: parts in which the text is read, more than 1 only where it is read whole.
    """

    item_id: str
    encoder: str
    sent: str
    tokens: tuple[str, ...]
    count: int
    limit: int
    read: str
    cut: str
    ending: str = ""
    pieces: int = 1

    @property
    def truncated(self) -> bool:
        """Whether some of the text is not read."""
        return bool(self.cut)


def preview(
    catalog: Catalog, encoder_id: str, item: str, *, template: TextTemplate | None = None
) -> Preview:
    """The exact text sent for one item, its tokens, and where it is cut. Nothing is sent.

    Raises:
        UnknownId: the item is not in the catalogue.
        ModelMissing: the encoder is not on this machine.
        ColumnMissing: the template names a column that is not in the catalogue.
    """
    template = template or TextTemplate()
    texts = template.texts(catalog)
    text = texts[catalog.items.code(item, "item")]
    name = choose_encoder(texts) if encoder_id == AUTO else encoder_id
    if name in BASELINES:
        words = tuple(terms(text))
        return Preview(item, name, text, words, len(words), 0, text, "")
    encoder = _counting(name)
    if not text:
        limit = 0 if isinstance(encoder, EndpointEncoder) else encoder.max_length
        return Preview(item, encoder.id, "", (), 0, limit, "", "")
    if isinstance(encoder, EndpointEncoder):
        return _sent_away(item, encoder, text, template)
    return _read_here(item, encoder, text, template)


def _counting(name: str) -> LoadedEncoder:
    """An encoder that is asked about tokens only: a bundled one does without transformers."""
    encoder = load_encoder(name)
    if isinstance(encoder, TransformersEncoder) and bundled.known(name) is not None:
        encoder.tokenizer = plain_tokenizer(encoder.folder)
    return encoder


def _sent_away(item: str, encoder: EndpointEncoder, text: str, template: TextTemplate) -> Preview:
    sent = encoder.sent(text)
    whole = encoder.prefix + text
    pieces = len(encoder.pieces(text)) if template.whole else 1
    read = whole if template.whole else sent
    return Preview(
        item, encoder.id, whole, (), about_tokens(whole), 0, read, whole[len(read) :], "", pieces
    )


def _read_here(
    item: str, encoder: TransformersEncoder, text: str, template: TextTemplate
) -> Preview:
    sent = encoder.sent(text)
    ids = encoder.tokenizer(sent)["input_ids"]
    tokens = tuple(encoder.tokenizer.convert_ids_to_tokens(ids))
    asked = len(encoder.suffix) if isinstance(encoder, DecoderEncoder) else 0
    body, ending = sent[: len(sent) - asked], sent[len(sent) - asked :]
    pieces = len(encoder.pieces(text)) if template.whole else 1
    end = len(body) if template.whole else min(encoder.read_until(text), len(body))
    return Preview(
        item, encoder.id, sent, tokens, len(tokens), encoder.max_length,
        body[:end], body[end:], ending, pieces,
    )  # fmt: skip


def token_lengths(texts: Sequence[str], encoder_id: str = AUTO) -> np.ndarray:
    """Tokens of every text, uncut, shape (len(texts),), int32; 0 for an empty text.

    Prefix, prompt and special tokens count, as they do against the encoder's limit. For the named
    baselines these are terms; for a server, an estimate.

    Raises:
        ModelMissing: the encoder is not on this machine.
    """
    name = choose_encoder(texts) if encoder_id == AUTO else encoder_id
    lengths = np.zeros(len(texts), dtype=np.int32)
    rows = [row for row, text in enumerate(texts) if text]
    if name in BASELINES:
        lengths[rows] = [len(terms(texts[row])) for row in rows]
        return lengths
    encoder = _counting(name)
    for start in range(0, len(rows), _BATCH):
        part = rows[start : start + _BATCH]
        lengths[part] = encoder.lengths([texts[row] for row in part])
    return lengths


def neighbours(
    features: FeatureTable,
    item_id: str,
    k: int = 10,
    *,
    centred: bool = True,
    distinct: bool = False,
) -> pd.DataFrame:
    """The items whose vectors point the same way.

    Args:
        features: the vectors.
        item_id: the item to look around.
        k: how many neighbours, fewer where there are fewer items with text.
        centred: subtract the mean vector first. Encoders such as E5 put all texts into a narrow
            cone (every cosine above 0.7); centring spreads them without changing the order much.
        distinct: of items with the same text list the first one only, and say how many there are.

    Returns:
        Columns ``item_id, similarity`` (cosine, -1..1), best first, and with ``distinct`` also
        ``alike`` (items with this text); empty if the item has no text.

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
    order = others[np.argsort(-similarity[others], kind="stable")]
    groups = _first_of_each(features.vectors, order, k) if distinct else dict.fromkeys(order[:k], 1)
    best = np.fromiter(groups, dtype=np.int64, count=len(groups))
    near = similarity[best].clip(-1, 1).astype(float)
    found = pd.DataFrame({ITEM: features.items.ids[best], SIMILARITY: near})
    return found.assign(**{ALIKE: list(groups.values())}) if distinct else found


def _first_of_each(vectors: np.ndarray, order: np.ndarray, k: int) -> dict[int, int]:
    """The first k rows of different vectors in an order, and how many rows have each vector."""
    first: dict[bytes, int] = {}
    for row in order.tolist():
        first.setdefault(vectors[row].tobytes(), row)
        if len(first) == k:
            break
    return {row: int((vectors[order] == vectors[row]).all(axis=1).sum()) for row in first.values()}
