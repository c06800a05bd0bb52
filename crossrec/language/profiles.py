"""User profiles per scenario, L(u, s): what a user's own rows in a scenario say.

Source: 001 §3.2, 002 §3.2. A profile has numbers (counts, categories, attributes, price level,
hours), the weighted mean of the items' vectors (:func:`profile_vectors`) and one sentence. The
sentence is written by the generator from those facts alone and marked so; if it names anything
that is not among them, a plain sentence made from the numbers takes its place.

Only the rows handed in are read, and of them only the user's own: pass the training rows where
anything is judged by a profile.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from html import unescape

import numpy as np
import pandas as pd

from crossrec.data.catalog import Catalog
from crossrec.data.log import InteractionLog, TimeKind
from crossrec.language.attributes import FACET, PRICE_LEVEL, VALUE, trusted
from crossrec.language.generator import Generator
from crossrec.language.grounding import fact_words, first_sentence, ungrounded
from crossrec.language.table import FeatureTable, unit_rows
from crossrec.language.text import clean, has_cjk
from crossrec.language.written import TextCache, write_cached
from crossrec.progress import Progress, silent
from crossrec.schema import CATEGORY, ITEM

DAY_PARTS = ("night", "morning", "afternoon", "evening")
"""Hours 0-5, 6-11, 12-17 and 18-23 of the log's clock."""

_TITLES = 8  # of the strongest and newest items, shown to the generator
_TITLE_LENGTH = 90
_LEAST_SHARE = 0.2  # of a user's items, for an attribute to be said of the user
_MAX_TOKENS = 24
_ANSWER = "The shopper is interested in"


@dataclass(frozen=True)
class Profile:
    """What a user's rows in one scenario say.

    Attributes:
        user, scenario: whose, where.
        rows: interactions.
        items: different items.
        categories: category -> share of the items, the largest three.
        attributes: "facet: value" -> share of the items, the largest six.
        price_level: the most frequent one, "" if unknown.
        day_parts: part of the day -> share of the rows, {} without clock times.
        titles: of the strongest items, newest first among equals, at most eight.
        sentence: the profile in words.
        writer: the generator that wrote the sentence, "" if it was made from the numbers.
        prompt: what the generator was given, "" if none was asked.
        refused: what it wrote where that was not shown, with the words no fact holds.
    """

    user: str
    scenario: str
    rows: int
    items: int
    categories: Mapping[str, float] = field(default_factory=dict)
    attributes: Mapping[str, float] = field(default_factory=dict)
    price_level: str = ""
    day_parts: Mapping[str, float] = field(default_factory=dict)
    titles: tuple[str, ...] = ()
    sentence: str = ""
    writer: str = ""
    prompt: str = ""
    refused: str = ""

    @property
    def machine_written(self) -> bool:
        """Whether a language model wrote the sentence."""
        return bool(self.writer)

    @property
    def subjects(self) -> tuple[str, ...]:
        """What the items are: titles, categories and the values of attributes."""
        values = (name.split(": ", 1)[-1] for name in self.attributes)
        return (*self.titles, *self.categories, *values)

    @property
    def facts(self) -> tuple[str, ...]:
        """Everything the sentence may name."""
        return (self.scenario, *self.subjects)

    def to_dict(self) -> dict[str, object]:
        """As JSON-able values."""
        return asdict(self)


def build_profiles(
    log: InteractionLog,
    pairs: Sequence[tuple[str, str]],
    catalog: Catalog,
    attributes: pd.DataFrame,
    *,
    generator: Generator | None = None,
    cache: TextCache | None = None,
    progress: Progress = silent,
) -> list[Profile]:
    """The profiles of users in scenarios.

    Args:
        log: the rows that may be used.
        pairs: (user id, scenario name); pairs without rows are left out.
        catalog: titles and categories.
        attributes: long, columns ``item_id, facet, value, confidence``
            (:meth:`~crossrec.language.attributes.AttributeTable.to_frame`, with
            :func:`~crossrec.language.attributes.stated_attributes` below it for price levels).
        generator: writes the sentences; without one they are made from the numbers. It is asked
            for English only: where the facts hold Chinese, Japanese or Korean, numbers speak.
        cache: of what it wrote before; default the machine's.
        progress: phase "features", in sentences.

    Raises:
        UnknownId: a user or a scenario is not in the log.
    """
    known = _by_item(attributes)
    found = list(_counted(log, pairs, catalog, known))
    if generator is None:
        return [replace(each, sentence=plain_sentence(each)) for each in found]
    prompts = [prompt_of(each) for each in found]
    asked = [at for at, prompt in enumerate(prompts) if prompt]
    texts = write_cached(
        generator,
        [prompts[at] for at in asked],
        max_tokens=_MAX_TOKENS,
        answer=_ANSWER,
        words=[fact_words(found[at].subjects) for at in asked],
        cache=cache,
        progress=progress,
    )
    said = dict(zip(asked, texts, strict=True))
    return [
        _worded(each, prompts[at], said.get(at, ""), generator.id) for at, each in enumerate(found)
    ]


def profile_vectors(
    log: InteractionLog, pairs: Sequence[tuple[str, str]], features: FeatureTable
) -> np.ndarray:
    """The weighted mean vector of each user's items in a scenario, shape (len(pairs), d).

    ``L(u, s) = sum over h of w_uh f_h``, scaled to length 1; zero where there are no rows with
    text. Source: method page §1.
    """
    found = np.zeros((len(pairs), features.dim), dtype=np.float32)
    for at, mine in enumerate(_rows_of(log, pairs)):
        if len(mine):
            vectors = features.rows(log.items.ids[log.item[mine]])
            found[at] = log.weight[mine] @ vectors
    return unit_rows(found)


