"""Knowledge read from item texts: one value of each facet per item, with a calibrated confidence.

A reader scores every value of a closed vocabulary against an item's text, less what it would say
of no text at all; the best value counts. How far it can be trusted is learnt from the catalogue
itself: items whose text names a value outright are read again with those very words taken out, and
a logistic curve over the margin of the best value is fitted to whether the reader still finds it.
The confidence is the height of that curve, so 0.7 means: of texts read this clearly, seven in ten
come out right even without the word. Where few texts name any value of a facet, most items have
none, and the confidence shrinks with them. What a text names outright counts as :data:`NAMED`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import pandas as pd

from crossrec.data.catalog import Catalog
from crossrec.data.ids import IdMap
from crossrec.data.values import values_of
from crossrec.errors import DataError
from crossrec.language.calibration import CAUTIOUS, Calibration, calibrated, without_names
from crossrec.language.template import item_texts
from crossrec.language.vocabulary import UNKNOWN_VALUE, Facet, Vocabulary, naming
from crossrec.progress import Progress, silent, stretch
from crossrec.schema import CATEGORY, ITEM, PRICE

FACET, VALUE, CONFIDENCE = "facet", "value", "confidence"
LONG_COLUMNS = (ITEM, FACET, VALUE, CONFIDENCE)
"""Columns of attributes as a long table, a row per item and facet."""
TRUSTED = 0.5
"""Below this confidence a value is shown as unknown, and links nothing."""

PRICE_LEVEL = "price level"
PRICE_LEVELS = ("low", "middle", "high")
NAMED = 0.8
"""Confidence in a value that the text names outright, and no other of its facet: an assumption."""

NAMING = 0.25
"""Of the items that have a value, this share says so outright: an assumption, for how many do."""

_EXAMPLES = 150  # of a facet, for the calibration


class AttributeReader(Protocol):
    """What scores the values of a facet against texts."""

    @property
    def id(self) -> str:
        """The reader's name, with the model it uses."""
        ...

    def scores(
        self, texts: Sequence[str], facet: Facet, *, progress: Progress = silent
    ) -> np.ndarray:
        """How well each value fits each text, shape (n, m), the empty text's fit taken out."""
        ...


@dataclass(frozen=True)
class AttributeTable:
    """What was read of every item.

    Attributes:
        items: item ids, n of them.
        vocabulary: F facets with their values.
        values: place of the best value in its facet, shape (n, F), int16; -1 where there is no text
            or the reader refused.
        confidence: that it is right, shape (n, F), float32, 0 to 1.
        reader: what read them.
        calibration: what the confidences of each facet rest on, by the facet's name.
        refused: items for which a model gave no valid answer.
    """

    items: IdMap
    vocabulary: Vocabulary
    values: np.ndarray
    confidence: np.ndarray
    reader: str
    calibration: Mapping[str, Calibration]
    refused: int = 0

    def __post_init__(self) -> None:
        shape = (len(self.items), len(self.vocabulary.facets))
        if self.values.shape != shape or self.confidence.shape != shape:
            raise DataError(f"expected attributes of shape {shape}", f"{self.values.shape}")

    def known(self, least: float = TRUSTED) -> np.ndarray:
        """Which values are trusted, shape (n, F), boolean."""
        return (self.values >= 0) & (self.confidence >= least)

    def named(self, facet: int, least: float = TRUSTED) -> np.ndarray:
        """Each item's value of a facet by name, shape (n,); "" where it is unknown."""
        names = np.array([*self.vocabulary.facets[facet].names, UNKNOWN_VALUE], dtype=object)
        return names[np.where(self.known(least)[:, facet], self.values[:, facet], -1)]

    def to_frame(self, least: float = 0.0) -> pd.DataFrame:
        """Long: one row per item and facet, columns ``item_id, facet, value, confidence``."""
        parts = [
            pd.DataFrame(
                {
                    ITEM: self.items.ids,
                    FACET: facet.name,
                    VALUE: self.named(at, least),
                    CONFIDENCE: self.confidence[:, at],
                }
            )
            for at, facet in enumerate(self.vocabulary.facets)
        ]
        empty = pd.DataFrame({name: [] for name in (ITEM, FACET, VALUE, CONFIDENCE)})
        return pd.concat(parts, ignore_index=True) if parts else empty

    def vectors(self) -> np.ndarray:
        """C(j) for the model: one column per value, holding the confidence, shape (n, d)."""
        blocks = []
        for at, facet in enumerate(self.vocabulary.facets):
            block = np.zeros((len(self.items), len(facet.values)), dtype=np.float32)
            rows = np.flatnonzero(self.values[:, at] >= 0)
            block[rows, self.values[rows, at]] = self.confidence[rows, at]
            blocks.append(block)
        return np.concatenate(blocks, axis=1)


def read_attributes(
    catalog: Catalog,
    vocabulary: Vocabulary,
    reader: AttributeReader,
    *,
    seed: int = 0,
    progress: Progress = silent,
) -> AttributeTable:
    """Read the attributes of a catalogue.

    Args:
        catalog: n items.
        vocabulary: what may be said of them.
        reader: what scores values against texts.
        seed: of the items drawn for the calibration.
        progress: phase "features", in facets.
    """
    texts = item_texts(catalog)
    rows = np.flatnonzero([bool(text) for text in texts])
    said = [texts[row] for row in rows]
    facets = vocabulary.facets
    values = np.full((len(texts), len(facets)), -1, dtype=np.int16)
    confidence = np.zeros(values.shape, dtype=np.float32)
    curves: dict[str, Calibration] = {}
    rng = np.random.default_rng(seed)
    for at, facet in enumerate(facets if said else ()):
        step = stretch(progress, at / len(facets), (at + 1) / len(facets))
        read = _read_facet(said, facet, reader, rng, step)
        values[rows, at], confidence[rows, at], curves[facet.name] = read
    return AttributeTable(catalog.items, vocabulary, values, confidence, reader.id, curves)


