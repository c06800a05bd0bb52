"""What scores the values of a facet against texts: an encoder (the default) or a generator."""

from collections.abc import Sequence

import numpy as np

from crossrec.language.cache import VectorCache
from crossrec.language.encoder import Encoder
from crossrec.language.generator import Generator
from crossrec.language.reading import read_texts
from crossrec.language.table import unit_rows
from crossrec.language.vocabulary import Facet
from crossrec.progress import Progress, silent

ENCODER, GENERATOR, ENDPOINT = "encoder", "generator", "endpoint"
READERS = (ENCODER, GENERATOR, ENDPOINT)


class EncoderReader:
    """Scores values by the similarity of their words with a text.

    Both sides are centred: what all texts of the catalogue share (the empty prompt of an encoder)
    says nothing, and neither does what all values of a facet share.

    Args:
        encoder: who reads texts and the values' words.
        texts: those of the catalogue, whose mean is taken out; "" where there is none.
        store: vectors read before.
        progress: phase "features", in distinct texts.
    """

    def __init__(
        self,
        encoder: Encoder,
        texts: Sequence[str],
        store: VectorCache | None = None,
        *,
        progress: Progress = silent,
    ) -> None:
        self._encoder, self._store = encoder, store
        distinct = sorted({text for text in texts if text})
        vectors = read_texts(distinct, encoder, store, progress=progress)
        self._known = dict(zip(distinct, vectors, strict=True))
        self._centre = vectors.mean(axis=0) if distinct else np.float32(0)

    @property
    def id(self) -> str:
        """Encoder and revision."""
        return f"{ENCODER}:{self._encoder.id}:{self._encoder.revision}"

    def scores(
        self, texts: Sequence[str], facet: Facet, *, progress: Progress = silent
    ) -> np.ndarray:
        """Cosine of centred text and centred value, shape (n, m)."""
        words = [value.words for value in facet.values]
        values = read_texts(words, self._encoder, self._store)
        values = unit_rows(values - values.mean(axis=0))
        new = sorted({text for text in texts if text not in self._known})
        if new:
            read = read_texts(new, self._encoder, self._store, progress=progress)
            self._known.update(zip(new, read, strict=True))
        vectors = np.stack([self._known[text] for text in texts])
        progress("features", 1, 1)
        return unit_rows(vectors - self._centre) @ values.T


class GeneratorReader:
    """Scores values by how likely the generator would say them of a text.

    The log-likelihood of the same value after a prompt without any text is taken out: what is
    likely to be said of anything says nothing.

    Args:
        generator: the language model.
    """

    _PROMPT = 'Here is a product between quotes.\n"{text}"\nWhich {facet} fits it best?'
    _NO_TEXT = "(nothing is known about it)"
    _LONGEST = 300  # characters of a text

    def __init__(self, generator: Generator) -> None:
        self._generator = generator

    @property
    def id(self) -> str:
        """Generator and revision."""
        return f"{GENERATOR}:{self._generator.id}:{self._generator.revision}"

    def scores(
        self, texts: Sequence[str], facet: Facet, *, progress: Progress = silent
    ) -> np.ndarray:
        """Log-likelihood of each value less that without a text, shape (n, m)."""
        unique = list(dict.fromkeys(text[: self._LONGEST] for text in texts))
        prompts = [
            self._PROMPT.format(text=text.replace('"', "'"), facet=facet.name)
            for text in [*unique, self._NO_TEXT]
        ]
        answer = f"The {facet.name} that fits best is"
        found = self._generator.score(prompts, facet.names, answer=answer, progress=progress)
        row = {text: at for at, text in enumerate(unique)}
        rows = [row[text[: self._LONGEST]] for text in texts]
        return found[rows] - found[-1]
