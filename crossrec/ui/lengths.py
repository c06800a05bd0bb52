"""What the Features page asks the tokenizer, each answered once per server and run."""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pandas as pd
import streamlit as st

from crossrec import language
from crossrec.ui import reading, state
from crossrec.ui.reading import ReadingChoice
from crossrec.workspace import Run

ENCODERS: Final = (
    language.AUTO,
    language.MINILM,
    language.E5,
    language.SMOLLM,
    language.TFIDF,
    language.BOW,
    language.WORD2VEC,
)
"""Encoders a form offers; the last three are baselines without a language model."""

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


def encoder_of(run: Run) -> str:
    """The name the run's encoder is found by: a folder's whole path, where it is one."""
    asked = reading.of_run(run).encoder
    return state.read(run, "features").encoder if asked == language.AUTO else asked


def preview(run: Run, item: str, choice: ReadingChoice | None = None) -> language.Preview:
    """:func:`crossrec.language.preview` as the run read it, or as another choice would."""
    chosen = choice or replace(reading.of_run(run), encoder=encoder_of(run))
    return _preview(str(run.path), item, chosen)


@st.cache_data(max_entries=200, show_spinner=False)
def _preview(path: str, item: str, choice: ReadingChoice) -> language.Preview:
    catalog = state.read(Run(path), "catalog")
    return language.preview(catalog, choice.encoder, item, template=choice.template)


def scripts(run: Run) -> pd.DataFrame:
    """In which scripts the texts are written: ``scenario, script, share``; "" for all items."""
    return _scripts(str(run.path))


@st.cache_resource(max_entries=50, show_spinner=False)
def _scripts(path: str) -> pd.DataFrame:
    run = Run(path)
    catalog, log = state.read(run, "catalog"), state.read(run, "log")
    texts = np.array(reading.of_run(run).template.texts(catalog), dtype=object)
    groups = {"": np.arange(len(texts))}
    for code, name in enumerate(log.scenarios.ids):
        inside = log.items.ids[np.unique(log.item[log.scenario == code])]
        codes = catalog.items.codes(inside)
        groups[str(name)] = codes[codes >= 0]
    rows = [
        (name, script, share)
        for name, codes in groups.items()
        for script, share in language.script_shares(list(texts[codes])).items()
    ]
    return pd.DataFrame(rows, columns=["scenario", "script", "share"])


def histogram(run: Run) -> Histogram:
    """Token lengths of at most :data:`SAMPLE` item texts, drawn with a fixed seed."""
    return _histogram(str(run.path))


@st.cache_resource(max_entries=50, show_spinner=False)
def _histogram(path: str) -> Histogram:
    run = Run(path)
    encoder = encoder_of(run)
    made = reading.of_run(run).template.texts(state.read(run, "catalog"))
    texts = [text for text in made if text]
    if len(texts) > SAMPLE:
        rows = np.random.default_rng(0).choice(len(texts), SAMPLE, replace=False)
        texts = [texts[row] for row in np.sort(rows)]
    counts = language.token_lengths(texts, encoder)
    limit = _limit(encoder) or int(counts.max())
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


def _limit(encoder: str) -> int:
    """Tokens an encoder reads, 0 where there is no limit or it is not known."""
    if encoder in language.BASELINES:
        return 0
    found = language.load_encoder(encoder)
    return 0 if isinstance(found, language.EndpointEncoder) else found.max_length


def cost(run: Run, choice: ReadingChoice) -> language.Cost:
    """What reading the run's items another way would take; looked up again after a minute.

    Raises:
        ModelMissing: the encoder is not on this machine.
        EndpointFailed: the address of a server is not one.
    """
    return _cost(str(run.path), choice)


@st.cache_data(max_entries=50, ttl=60, show_spinner=False)
def _cost(path: str, choice: ReadingChoice) -> language.Cost:
    catalog = state.read(Run(path), "catalog")
    return language.cost(catalog, encoder=choice.encoder, template=choice.template)
