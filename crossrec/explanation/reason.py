"""A reason in words: made of known facts alone, checked, and marked where a machine wrote it."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from crossrec.explanation.facts import ReasonFacts
from crossrec.language.bundled import SMOLLM
from crossrec.language.grounding import fact_words, ungrounded
from crossrec.language.text import clean, has_cjk

Language = Literal["en", "zh"]

MAX_TOKENS = 80
LONGEST = 420
"""Characters of a reason; longer ones are refused."""
MOST_SENTENCES = 2
MOST_WORDS = 5
"""Words in question that are told of one problem."""


class Writer(Protocol):
    """What continues a prompt, such as :class:`crossrec.language.generator.Generator`."""

    @property
    def id(self) -> str:
        """The model's name."""
        ...

    def write(
        self,
        prompts: Sequence[str],
        *,
        max_tokens: int = 48,
        answer: str = "",
        words: Sequence[Sequence[str]] | None = None,
    ) -> list[str]:
        """One text per prompt.

        Args:
            prompts: the questions.
            max_tokens: of a text.
            answer: how every text begins.
            words: the only words that may follow, a list per prompt; a small model needs them, a
                server may pass over them.
        """
        ...


@dataclass(frozen=True)
class Reason:
    """One or two sentences why.

    Attributes:
        text: the sentences, plain text (titles in them are hostile input).
        by_machine: whether a generative model wrote them; False for the template.
        writer: id of the model that wrote, or tried to; "" without one.
        facts, prompt: what it was given; the prompt is "" without a writer.
        problems: why what the model wrote was refused, in the reason's language, with the words in
            question (hostile); empty if it stands.
        refused: what it wrote, if that was refused.
    """

    text: str
    by_machine: bool
    writer: str
    facts: ReasonFacts
    prompt: str = ""
    problems: tuple[str, ...] = ()
    refused: str = ""


PROBLEMS: Mapping[str, Mapping[Language, str]] = {
    "empty": {"en": "no whole sentence was written", "zh": "没有写出完整的句子"},
    "long": {"en": "it is longer than a reason", "zh": "超出一条理由的长度"},
    "markup": {"en": "it holds markup or an address", "zh": "含有标记或网址"},
    "language": {"en": "it is in another language", "zh": "不是所要的语言"},
    "number": {"en": "a number that is not among the facts", "zh": "事实之外的数字"},
    "name": {"en": "a name that is not among the facts", "zh": "事实之外的名称"},
    "word": {"en": "a word that the facts do not hold", "zh": "事实之外的词"},
    "silent": {"en": "it names none of the facts", "zh": "没有提到任何事实"},
}
"""What can be wrong with a written reason, in words."""

ENGLISH_ONLY = frozenset({SMOLLM})
"""Writers that are not asked for another language: the answer would take long and be refused."""


def written_reason(
    facts: ReasonFacts,
    language: Language = "en",
    *,
    writer: Writer | None = None,
    others: Sequence[str] = (),
) -> Reason:
    """The reason that a model writes if it keeps to the facts, else the template.

    Args:
        facts: all it may speak of.
        language: of the reason.
        writer: a generative model, local or behind an endpoint; None for the template at once.
        others: titles of other items, which must not be named.
    """
    plain = template(facts, language)
    if writer is None:
        return Reason(plain, by_machine=False, writer="", facts=facts)
    if language != "en" and writer.id in ENGLISH_ONLY:
        said = _in_words((("language", writer.id),), language)
        return Reason(plain, by_machine=False, writer=writer.id, facts=facts, problems=said)
    prompt = prompt_of(facts, language)
    written = writer.write(
        [prompt],
        max_tokens=MAX_TOKENS,
        answer=_opening(facts, language),
        words=_words(facts, language),
    )[0]
    text = _finished(clean(written))
    problems = problems_of(text, facts, language, others=others)
    if problems:
        said = _in_words(problems, language)
        return Reason(plain, False, writer.id, facts, prompt, said, text)  # noqa: FBT003
    return Reason(text, True, writer.id, facts, prompt)  # noqa: FBT003


def _in_words(problems: Sequence[tuple[str, str]], language: Language) -> tuple[str, ...]:
    """One sentence per kind of problem, with the words in question."""
    said: dict[str, list[str]] = {}
    for name, words in problems:
        said.setdefault(name, []).extend([words] if words else [])
    comma, colon = ("、", "：") if language == "zh" else (", ", ": ")
    return tuple(
        PROBLEMS[name][language] + (f"{colon}{comma.join(words[:MOST_WORDS])}" if words else "")
        for name, words in said.items()
    )


# ------------------------------------------------------------------------------ the template


