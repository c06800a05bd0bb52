"""What the Features page asks the tokenizer, each answered once per server and run."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
import streamlit as st

from crossrec import language
from crossrec.ui import state
from crossrec.workspace import Run

ENCODERS: Final = (
    language.AUTO,
    language.MINILM,
    language.E5,
    language.TFIDF,
    language.BOW,
)
"""Encoders a form offers; the last two are baselines without a language model."""

SAMPLE: Final = 4000
_BINS: Final = 40


@dataclass(frozen=True)
class Histogram:
    """Token lengths of item texts.

    Attributes:
        bins: ``low, high`` (token counts, both inside) and ``items``.
        limit: tokens the encoder reads.
        truncated: items above it.
        median: tokens of the middle item.
        read: how many texts were counted.
    """

    bins: pd.DataFrame
    limit: int
    truncated: int
    median: float
    read: int


def preview(run: Run, item: str) -> language.Preview:
    """:func:`crossrec.language.preview` with the run's encoder."""
    return _preview(str(run.path), item)


@st.cache_data(max_entries=200, show_spinner=False)
def _preview(path: str, item: str) -> language.Preview:
    run = Run(path)
    encoder = state.read(run, "features").encoder
    return language.preview(state.read(run, "catalog"), encoder, item)


def histogram(run: Run) -> Histogram:
    """Token lengths of at most :data:`SAMPLE` item texts, drawn with a fixed seed."""
    return _histogram(str(run.path))


@st.cache_resource(max_entries=50, show_spinner=False)
def _histogram(path: str) -> Histogram:
    run = Run(path)
    encoder = state.read(run, "features").encoder
    texts = [text for text in language.item_texts(state.read(run, "catalog")) if text]
    if len(texts) > SAMPLE:
        rows = np.random.default_rng(0).choice(len(texts), SAMPLE, replace=False)
        texts = [texts[row] for row in np.sort(rows)]
    counts = language.token_lengths(texts, encoder)
    baseline = encoder in language.BASELINES
    limit = int(counts.max()) if baseline else language.load_encoder(encoder).max_length
    width = max(1, int(np.ceil((counts.max() + 1) / _BINS)))
    # A bin ends at the limit, so that cut and uncut texts never share one.
    edges = np.unique(np.r_[np.arange(0, counts.max() + width + 1, width), limit + 1])
    items, _ = np.histogram(counts, bins=np.r_[edges, edges[-1] + width])
    bins = pd.DataFrame({"low": edges, "high": np.r_[edges[1:], edges[-1] + width] - 1})
    bins = bins.assign(items=items)
    last = int(np.flatnonzero(items)[-1])
    return Histogram(
        bins.iloc[: last + 1],
        limit,
        int((counts > limit).sum()),
        float(np.median(counts)),
        len(texts),
    )


def cost(run: Run, encoder: str) -> language.Cost:
    """What reading the run's items with another encoder would take; looked up again after a minute.

    Raises:
        ModelMissing: the encoder is not on this machine.
    """
    return _cost(str(run.path), encoder)


@st.cache_data(max_entries=50, ttl=60, show_spinner=False)
def _cost(path: str, encoder: str) -> language.Cost:
    return language.cost(state.read(Run(path), "catalog"), encoder=encoder)
