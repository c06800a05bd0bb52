"""Whether a written sentence names anything that is not among the facts it was written from.

A word is covered if the facts hold it (or one with the same stem), or if it is among the plain
words that any such sentence is made of. Everything else counts as a name: a sentence with one is
not shown. The check reads words, not meanings: it keeps invented things out, not wrong stress.
"""

import re
from collections.abc import Iterable

from crossrec.language.text import has_cjk
from crossrec.language.tfidf import terms

_STEM = 5  # letters by which two words count as one: "baking" and "bakes" do not, "cookies" do
_END = re.compile(r"(?<=[.!?。！？])\s+")
_PLAIN = """
shopper shoppers customer customers customer user users person people buyer reader viewer someone
they them their theirs themselves him her his she interest interests interested interesting enjoy
enjoys enjoyed enjoying like likes liked love loves prefer prefers preferred preference preferences
want wants look looks looking seek seeks search searching buy buys buying bought purchase purchases
purchased purchasing choose chooses chose pick picks order orders use uses used using item items
product products thing things goods kind kinds type types sort variety various range wide different
several many much lot lots more most mostly mainly primarily especially particularly often usually
also such including include includes included well good great new keen avid fan fond taste tastes
passion passionate focus focused focuses strong general overall related similar based mix both
making make makes made having tend tends appear appears appreciate appreciates value values
explore exploring try trying need needs home everyday daily life
"""
"""Words that name nothing: any sentence about a person's interests is made of them."""


def first_sentence(text: str) -> str:
    """The first sentence of what a model wrote.

    One that was cut off ends at its last comma instead; "" if there is none either.
    """
    said = _END.split(" ".join(text.split()))[0]
    if said.endswith((".", "!", "?", "。", "！", "？")):
        return said
    whole, comma, _ = said.rpartition(",")
    return f"{whole}." if comma else ""


def fact_words(facts: Iterable[str]) -> list[str]:
    """The words a sentence may be made of: those of the facts, without numbers, and "and"."""
    from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

    held = {term for fact in facts for term in terms(fact)}
    return sorted(
        {term for term in held if term.isalpha() and len(term) > 2} - ENGLISH_STOP_WORDS
        | {"and", "for", "with"}
    )


def ungrounded(sentence: str, facts: Iterable[str]) -> list[str]:
    """The words of a sentence that the facts do not hold, in their order.

    Args:
        sentence: what was written.
        facts: everything it may name: titles, attributes, the scenario.
    """
    from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

    held = {term for fact in facts for term in terms(fact)}
    stems = {term[:_STEM] for term in held if len(term) >= _STEM and not has_cjk(term)}
    singular = {term.rstrip("s") for term in held}
    words = set(_PLAIN.split())
    found = []
    for term in terms(sentence):
        plain = term in words or term in ENGLISH_STOP_WORDS or (len(term) < 2 and term.isascii())
        stem = len(term) >= _STEM and term[:_STEM] in stems
        if not (plain or stem or term in held or term.rstrip("s") in singular):
            found.append(term)
    return found
