"""A user made up from a sentence: what the encoder finds nearest becomes the history."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from crossrec.data.history import Histories, Row
from crossrec.errors import DataError
from crossrec.language.bundled import MINILM
from crossrec.language.encoder import Encoder
from crossrec.language.table import FeatureTable, unit_rows
from crossrec.language.text import clean, has_cjk
from crossrec.schema import ITEM, SCENARIO
from crossrec.transfer.model import TransferModel

SENTENCE_ID = "crossrec:sentence"
"""Item ids under which the wishes themselves stand in the history begin so."""
NEAREST_COLUMNS = (SCENARIO, ITEM, "similarity", "wish")
MOST_WISHES = 6
NONSENSE = {
    False: (
        "xqzv wopl",
        "blarg fnord",
        "qqq zzz",
        "asdf jkl",
        "vbn mzx",
        "trwq plok",
        "hjkl",
        "zxcv",
    ),
    True: ("嗯啊哦呃", "囧烎槑", "呜啦吧唧", "咯嘣哒", "㗰㘄㖸", "哼唧嗷", "噗嗤咻", "呀呀嘟嘟"),
}
"""Words without a meaning, in Latin letters and in Chinese (True): what is no nearer to any item
than these are is near to none. So the limit follows the encoder and the catalogue."""

_JOINTS = re.compile(
    r"\s*(?:[,;.!?，；。！？、\n]|\band\b|\bor\b|以及|还有|和|与|及)\s*", re.IGNORECASE
)
_LIKES = re.compile(
    r"^(?:(?:i|he|she|they|we|someone|somebody|a user|who|that|really|also)\s+)*"
    r"(?:likes?|loves?|enjoys?|prefers?|wants?|(?:is|am|are)\s+(?:into|interested in|fond of))\s+"
    r"|^(?:我|他|她|用户)?(?:很|最|特别|也)?(?:喜欢|喜爱|热爱|偏好|想要|爱)",
    re.IGNORECASE,
)
_SHORT = 3


@dataclass(frozen=True)
class MadeUp:
    """A user who exists in words only.

    Attributes:
        model: a model that knows each wish as an item with text alone (ids that begin with
            :data:`SENTENCE_ID`); to be used in place of the run's model for this user.
        history: the nearest items and the wishes themselves, a single user.
        nearest: :data:`NEAREST_COLUMNS`, the nearest first; the history's real items.
        wishes: the parts of the sentence that were looked up, such as "slow science fiction".
        far: those of them that no item is nearer to than nonsense is.
    """

    model: TransferModel
    history: Histories
    nearest: pd.DataFrame
    wishes: tuple[str, ...]
    far: tuple[str, ...]


def from_sentence(
    model: TransferModel,
    features: FeatureTable,
    encoder: Encoder,
    sentence: str,
    *,
    scenarios: Sequence[str] | None = None,
    nearest: int = 8,
    user: str = "made-up",
) -> MadeUp:
    """Make up a user from a sentence such as "likes slow science fiction and vegan cooking".

    The sentence is taken apart at commas and at "and", because the mean of two wishes is near to
    neither. The items nearest to each wish become the history; the wish itself joins it in every
    scenario as an item that has text and no interactions, so that text speaks without a detour
    (models written before they could take new items in do without).

    Args:
        model: a fitted model.
        features: the run's text vectors.
        encoder: the one that they were made with.
        sentence: in any language that the encoder reads.
        scenarios: names of the scenarios to look for items in; default all that have lists.
        nearest: history items, over all wishes and scenarios.
        user: id of the made-up user.

    Raises:
        DataError: the sentence is empty or in a language that the encoder does not read, or the
            encoder is not that of the features.
        UnknownId: a scenario is not known.
    """
    if encoder.id != features.encoder:
        raise DataError(
            f"expected the encoder of this run, {features.encoder!r}", f"{encoder.id!r}"
        )
    wishes = wishes_of(sentence)
    if encoder.id == MINILM and has_cjk(sentence):
        raise DataError(
            f"expected an English sentence, since {MINILM} read the items of this run",
            "Chinese, Japanese or Korean",
            "Write it in English, or train with the multilingual encoder",
        )
    vectors = _encoded(encoder, wishes)
    names = [str(name) for name in model.space_.scenarios.ids]
    usual = [names[code] for code in model.space_.targets]
    wanted = usual if scenarios is None else list(scenarios)
    codes = [model.space_.scenarios.code(name, "scenario") for name in wanted]
    likeness = _likeness(model, features, codes, vectors)
    if not likeness:
        raise DataError(
            f"expected texts of the items of {', '.join(wanted)}",
            "none",
            "Choose another scenario, or train with texts",
        )
    table = _nearest(model, likeness, wishes, nearest)
    far = _far(model, encoder, codes, vectors, wishes)
    rows: list[Row] = [
        (user, scenario, item, 1.0)
        for scenario, item in zip(table[SCENARIO], table[ITEM], strict=True)
    ]
    ids = [f"{SENTENCE_ID}:{at}" for at in range(len(wishes))]
    for code in codes:
        if model.fitted_.texts[code].any():
            model = model.with_items(names[code], ids, vectors)
            rows += [(user, names[code], item, 1.0) for item in ids]
    return MadeUp(model, Histories.of(rows, model.space_), table, wishes, far)


def wishes_of(sentence: str) -> tuple[str, ...]:
    """The parts of a sentence without "likes", each once, in order.

    Raises:
        DataError: there is none.
    """
    said = clean(sentence)
    heard = [_LIKES.sub("", part).strip() for part in _JOINTS.split(said)]
    parts = [part for part in heard if len(part) >= _SHORT or not part.isascii()]
    wishes = tuple(dict.fromkeys(part for part in parts if part))[:MOST_WISHES]
    if not wishes and not said:
        raise DataError(
            "expected a sentence about what somebody likes",
            "nothing",
            "Write for example: likes slow science fiction and vegan cooking",
        )
    return wishes or (said,)


def _encoded(encoder: Encoder, texts: Sequence[str]) -> np.ndarray:
    return np.asarray(encoder.encode(list(texts)), dtype=np.float32)


def _likeness(
    model: TransferModel, features: FeatureTable, codes: Sequence[int], vectors: np.ndarray
) -> dict[int, np.ndarray]:
    """Scenario code -> cosine of each vector to each item there, shape (len(vectors), n)."""
    found = {}
    for code in codes:
        if model.fitted_.texts[code].any():
            rows = features.rows(model.space_.ids(code))
            centre = rows[np.abs(rows).sum(axis=1) > 0].mean(axis=0)
            found[code] = unit_rows(vectors - centre) @ model.fitted_.texts[code].T
    return found


def _far(
    model: TransferModel,
    encoder: Encoder,
    codes: Sequence[int],
    vectors: np.ndarray,
    wishes: tuple[str, ...],
) -> tuple[str, ...]:
    """The wishes that no item is nearer to than nonsense in the same script is.

    An encoder puts all short texts near to some items; so both are measured from the middle of the
    nonsense, each of its words from the middle of the others.
    """
    texts = [model.fitted_.texts[code] for code in codes]
    found = []
    for script in (False, True):
        mine = [at for at, wish in enumerate(wishes) if has_cjk(wish) == script]
        if not mine:
            continue
        nonsense = _encoded(encoder, NONSENSE[script])
        total, n = nonsense.sum(axis=0), len(nonsense)
        limit = _best(nonsense - (total - nonsense) / (n - 1), texts).max()
        found += [
            at
            for at, near in zip(mine, _best(vectors[mine] - total / n, texts), strict=True)
            if near <= limit
        ]
    return tuple(wishes[at] for at in sorted(found))


def _best(vectors: np.ndarray, texts: Sequence[np.ndarray]) -> np.ndarray:
    """The largest cosine of each vector to any item, shape (len(vectors),)."""
    unit = unit_rows(vectors)
    return np.max([(unit @ each.T).max(axis=1) for each in texts], axis=0)


def _nearest(
    model: TransferModel, likeness: dict[int, np.ndarray], wishes: tuple[str, ...], nearest: int
) -> pd.DataFrame:
    """Items by cosine to a wish; the wishes take turns, an item counts once."""
    space = model.space_
    by_wish: list[list[tuple[float, str, str, str]]] = [[] for _ in wishes]
    for code, rows in likeness.items():
        ids, name = space.ids(code), str(space.scenarios.ids[code])
        for at, row in enumerate(rows):
            best = np.argsort(-row, kind="stable")[:nearest]
            by_wish[at] += [(float(row[j]), name, str(ids[j]), wishes[at]) for j in best]
    ranked = [sorted(found, key=lambda each: -each[0]) for found in by_wish]
    chosen: dict[tuple[str, str], tuple[str, str, float, str]] = {}
    for place in range(max(map(len, ranked), default=0)):
        for found in ranked:
            if place < len(found) and len(chosen) < nearest:
                similarity, name, item, wish = found[place]
                chosen.setdefault((name, item), (name, item, similarity, wish))
    table = pd.DataFrame(list(chosen.values()), columns=pd.Index(NEAREST_COLUMNS))
    order = np.argsort(-table["similarity"].to_numpy(dtype=np.float64), kind="stable")
    return table.iloc[order].reset_index(drop=True)