def _read_facet(
    texts: Sequence[str],
    facet: Facet,
    reader: AttributeReader,
    rng: np.random.Generator,
    progress: Progress,
) -> tuple[np.ndarray, np.ndarray, Calibration]:
    """Values and confidences of n texts, both (n,), and the curve they rest on."""
    scores = reader.scores(texts, facet, progress=progress)
    scale = float(scores.std()) or 1.0
    best, margin = _best(scores / scale)
    masked, truth = examples_of(texts, facet, rng)
    curve = CAUTIOUS
    if masked:
        again, clear = _best(reader.scores(masked, facet) / scale)
        curve = calibrated(clear, again == truth, seed=int(rng.integers(2**31)))
    named = np.array(naming(facet, texts))
    outright = named >= 0
    having = min(1.0, float(outright.mean()) / NAMING)  # share of items that have any value
    confidence = (having * curve.confidence(margin)).astype(np.float32)
    sure = np.where(outright & (best == named), np.maximum(confidence, NAMED), NAMED)
    return np.where(outright, named, best), np.where(outright, sure, confidence), curve


def trusted(attributes: pd.DataFrame, least: float = TRUSTED) -> pd.DataFrame:
    """The rows of a long table whose value is known with at least this confidence."""
    sure = (attributes[VALUE] != "") & (attributes[CONFIDENCE] >= least)
    return attributes.loc[sure]


def stated_attributes(
    catalog: Catalog, groups: Mapping[str, np.ndarray] | None = None, *, most_values: int = 0
) -> pd.DataFrame:
    """What the catalogue itself says: category, price level and, if asked for, other columns.

    Args:
        catalog: the items.
        groups: scenario -> rows of its items; price levels are thirds of a scenario's own prices,
            so that "high" means the same effort everywhere. Default: those the catalogue lists.
        most_values: further columns of text with 2 to so many different values are taken, too.

    Returns:
        Long, as :meth:`AttributeTable.to_frame`, with confidence 1.
    """
    parts = []
    for name, column in catalog.attributes.items():
        if column.dtype.kind == "O" and (
            name == CATEGORY or 2 <= len(_values(column)) <= most_values
        ):
            parts.append(_stated(catalog, name, column))
    price = catalog.attributes.get(PRICE)
    if price is not None and price.dtype.kind == "f":
        level = np.full(len(catalog), "", dtype=object)
        for rows in (groups or catalog.listed or {"": np.arange(len(catalog))}).values():
            level[rows] = _levels(price[rows])
        parts.append(_stated(catalog, PRICE_LEVEL, level))
    return pd.concat(parts, ignore_index=True) if parts else no_attributes()


def no_attributes() -> pd.DataFrame:
    """A long table of attributes without a row."""
    return pd.DataFrame({name: [] for name in LONG_COLUMNS})


def examples_of(
    texts: Sequence[str], facet: Facet, rng: np.random.Generator, most: int = _EXAMPLES
) -> tuple[list[str], np.ndarray]:
    """Texts that name one value of the facet, without those words, and which value it was."""
    named = np.array(naming(facet, texts), dtype=int)
    rows = np.flatnonzero(named >= 0)
    if len(rows) > most:
        rows = np.sort(rng.choice(rows, most, replace=False))
    pairs = [(int(row), int(named[row])) for row in rows]
    masked = [without_names(texts[row], facet.values[place].terms) for row, place in pairs]
    kept = [at for at, text in enumerate(masked) if text]
    return [masked[at] for at in kept], named[rows][kept]


def _best(scores: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Place of the best score of each row and how far it is above the next, both (n,)."""
    if not len(scores):
        return np.zeros(0, dtype=np.int16), np.zeros(0, dtype=np.float32)
    ordered = np.sort(scores, axis=1)
    return scores.argmax(axis=1).astype(np.int16), ordered[:, -1] - ordered[:, -2]


def _values(column: np.ndarray) -> set[str]:
    return {value for cell in set(column.tolist()) for value in values_of(cell)}


def _stated(catalog: Catalog, facet: str, column: np.ndarray) -> pd.DataFrame:
    """A row per item and value: a film of two genres has both."""
    values = [values_of(cell) for cell in column.tolist()]
    each = np.array([len(one) for one in values], dtype=np.int64)
    return pd.DataFrame(
        {
            ITEM: np.repeat(catalog.items.ids, each),
            FACET: facet,
            VALUE: np.array([value for one in values for value in one], dtype=object),
            CONFIDENCE: np.ones(each.sum(), dtype=np.float32),
        }
    )


def _levels(price: np.ndarray) -> np.ndarray:
    """Thirds of the known prices by name, "" where unknown, shape (n,), object."""
    known = np.isfinite(price)
    found = np.full(len(price), "", dtype=object)
    if len(np.unique(price[known])) >= len(PRICE_LEVELS):
        edges = np.quantile(price[known], [1 / 3, 2 / 3])
        names = np.array(PRICE_LEVELS, dtype=object)
        found[known] = names[np.searchsorted(edges, price[known], side="left")]
    return found
