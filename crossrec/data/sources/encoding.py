"""The encoding of text that is not UTF-8: the one in which it reads like some language.

Nearly any bytes can be decoded in a dozen encodings; whether letters come out that belong together
tells which was meant. Every character beyond ASCII is given a plausibility from 0 to 1 by its
neighbours and by how usual it is; the encoding with the highest mean wins, in favour of the
commoner ones where little speaks for another.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence, Set
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from operator import mul
from string import ascii_letters

from crossrec.data.sources.letters import (
    HANGUL,
    HANZI,
    HANZI_TRADITIONAL,
    KANJI,
    LATIN,
    MARKS,
    SCRIPTS,
    WIDE_MARKS,
)

UTF_8 = "utf-8-sig"
_LEAST = 0.3
"""Text less plausible than this is in none of the encodings."""
_WEIGHED = 8_000
"""So many bytes beyond ASCII are weighed: they tell as much as millions."""
_USUAL, _KNOWN, _FOREIGN, _WRONG = 1.0, 0.8, 0.5, 0.05
"""How plausible a letter is: often used in a language, used there, in another one, in none."""

_CODE = 1
"""So many plain letters behind a word of another script may begin a number."""

Weigh = Callable[[str], Sequence[float]]
"""Text -> plausibility of each of its characters beyond ASCII, in order."""


@dataclass(frozen=True)
class Candidate:
    """An encoding that is tried.

    Attributes:
        name: as Python calls it.
        weigh: how its text is judged.
        bonus: added to its plausibility, for how common it is.
    """

    name: str
    weigh: Weigh
    bonus: float = 0.0


def likeliest(lines: Sequence[bytes]) -> str | None:
    """The encoding of lines that are not all UTF-8; None where they read like no text at all.

    Args:
        lines: lines with bytes beyond ASCII.
    """
    weighed, size = [], 0
    for line in lines:
        weighed.append(line)
        size += _beyond(line)
        if size > _WEIGHED:
            break
    scores = {one.name: _score(weighed, one) + one.bonus for one in _candidates()}
    # A UTF-8 file with a few damaged lines stays one; those lines are rejected later.
    scores[UTF_8] = _utf8_share(lines)
    best = max(scores, key=scores.__getitem__)
    return best if scores[best] > _LEAST else None


def _beyond(line: bytes) -> int:
    """Number of bytes beyond ASCII."""
    return len(line) - len(line.decode("ascii", errors="ignore"))


def _utf8_share(lines: Sequence[bytes]) -> float:
    """Share of the bytes beyond ASCII that are part of a UTF-8 character."""
    beyond = sum(map(_beyond, lines))
    good = sum(_beyond(line.decode("utf-8", errors="ignore").encode()) for line in lines)
    return good / max(beyond, 1)


def _score(lines: Sequence[bytes], candidate: Candidate) -> float:
    """Mean plausibility per byte beyond ASCII; 0 for lines that cannot be decoded."""
    texts, weight = [], 0
    for line in lines:
        try:
            texts.append(line.decode(candidate.name))
        except UnicodeDecodeError:
            weight += _beyond(line)
    text = "\n".join(texts)
    sizes = [
        len(letter.encode(candidate.name, errors="replace")) for letter in text if letter >= "\x80"
    ]
    total = sum(map(mul, candidate.weigh(text), sizes))
    return total / max(weight + sum(sizes), 1)


@cache
def _candidates() -> tuple[Candidate, ...]:
    western, central = _latin(LATIN["western"], "ðþýÿ"), _latin(LATIN["central"])
    cyrillic = _script(*SCRIPTS["cyrillic"])
    kana = "".join(map(chr, range(0x3041, 0x30FF)))
    return (
        Candidate("cp1252", western, 0.06),
        Candidate("gb18030", _east(HANZI, "gb2312", b"\xb0\xd7"), 0.04),
        Candidate("big5", _east(HANZI_TRADITIONAL, "big5", b"\xa4\xc6"), 0.02),
        Candidate("cp932", _east(kana + KANJI, "cp932", b"\x88\x97"), 0.02),
        Candidate("cp949", _east(HANGUL, "euc_kr", b"\xb0\xc8"), 0.02),
        Candidate("euc_jp", _east(kana + KANJI, "euc_jp", b"\xb0\xcf")),
        Candidate("cp1251", cyrillic, 0.03),
        Candidate("koi8-r", cyrillic, -0.03),
        Candidate("cp1250", central, 0.03),
        Candidate("iso-8859-2", central),
        Candidate("cp1254", _latin(LATIN["turkish"]), 0.02),
        Candidate("cp1257", _latin(LATIN["baltic"]), 0.02),
        Candidate("cp1253", _script(*SCRIPTS["greek"]), -0.03),
        Candidate("cp1255", _script(*SCRIPTS["hebrew"]), -0.03),
        Candidate("cp1256", _script(*SCRIPTS["arabic"]), -0.03),
        Candidate("cp874", _script(*SCRIPTS["thai"]), -0.15),
        Candidate("cp850", western, -0.3),
        Candidate("mac-roman", western, -0.3),
    )


def _words(text: str, own: Set[str] = frozenset()) -> Iterator[tuple[bool, str, str, str]]:
    """Runs of letters and of other characters: whether letters, the run, its neighbours.

    Args:
        text: any.
        own: further characters that count as letters, such as vowel signs.
    """

    def is_letter(sign: str) -> bool:
        return (sign.isalpha() and sign not in MARKS) or sign in own

    runs = [(alpha, "".join(run)) for alpha, run in groupby(text, is_letter)]
    for at, (alpha, run) in enumerate(runs):
        before = runs[at - 1][1][-1] if at else " "
        after = runs[at + 1][1][0] if at + 1 < len(runs) else " "
        yield alpha, run, before, after


def _latin(alphabets: Sequence[str], rare: str = "") -> Weigh:
    """Text of a to z with the further letters of one of some languages, and some rare ones."""
    every = frozenset("".join([*alphabets, rare]))

    def weigh(text: str) -> list[float]:
        worths: list[float] = []
        counts = Counter(letter for letter in text.lower() if letter in every)
        language = max(alphabets, key=lambda letters: sum(counts[letter] for letter in letters))
        for alpha, run, before, after in _words(text):
            if not alpha:
                worths += _marks(run, before, after)
                continue
            lower = run.lower()
            beyond = [letter for letter in lower if letter >= "\x80"]
            if not beyond:
                continue
            # Words of the Latin script are mostly of plain letters.
            likely = 1.0 if len(beyond) <= max(1, 0.7 * len(run)) else 0.2
            if len(run) == 1 and after.isdigit():
                likely = 0.5  # rather the sign of a currency
            for at, letter in enumerate(run):
                if letter < "\x80":
                    continue
                own = lower[at]
                worth = _USUAL if own in language else _FOREIGN if own in every else _WRONG
                worths.append(min(worth, likely, _case(run, at)))
        return worths

    return weigh


def _script(letters: str, usual: str) -> Weigh:
    """Text of a script that does not mix with a to z."""
    own, common = frozenset(letters + letters.upper()), frozenset(usual + usual.upper())

    def weigh(text: str) -> list[float]:
        worths: list[float] = []
        for alpha, run, before, after in _words(text, own):
            if not alpha:
                worths += _marks(run, before, after)
                continue
            # A code behind a word ("товарA12") makes it no mixed word.
            word = run.rstrip(ascii_letters)
            code = len(run) - len(word)
            pure = all(letter in own for letter in word) and code <= (_CODE if len(word) > 2 else 0)
            likely = 1.0 if pure and len(run) > 1 else 0.7 if pure else 0.1
            for at, letter in enumerate(run):
                if letter >= "\x80":
                    worth = _USUAL if letter in common else _KNOWN if letter in own else _WRONG
                    worths.append(min(worth, likely, _case(run, at)))
        return worths

    return weigh


def _east(usual: str, charset: str, level: bytes) -> Weigh:
    """Text in Chinese, Japanese or Korean; ``level`` bounds the lead bytes of the usual letters."""
    common = frozenset(usual)
    low, high = level

    def plausible(letter: str) -> float:
        if letter in common:
            return _USUAL
        if letter in WIDE_MARKS or "\uff01" <= letter <= "\uff5e":
            return 0.9
        try:
            code = letter.encode(charset)
        except UnicodeEncodeError:
            return _WRONG
        return _KNOWN if len(code) == 2 and low <= code[0] <= high else _WRONG

    def weigh(text: str) -> list[float]:
        worths = []
        for at, letter in enumerate(text):
            if letter >= "\x80":
                # "T恤" and "用户u12" are usual, a single letter beside small ones is not.
                left, right = text[max(at - 1, 0) : at], text[at + 1 : at + 2]
                mixed = any("a" <= other <= "z" for other in left + right)
                alone = left < "\x80" and right < "\x80"
                worths.append(plausible(letter) * (0.6 if mixed and alone else 1.0))
        return worths

    return weigh


def _marks(run: str, before: str, after: str) -> list[float]:
    """Plausibility of signs between two neighbours."""
    worths = []
    for at, sign in enumerate(run):
        if sign < "\x80":
            continue
        left, right = run[at - 1] if at else before, run[at + 1] if at + 1 < len(run) else after
        if sign not in MARKS or sign * 3 in run:
            worth = _WRONG
        elif sign in "¡¿":
            worth = _KNOWN if right.isupper() and not left.isalpha() else 0.3
        elif left.isalpha() and right.isalpha():
            worth = 0.95 if sign in "’\u00ad–—·" else _WRONG
        elif left.islower() and right.islower():
            worth = _WRONG
        else:
            worth = _KNOWN
        worths.append(worth)
    return worths


def _case(run: str, at: int) -> float:
    """How well the case of a letter fits into its word, and that no letter stands there thrice."""
    letter = run[at]
    if letter * 3 in run:
        return _WRONG
    if letter.isupper() and at and run[at - 1].islower():
        return _WRONG
    if letter.islower() and not at and run[1:2].isupper():
        return 0.4
    if letter.islower() and letter != "ß" and at > 1 and run[at - 2 : at].isupper():
        return 0.4
    return 1.0