def prompt_of(profile: Profile) -> str:
    """What the generator is asked about a profile; "" where it cannot be asked."""
    if not profile.titles or any(map(has_cjk, profile.facts)):
        return ""
    named = ", ".join(name.split(": ", 1)[-1] for name in profile.attributes)
    lines = [
        f"A shopper chose these items in {clean(profile.scenario)}:",
        *(f"- {title}" for title in profile.titles),
        f"Common to them: {named}." if named else "",
        "Say in one short sentence what kinds of things the shopper is interested in.",
    ]
    return "\n".join(filter(None, lines))


def plain_sentence(profile: Profile) -> str:
    """A sentence made from the numbers, in the language of the facts."""
    chinese = any(map(has_cjk, profile.facts))
    named = [name.split(": ", 1)[-1] for name in profile.attributes][:3] or list(profile.categories)
    if chinese:
        parts = [f"在{profile.scenario}有 {profile.items} 件物品"]
        parts += [f"多为{'、'.join(named)}"] if named else []
        return "，".join(parts) + "。"
    parts = [f"{profile.items} item{'s' if profile.items != 1 else ''} in {profile.scenario}"]
    parts += [f"mostly {', '.join(named)}"] if named else []
    parts += [f"price level {profile.price_level}"] if profile.price_level else []
    if profile.day_parts:
        part = max(profile.day_parts, key=lambda name: profile.day_parts[name])
        parts.append(f"most often at {part}" if part == "night" else f"most often in the {part}")
    return "; ".join(parts) + "."


def _short(title: str) -> str:
    """A title's beginning, in whole words."""
    said = clean(unescape(str(title)))
    if len(said) <= _TITLE_LENGTH:
        return said
    return said[
        : said.rfind(" ", 0, _TITLE_LENGTH) if " " in said[:_TITLE_LENGTH] else _TITLE_LENGTH
    ]


def _worded(profile: Profile, prompt: str, written: str, writer: str) -> Profile:
    """The profile with its sentence: the written one if every name in it is a fact."""
    sentence = first_sentence(written)
    strange = ungrounded(sentence, profile.facts)
    if sentence and not strange:
        return replace(profile, sentence=sentence, writer=writer, prompt=prompt)
    refused = f"{written} [{', '.join(strange) or 'no whole sentence'}]" if written else ""
    return replace(profile, sentence=plain_sentence(profile), prompt=prompt, refused=refused)


def _counted(
    log: InteractionLog,
    pairs: Sequence[tuple[str, str]],
    catalog: Catalog,
    known: Mapping[str, list[tuple[str, str]]],
) -> Iterator[Profile]:
    for (user, scenario), mine in zip(pairs, _rows_of(log, pairs), strict=True):
        if not len(mine):
            continue
        weight = np.zeros(len(log.items), dtype=np.float32)
        np.add.at(weight, log.item[mine], log.weight[mine])
        newest = {int(item): at for at, item in enumerate(log.item[mine])}
        order = sorted(newest, key=lambda item: (-weight[item], -newest[item]))
        ids = log.items.ids[order]
        held = [pair for item in ids for pair in known.get(item, [])]
        levels = _shares([value for facet, value in held if facet == PRICE_LEVEL], len(ids))
        named = _shares(
            [f"{facet}: {value}" for facet, value in held if facet not in (PRICE_LEVEL, CATEGORY)],
            len(ids),
        )
        yield Profile(
            user,
            scenario,
            rows=len(mine),
            items=len(ids),
            categories=_top(_shares([v for facet, v in held if facet == CATEGORY], len(ids)), 3),
            attributes=_top({k: v for k, v in named.items() if v >= _LEAST_SHARE}, 6),
            price_level=next(iter(_top(levels, 1)), ""),
            day_parts=_day_parts(log, mine),
            titles=tuple(map(_short, catalog.titles_of(ids[:_TITLES]))),
        )


def _rows_of(log: InteractionLog, pairs: Sequence[tuple[str, str]]) -> Iterator[np.ndarray]:
    """Row numbers of each (user, scenario), oldest first where there are times."""
    users = [log.users.code(user, "user") for user, _ in pairs]
    wanted = np.flatnonzero(np.isin(log.user, users))
    keys = [wanted] if log.time is None else [wanted, log.time[wanted]]
    wanted = wanted[np.lexsort([*keys, log.user[wanted]])]
    starts = np.searchsorted(log.user[wanted], users, side="left")
    ends = np.searchsorted(log.user[wanted], users, side="right")
    for (_, scenario), start, end in zip(pairs, starts, ends, strict=True):
        mine = wanted[start:end]
        yield mine[log.scenario[mine] == log.scenarios.code(scenario, "scenario")]


def _by_item(attributes: pd.DataFrame) -> dict[str, list[tuple[str, str]]]:
    kept = trusted(attributes)
    found: dict[str, list[tuple[str, str]]] = {}
    for item, facet, value in zip(kept[ITEM], kept[FACET], kept[VALUE], strict=True):
        found.setdefault(item, []).append((facet, value))
    return found


def _shares(names: Sequence[str], n: int) -> dict[str, float]:
    return {name: names.count(name) / n for name in dict.fromkeys(names)}


def _top(shares: Mapping[str, float], k: int) -> dict[str, float]:
    return dict(sorted(shares.items(), key=lambda pair: (-pair[1], pair[0]))[:k])


def _day_parts(log: InteractionLog, rows: np.ndarray) -> dict[str, float]:
    if log.time is None or log.time_kind is not TimeKind.CLOCK:
        return {}
    part = (log.time[rows] // 3600 % 24) // 6
    return {name: float((part == at).mean()) for at, name in enumerate(DAY_PARTS)}