def template(facts: ReasonFacts, language: Language = "en") -> str:
    """The reason by rule: always right, never surprising."""
    return _template_zh(facts) if language == "zh" else _template_en(facts)


def _template_en(facts: ReasonFacts) -> str:
    item, place = f"“{facts.item}”", facts.scenario
    if not facts.because:
        if not facts.agree:
            return f"{item} is popular in {place}; no history speaks for it."
        agreeing = f"your history in {_and(list(facts.agree), ' and ')}"
        if facts.popular:
            return f"{item} is popular in {place}, and {agreeing} agrees."
        return f"{item} fits {agreeing} as a whole; no single item decides it."
    named = _and([_cause_en(*cause) for cause in facts.because], " and ")
    lead = f"{item} is recommended because of {named}."
    if facts.popular:
        lead = f"{item} is popular in {place}, and stands higher because of {named}."
    if not facts.attributes:
        return lead
    shared = _and([f"{name} “{value}”" for name, value in facts.attributes], " and ")
    return f"{lead} They have this in common: {shared}."


def _cause_en(title: str, place: str) -> str:
    return f"“{title}” ({place})" if title else f"your history in {place}"


def _template_zh(facts: ReasonFacts) -> str:
    item, place = f"“{facts.item}”", _zh_name(facts.scenario)
    if not facts.because:
        if not facts.agree:
            return f"{item}在{place}中很受欢迎，没有历史行为支持它。"
        agreeing = _and([_zh_name(name) for name in facts.agree], "和", "、")
        if facts.popular:
            return f"{item}在{place}中很受欢迎，你在{agreeing}中的历史行为也支持它。"
        return f"{item}符合你在{agreeing}中的整体偏好，并非由某一件物品决定。"
    named = _and([_cause_zh(*cause) for cause in facts.because], "和", "、")
    lead = f"推荐{item}，是因为{named}。"
    if facts.popular:
        lead = f"{item}在{place}中很受欢迎，又因为{named}而更靠前。"
    if not facts.attributes:
        return lead
    parts = [f"{_ZH.get(name, name)}“{value}”" for name, value in facts.attributes]
    shared = _and(parts, "和", "、")
    return f"{lead}它们的共同点：{shared}。"


def _cause_zh(title: str, place: str) -> str:
    return f"“{title}”（{place}）" if title else f"你在{_zh_name(place)}中的历史行为"


def _zh_name(name: str) -> str:
    """A scenario's name within a Chinese sentence: Latin letters stand apart."""
    before = " " if name[:1].isascii() else ""
    after = " " if name[-1:].isascii() else ""
    return f"{before}{name}{after}"


_ZH = {
    "category": "类别", "genre": "类型", "brand": "品牌", "author": "作者", "theme": "主题",
    "use": "用途", "audience": "人群", "mood": "氛围", "price level": "价位",
}  # fmt: skip
"""Attribute names that nearly every catalogue has."""


def _and(parts: list[str], last: str, comma: str = ", ") -> str:
    return last.join([comma.join(parts[:-1]), parts[-1]]) if len(parts) > 1 else parts[0]


# -------------------------------------------------------------------------------- the prompt

_ASK = {
    "en": (
        "Explain to a shopper in one plain sentence why this item is recommended. Use only the "
        "facts below. Name nothing else. Give no numbers. Facts:"
    ),
    "zh": (
        "请用一句简单的中文说明为什么推荐这个物品。"
        "只使用下面的事实，不要提及其他名称，不要写数字。事实："
    ),
}


def prompt_of(facts: ReasonFacts, language: Language = "en") -> str:
    """What a model is asked: an order and the facts as JSON, so that titles stay data."""
    told = {
        "recommended": facts.item,
        "place": facts.scenario,
        "because the person chose": [
            f"{title} ({place})" if title else place for title, place in facts.because
        ],
        "agreeing history": list(facts.agree),
        "in common": [f"{name}: {value}" for name, value in facts.attributes],
        "popular": facts.popular,
    }
    kept = {key: value for key, value in told.items() if value}
    return f"{_ASK[language]} {json.dumps(kept, ensure_ascii=False)}"


def _finished(text: str) -> str:
    """The first two whole sentences; what a model did not finish is left out."""
    return "".join(_WHOLE.findall(text)[:MOST_SENTENCES]).strip()


def _opening(facts: ReasonFacts, language: Language) -> str:
    """How an answer begins: what is certain is said by rule, and a model goes on from there."""
    if not facts.because or not facts.attributes or language != "en":
        return ""
    named = _and([f"“{title or place}”" for title, place in facts.because], " and ")
    return f"“{facts.item}” suits someone who chose {named}, because they share the"


