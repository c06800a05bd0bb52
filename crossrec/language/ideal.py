"""Candidates by description: the generator says what would suit a user next, its vector finds it.

Source: 002 §3.2 step 4. The description is never shown as a fact about an item; it is only a
place to look from. What it finds is put beside a model's own candidates (:func:`union`), scored
and ordered by the model as any other. Off by default: measure recall first (docs/knowledge.md).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from crossrec.language.encoder import Encoder
from crossrec.language.generator import Generator
from crossrec.language.profiles import Profile
from crossrec.language.table import FeatureTable, unit_rows
from crossrec.language.text import clean
from crossrec.language.written import TextCache, write_cached
from crossrec.progress import Progress, silent

_MAX_TOKENS = 24
_ANSWER = "A product title:"
_TITLES = 6


@dataclass(frozen=True)
class Ideal:
    """What would suit a user next.

    Attributes:
        text: the title the generator made up, "" where nothing is known of the user.
        prompt: what it was given.
        writer: the generator.
    """

    text: str
    prompt: str
    writer: str


def describe_next(
    profiles: Sequence[Sequence[Profile]],
    target: str,
    generator: Generator,
    *,
    cache: TextCache | None = None,
    progress: Progress = silent,
) -> list[Ideal]:
    """Describe the ideal next item of each user in a scenario.

    Args:
        profiles: per user what is known of them, in any scenario, made from training rows.
        target: the scenario to find something in.
        generator: the language model.
        cache: of what it wrote before.
        progress: phase "features", in users.
    """
    prompts = [_prompt(known, target) for known in profiles]
    asked = [at for at, prompt in enumerate(prompts) if prompt]
    texts = write_cached(
        generator,
        [prompts[at] for at in asked],
        max_tokens=_MAX_TOKENS,
        answer=_ANSWER,
        cache=cache,
        progress=progress,
    )
    said = dict(zip(asked, texts, strict=True))
    return [
        Ideal(clean(said.get(at, "").removeprefix(_ANSWER)), prompt, generator.id)
        for at, prompt in enumerate(prompts)
    ]


def retrieve(
    ideals: Sequence[Ideal],
    encoder: Encoder,
    features: FeatureTable,
    items: np.ndarray,
    k: int = 100,
) -> np.ndarray:
    """The items nearest to what was described.

    Args:
        ideals: of n users.
        encoder: the one ``features`` were read by.
        features: vectors of items.
        items: ids of the target's items, shape (m,).
        k: how many each.

    Returns:
        Places in ``items``, nearest first, shape (n, min(k, m)); -1 where nothing was described.
    """
    vectors = features.rows(items)
    said = np.linalg.norm(vectors, axis=1) > 0
    centre = vectors[said].mean(axis=0) if said.any() else np.zeros(features.dim, np.float32)
    read = [at for at, each in enumerate(ideals) if each.text]
    found = np.full((len(ideals), min(k, len(items))), -1, dtype=np.int64)
    if read:
        made = features.like(encoder.encode([ideals[at].text for at in read]))
        asked = unit_rows(made - centre)
        scores = asked @ unit_rows(np.where(said[:, None], vectors - centre, 0)).T
        found[read] = np.argsort(-scores, axis=1, kind="stable")[:, : found.shape[1]]
    return found


def union(first: np.ndarray, second: np.ndarray, k: int) -> np.ndarray:
    """Two candidate lists as one of the same length: taken in turns, each item once.

    Args:
        first: places of a model's candidates, best first, shape (n, a).
        second: places of others, shape (n, b); -1 where there is none.
        k: length of the result; the model's list fills what the other leaves free.

    Returns:
        shape (n, k); -1 where both are used up.
    """
    found = np.full((len(first), k), -1, dtype=np.int64)
    for row, (one, two) in enumerate(zip(first.tolist(), second.tolist(), strict=True)):
        turns = [each for pair in zip(one, two, strict=False) for each in pair]
        longer = one if len(one) > len(two) else two
        rest = longer[min(len(one), len(two)) :]
        listed = list(dict.fromkeys(each for each in [*turns, *rest] if each >= 0))[:k]
        found[row, : len(listed)] = listed
    return found


def recall(candidates: np.ndarray, truth: Sequence[Sequence[int]]) -> np.ndarray:
    """Share of each user's held-out items among the candidates, shape (n,).

    Recall@k = |candidates and truth| / |truth|; users without held-out items are NaN.
    """
    return np.array(
        [
            len(set(row) & set(held)) / len(set(held)) if len(held) else np.nan
            for row, held in zip(candidates.tolist(), truth, strict=True)
        ]
    )


def _prompt(known: Sequence[Profile], target: str) -> str:
    titles = [title for profile in known for title in profile.titles[:_TITLES]]
    if not titles:
        return ""
    lines = [
        "A shopper bought:",
        *(f"- {title}" for title in titles[: 2 * _TITLES]),
        f"Name one more product from {clean(target)} that this shopper would want next.",
        "Answer with a product title only.",
    ]
    return "\n".join(lines)
