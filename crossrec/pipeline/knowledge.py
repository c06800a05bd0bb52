"""What the language model knows of a finished run: attributes and profiles as verbs."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from crossrec.data.catalog import Catalog
from crossrec.data.log import InteractionLog, concat
from crossrec.errors import DataError, ModelMissing
from crossrec.language import AUTO, SMOLLM, item_texts
from crossrec.language.attributes import (
    AttributeTable,
    no_attributes,
    read_attributes,
    stated_attributes,
)
from crossrec.language.attributes_endpoint import EndpointReader, read_by_endpoint
from crossrec.language.cache import VectorCache
from crossrec.language.generator import generator_installed, load_generator
from crossrec.language.profiles import Profile, build_profiles
from crossrec.language.readers import ENCODER, ENDPOINT, GENERATOR, EncoderReader, GeneratorReader
from crossrec.language.reading import chosen_encoder, read_texts
from crossrec.language.scenarios import describe_scenarios
from crossrec.language.themes import propose
from crossrec.language.vocabulary import Vocabulary, read_vocabulary
from crossrec.language.written import TextCache
from crossrec.progress import Progress, silent, stretch
from crossrec.workspace import Run
from crossrec.workspace.knowledge import read_attributes as kept_attributes
from crossrec.workspace.knowledge import read_descriptions, write_attributes
from crossrec.workspace.knowledge import write_profiles as keep_profiles


@dataclass(frozen=True)
class KnowledgeConfig:
    """How items are read.

    Attributes:
        reader: "encoder" (similarity; seconds), "generator" (log-likelihood; about a minute per
            hundred items on one processor), or "endpoint" (a model server, by JSON schema).
        model: which one; "" for the bundled ones, ``http://HOST/v1#MODEL`` for an endpoint.
        vocabulary: a JSON file to use; None to propose one from the catalogue.
        themes: how many to look for in a proposed one, 0 to choose by the number of items.
        seed: of everything random.
    """

    reader: str = ENCODER
    model: str = ""
    vocabulary: Path | None = None
    themes: int = 0
    seed: int = 0

    def __post_init__(self) -> None:
        readers = (ENCODER, GENERATOR, ENDPOINT)
        if self.reader not in readers:
            raise DataError(f"expected a reader of {', '.join(readers)}", repr(self.reader))
        if self.reader == ENDPOINT and not self.model:
            raise DataError(
                "expected the model server to ask", "none", "Name it as http://HOST/v1#MODEL"
            )


def propose_vocabulary(run: Path, *, themes: int = 0, seed: int = 0) -> Vocabulary:
    """A vocabulary proposed from a run's catalogue, to be edited.

    Raises:
        DataError: no item has text, or the texts have too little in common.
    """
    opened = Run(run)
    catalog = opened.catalog()
    return proposed_vocabulary(catalog, item_texts(catalog), themes=themes or None, seed=seed)


def read_knowledge(
    run: Path, config: KnowledgeConfig | None = None, *, progress: Progress = silent
) -> dict[str, Any]:
    """Read the attributes of a run's items and keep them with the run.

    Args:
        run: a finished run.
        config: how; default by the encoder, with a vocabulary proposed from the catalogue.
        progress: phase "features".

    Returns:
        What was read, as JSON-able values: reader, items, per facet the share that is known.

    Raises:
        DataError: no item has text, or the vocabulary is not one.
        ModelMissing: the reader is not on this machine.
        EndpointFailed: the model server does not answer; answers so far are kept.
    """
    config = config or KnowledgeConfig()
    opened = Run(run)
    catalog = opened.catalog()
    texts = item_texts(catalog)
    if config.vocabulary is not None:
        vocabulary = read_vocabulary(config.vocabulary)
    else:
        vocabulary = proposed_vocabulary(
            catalog, texts, themes=config.themes or None, seed=config.seed
        )
    table = read_table(catalog, texts, vocabulary, config, progress)
    progress("save", 0, 1)
    write_attributes(opened, table, stated_attributes(catalog))
    progress("save", 1, 1)
    shares = table.known().mean(axis=0) if len(catalog) else np.zeros(len(vocabulary.facets))
    return {
        "reader": table.reader,
        "items": len(catalog),
        "refused": table.refused,
        "known": {
            facet.name: float(share) for facet, share in zip(vocabulary.facets, shares, strict=True)
        },
    }


def scenario_descriptions(run: Run) -> dict[str, str]:
    """What the scenarios of a run are: as typed, else written from the catalogue."""
    known = kept_attributes(run)
    made = describe_scenarios(run.log(), run.catalog(), None if known is None else known.attributes)
    return {**made, **{name: said for name, said in read_descriptions(run).items() if said}}


def profile_users(
    run: Path,
    users: tuple[str, ...] = (),
    *,
    most: int = 50,
    written: bool = True,
    seed: int = 0,
    progress: Progress = silent,
) -> list[Profile]:
    """Make users' profiles in every scenario they were seen in, and keep them with the run.

    Only rows before the test cut are read, so a profile gives nothing away of what is judged.

    Args:
        run: a finished run, whose attributes were read.
        users: user ids; default ``most`` of the users with rows in several scenarios, drawn.
        most: how many to draw.
        written: let the bundled generator write the sentences, where it is installed.
        seed: of the drawing.
        progress: phase "features", in sentences.

    Raises:
        UnknownId: a user is not in the log.
    """
    opened = Run(run)
    knowledge = kept_attributes(opened)
    attributes = no_attributes() if knowledge is None else knowledge.attributes
    log = _before_test(opened)
    pairs = _pairs(log, tuple(log.users.as_here(users)) or _drawn(log, most, seed))
    generator = load_generator(progress=progress) if written and generator_installed() else None
    found = build_profiles(
        log, pairs, opened.catalog(), attributes, generator=generator, progress=progress
    )
    keep_profiles(opened, found)
    return found


def write_profiles(
    run: Path,
    users: tuple[str, ...] = (),
    *,
    most: int = 50,
    written: bool = True,
    seed: int = 0,
    progress: Progress = silent,
) -> dict[str, int]:
    """:func:`profile_users` as a job: how many profiles, how many written by a model."""
    found = profile_users(run, users, most=most, written=written, seed=seed, progress=progress)
    return {"profiles": len(found), "written": sum(each.machine_written for each in found)}


def proposed_vocabulary(
    catalog: Catalog, texts: Sequence[str], *, themes: int | None = None, seed: int = 0
) -> Vocabulary:
    """A vocabulary from a catalogue's texts, read by the bundled encoder.

    Raises:
        DataError: no item has text, or the texts have too little in common.
    """
    if not any(texts):
        raise DataError("expected items with text to read", "none", "Map a title column")
    with VectorCache() as store:
        vectors = read_texts(texts, chosen_encoder(AUTO, texts, None), store)
    found = propose(texts, vectors, catalog.listed, themes=themes, seed=seed)
    if not found.facets:
        raise DataError(
            "expected texts with enough in common to propose a vocabulary from",
            f"{sum(map(bool, texts)):,} texts",
            "Write a vocabulary as JSON and name it",
        )
    return found


def read_table(
    catalog: Catalog,
    texts: Sequence[str],
    vocabulary: Vocabulary,
    config: KnowledgeConfig,
    progress: Progress,
) -> AttributeTable:
    """The attributes of a catalogue by the reader that ``config`` names.

    Raises:
        ModelMissing: the reader is not on this machine.
        EndpointFailed: the model server does not answer; answers so far are kept.
    """
    if config.reader == ENDPOINT:
        with TextCache() as cache:
            asked = EndpointReader.of(config.model, cache)
            return read_by_endpoint(catalog, vocabulary, asked, seed=config.seed, progress=progress)
    if config.reader == GENERATOR:
        if not config.model and not generator_installed():
            raise ModelMissing(
                "expected a language model that writes text",
                "none installed",
                "crossrec models install SmolLM2-135M-Instruct, or read by the encoder",
            )
        reader = GeneratorReader(load_generator(config.model or SMOLLM, progress=progress))
        return read_attributes(catalog, vocabulary, reader, seed=config.seed, progress=progress)
    encoder = chosen_encoder(config.model or AUTO, texts, None, progress)
    with VectorCache() as store:
        reader = EncoderReader(encoder, texts, store, progress=stretch(progress, 0.0, 0.5))
        return read_attributes(
            catalog, vocabulary, reader, seed=config.seed, progress=stretch(progress, 0.5, 1.0)
        )


def _before_test(run: Run) -> InteractionLog:
    if "split" not in run.parts:
        return run.log()
    split = run.split()
    return concat(split.train, split.valid)


def _drawn(log: InteractionLog, most: int, seed: int) -> tuple[str, ...]:
    """Users seen in several scenarios first, then others."""
    seen = np.zeros((len(log.users), len(log.scenarios)), dtype=bool)
    seen[log.user, log.scenario] = True
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(log.users))
    places = seen.sum(axis=1)[order]
    order = order[np.argsort(-np.minimum(places, 2), kind="stable")]
    return tuple(str(log.users.ids[at]) for at in order[:most] if seen[at].any())


def _pairs(log: InteractionLog, users: tuple[str, ...]) -> list[tuple[str, str]]:
    codes = [log.users.code(user, "user") for user in users]
    mine = np.isin(log.user, codes)
    seen = set(zip(log.user[mine].tolist(), log.scenario[mine].tolist(), strict=True))
    return [
        (user, str(log.scenarios.ids[at]))
        for user, code in zip(users, codes, strict=True)
        for at in range(len(log.scenarios))
        if (code, at) in seen
    ]