def _words(facts: ReasonFacts, language: Language) -> list[list[str]] | None:
    """What may follow the opening: what they share, and nothing else."""
    if not _opening(facts, language):
        return None
    return [[*fact_words(part for pair in facts.attributes for part in pair), "the", "same", "of"]]


# --------------------------------------------------------------------------------- the check

_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_MARKUP = re.compile(r"[<>{}\[\]|`*#\\]|https?:|www\.", re.IGNORECASE)
_QUOTED = re.compile(r"[“\"「『《]([^”\"」』》]{2,})[”\"」』》]")
_WHOLE = re.compile(r".+?(?:[.!?]+[”\"’)]*(?=\s|$)|[。！？]+[”」』）]*)")
"""A sentence with its end."""
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_CAPITAL = re.compile(r"(?<![.!?:“\"'‘(]\s)(?<!^)(?<![“\"'‘(])\b[A-Z][\w’']*")
_PLAIN = frozenset({"i", "i'm", "i've", "i'd", "you", "your"})
"""Words that may stand with a capital or in Latin letters without being a name."""
_REASON_WORDS = """
    recommended recommend recommends recommendation because chose chosen choice share shares shared
    common popular popularity suggested suggest suggests match matches go goes bought watched read
    history past reason fits fit suits suit same also another place category
"""
"""What a reason may say beside the facts and the plain words of any sentence."""
_NUMERALS = re.compile(
    r"\b(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|dozens?|hundreds?|"
    r"thousands?|millions?|percent)\b|%|[二三四五六七八九十百千万]+[个部本件款次倍成名位]",
    re.IGNORECASE,
)


def problems_of(
    text: str, facts: ReasonFacts, language: Language = "en", *, others: Sequence[str] = ()
) -> tuple[tuple[str, str], ...]:
    """What is wrong with a written reason; empty if it may be shown.

    A name is anything in quotation marks, any capitalised word within a sentence, any Latin word in
    a Chinese sentence, and any title of another item. Strict on purpose: a template is at hand.

    Args:
        text: what was written.
        facts: what it may speak of.
        language: that it was asked for in.
        others: titles of other items, which must not be named.

    Returns:
        Pairs of a key of :data:`PROBLEMS` and the words in question.
    """
    if not text.strip():
        return (("empty", ""),)
    found: list[tuple[str, str]] = []
    if len(text) > LONGEST or len(_WHOLE.findall(text)) > MOST_SENTENCES:
        found.append(("long", f"{len(text)}"))
    allowed = " ".join(facts.words)
    rest = _without(text, facts)
    if match := _MARKUP.search(rest):
        found.append(("markup", match.group()))
    if has_cjk(rest) != (language == "zh"):
        found.append(("language", language))
    known = set(_NUMBER.findall(allowed))
    found += [("number", each) for each in _NUMBER.findall(rest) if each not in known]
    found += [("number", match.group()) for match in _NUMERALS.finditer(rest)]
    found += [("name", each) for each in _names(text, rest, allowed, language, others)]
    if language == "en":
        found += [("word", each) for each in ungrounded(rest, [*facts.words, _REASON_WORDS])]
    if not any(said.casefold() in text.casefold() for said in _telling(facts)):
        found.append(("silent", ""))
    return tuple(dict.fromkeys(found))


def _telling(facts: ReasonFacts) -> list[str]:
    """Facts of which a reason must name one."""
    named = [title or place for title, place in facts.because]
    return [*named, *(value for _, value in facts.attributes)] or [facts.scenario, facts.item]


def _without(text: str, facts: ReasonFacts) -> str:
    """The text less what the facts allow to be quoted, longest first."""
    rest = text
    for said in sorted({word for word in facts.words if word}, key=len, reverse=True):
        rest = re.sub(re.escape(said), " _ ", rest, flags=re.IGNORECASE)
    return rest


def _names(
    text: str, rest: str, allowed: str, language: Language, others: Sequence[str]
) -> list[str]:
    known = {word.casefold() for word in _WORD.findall(allowed)} | _PLAIN
    suspects = [match for match in _QUOTED.findall(rest) if match.strip(" _,.")]
    pattern = _WORD if language == "zh" else _CAPITAL
    suspects += [
        word for word in pattern.findall(rest) if word.isascii() and word.casefold() not in known
    ]
    said, own = f" {_plain(text)} ", f" {_plain(allowed)} "
    for title in others:
        key = _plain(title)
        long_enough = len(key) >= (4 if has_cjk(key) else 8)
        inside = key in said if has_cjk(key) else f" {key} " in said
        if long_enough and inside and key not in own:
            suspects.append(title)
    return suspects


def _plain(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))
