"""What reading a catalogue will take, before it starts."""

from dataclasses import dataclass
from pathlib import Path

from crossrec.data.catalog import Catalog
from crossrec.language.cache import VectorCache, text_keys
from crossrec.language.encoder import Encoder
from crossrec.language.endpoint import about_tokens
from crossrec.language.reading import Parts, chosen_encoder, opened
from crossrec.language.template import TextTemplate
from crossrec.language.tfidf import BASELINES

NO_TEXT = "none"
"""The encoder id of a table made from a catalogue without any text: all vectors are zero."""

_USUAL_SPEED = 20_000.0  # characters per second where no run was measured yet
_BASELINE_SPEED = 5_000.0  # texts per second


@dataclass(frozen=True)
class Cost:
    """What reading a catalogue will take.

    Attributes:
        encoder: id of the encoder.
        texts: items with a text.
        distinct: different texts among them (pieces, where long texts are read whole).
        cached: distinct texts that were read before.
        seconds: estimate for the rest, from this machine's last run where there was one.
        measured: whether the estimate rests on such a run.
        tokens: of the rest, roughly (one per CJK character, one per four others).
    """

    encoder: str
    texts: int
    distinct: int
    cached: int
    seconds: float
    measured: bool
    tokens: int = 0

    @property
    def new(self) -> int:
        """Distinct texts still to be read."""
        return self.distinct - self.cached


def cost(
    catalog: Catalog,
    *,
    encoder: str | Encoder = "auto",
    template: TextTemplate | None = None,
    cache: bool | VectorCache | Path = True,
) -> Cost:
    """How many texts there are, how many were read before, and how long the rest will take.

    Nothing is sent anywhere, whatever the encoder.

    Raises:
        ModelMissing: the encoder is not on this machine.
        ColumnMissing: the template names a column that is not in the catalogue.
    """
    template = template or TextTemplate()
    texts = [text for text in template.texts(catalog) if text]
    unique = sorted(set(texts))
    if not unique or encoder in BASELINES:
        name = str(encoder) if unique else NO_TEXT
        seconds = len(unique) / _BASELINE_SPEED
        return Cost(name, len(texts), len(unique), 0, seconds, measured=False)
    chosen = chosen_encoder(encoder, unique, None)
    pieces = Parts.of(unique, chosen, whole=template.whole).texts
    keys = text_keys(chosen.id, chosen.revision, pieces)
    with opened(cache) as store:
        speed = None if store is None else store.speed(chosen.revision)
        found = set() if store is None else store.known(keys)
    left = [text for text, key in zip(pieces, keys, strict=True) if key not in found]
    return Cost(
        chosen.id,
        len(texts),
        len(pieces),
        len(found),
        seconds=sum(map(len, left)) / (speed or _USUAL_SPEED),
        measured=speed is not None,
        tokens=sum(map(about_tokens, left)),
    )
