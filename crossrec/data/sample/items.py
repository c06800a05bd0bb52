"""The catalogue of the sample data: titles and descriptions that carry their topic."""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import numpy as np

CHINESE = 0.15
"""Share of items with Chinese text."""


@dataclass(frozen=True)
class SampleItem:
    """One item; ``topic`` is its number within the scenario."""

    item_id: str
    scenario: str
    topic: int
    category: str
    title: str
    text: str


def make_items(rng: np.random.Generator, per_topic: dict[str, int]) -> list[SampleItem]:
    """Items of every scenario, in mixed order; no title occurs twice in all of them.

    Args:
        rng: source of chance.
        per_topic: number of items per topic, by scenario.
    """
    items, taken = [], set()
    for scenario, words in _words().items():
        made = [
            (topic, about["name"], *text)
            for topic, about in enumerate(words["topics"])
            for text in _texts(about, words, per_topic[scenario], taken, rng)
        ]
        for number, place in enumerate(rng.permutation(len(made)), start=1):
            item_id = f"{words['prefix']}{number:03d}"
            items.append(SampleItem(item_id, scenario, *made[place]))
    return items


def _texts(
    about: dict, words: dict, count: int, taken: set[str], rng: np.random.Generator
) -> Iterator[tuple[str, str]]:
    """Title and text of ``count`` items of one topic."""
    chinese = round(CHINESE * count)
    for title in _take(_titles_en(about, rng), count - chinese, taken):
        yield title, _text_en(about, words, rng)
    for title in _take(_titles_zh(about, rng), chinese, taken):
        yield title, _text_zh(about, words, rng)


def _words() -> dict:
    return tomllib.loads(Path(__file__).with_name("words.toml").read_text("utf-8"))


def _list(words: str) -> list[str]:
    return words.split(", ")


def _titles_en(about: dict, rng: np.random.Generator) -> Iterator[str]:
    pairs = list(product(_list(about["a"]), _list(about["b"])))
    for place in rng.permutation(len(pairs)):
        yield " ".join(pairs[place])


def _titles_zh(about: dict, rng: np.random.Generator) -> Iterator[str]:
    pairs = list(product(_list(about["a_zh"]), _list(about["b_zh"])))
    for place in rng.permutation(len(pairs)):
        yield "".join(pairs[place])


def _take(titles: Iterator[str], count: int, taken: set[str]) -> list[str]:
    """The next ``count`` titles that nobody has taken."""
    found = []
    for title in titles:
        if len(found) == count:
            break
        if title.casefold() not in taken:
            taken.add(title.casefold())
            found.append(title)
    if len(found) < count:
        raise ValueError(f"expected words for {count} titles, found {len(found)}")
    return found


def _text_en(about: dict, words: dict, rng: np.random.Generator) -> str:
    first, second = rng.choice(_list(about["themes"]), 2, replace=False)
    return f"{about['kind']}: {first} and {second}, {rng.choice(_list(words['closing']))}."


def _text_zh(about: dict, words: dict, rng: np.random.Generator) -> str:
    first, second = rng.choice(_list(about["themes_zh"]), 2, replace=False)
    return f"{about['kind_zh']}：{first}与{second}，{rng.choice(_list(words['closing_zh']))}。"
