"""What if: one state of all the switches, short enough for a link, and the lists it leads to."""

import base64
import binascii
import json
import zlib
from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
from scipy import sparse

from crossrec.data.catalog import Catalog
from crossrec.data.history import Histories
from crossrec.data.seen import EXCLUDE, SEEN, Seen, left_out
from crossrec.errors import DataError
from crossrec.explanation.made_up import MOST_WISHES, SENTENCE_ID
from crossrec.explanation.ranking import Ranking, ordered
from crossrec.explanation.variants import Entry, entries, without_entries
from crossrec.schema import CATEGORY, PRICE
from crossrec.transfer.coefficients import identity
from crossrec.transfer.model import TransferModel

LONGEST_LINK = 8_000
"""Characters of a state as text; browsers and proxies cut longer addresses."""
_LONGEST_STATE = 400_000


@dataclass(frozen=True)
class WhatIf:
    """What is changed about one user; the default changes nothing.

    Attributes:
        removed: (scenario, item id) of history items that are switched off.
        off: names of scenarios whose whole history is switched off.
        added: (scenario, item id, strength) of further history items, oldest first; a negative
            strength is a dislike.
        coefficients: (source scenario, M) in place of the learnt coefficients.
        half_life: of history weights in the target, in newer items; 0 is "age does not matter";
            None as learnt.
        weak_events: factor on history items weaker than a purchase (strength between 0 and 1): 0
            takes them out, 4 makes a view as strong as a purchase.
        categories: keep candidates of these categories only; empty keeps all.
        price_from, price_to: keep candidates with a price in this range only.
        seen: whether seen items of the target scenario are left out, switched off or not;
            None as is usual there.
    """

    removed: frozenset[tuple[str, str]] = frozenset()
    off: frozenset[str] = frozenset()
    added: tuple[tuple[str, str, float], ...] = ()
    coefficients: tuple[tuple[str, float], ...] = ()
    half_life: float | None = None
    weak_events: float = 1.0
    categories: frozenset[str] = frozenset()
    price_from: float | None = None
    price_to: float | None = None
    seen: Seen | None = None

    @property
    def changed(self) -> bool:
        """Whether anything differs from the user as he is."""
        return self != type(self)()

    def switched(self, scenario: str, item: str | None = None, *, on: bool) -> Self:
        """With a history item, or (without ``item``) a whole scenario, switched on or off."""
        if item is None:
            off = self.off - {scenario} if on else self.off | {scenario}
            return replace(self, off=off)
        pair = (scenario, item)
        return replace(self, removed=self.removed - {pair} if on else self.removed | {pair})

    def with_added(self, scenario: str, item: str, strength: float = 1.0) -> Self:
        """With one more history item in place of one of the same id; strength 0 takes it back."""
        kept = tuple(row for row in self.added if row[:2] != (scenario, item))
        return replace(self, added=(*kept, (scenario, item, strength)) if strength else kept)

    def with_coefficient(self, source: str, value: float | None) -> Self:
        """With a coefficient of one's own in [0, 1]; None takes the learnt one again."""
        kept = {name: m for name, m in self.coefficients if name != source}
        if value is not None:
            kept[source] = min(max(float(value), 0.0), 1.0)
        return replace(self, coefficients=tuple(sorted(kept.items())))

    def to_text(self) -> str:
        """As a short string for a link: letters, digits, ``-`` and ``_``; "" for no change.

        Raises:
            DataError: so much is changed that no link can hold it.
        """
        plain = type(self)()
        told = {
            key: _listed(getattr(self, name))
            for key, name in _KEYS.items()
            if getattr(self, name) != getattr(plain, name)
        }
        if not told:
            return ""
        compact = json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()
        text = base64.urlsafe_b64encode(zlib.compress(compact, 9)).decode().rstrip("=")
        if len(text) > LONGEST_LINK:
            raise DataError(
                "expected fewer changes for a link",
                f"{len(self.removed) + len(self.added):,} items",
                "Switch whole scenarios off instead of single items",
            )
        return text

    @classmethod
    def from_text(cls, text: str) -> Self:
        """The inverse of :meth:`to_text`.

        Raises:
            DataError: it is not such a string.
        """
        if not text:
            return cls()
        try:
            packed = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
            plain = zlib.decompressobj().decompress(packed, _LONGEST_STATE)
            return cls(**{_KEYS[key]: _READ[key](v) for key, v in json.loads(plain).items()})
        except (ValueError, TypeError, KeyError, AttributeError, zlib.error, binascii.Error) as e:
            raise DataError(
                "expected the state of a what-if question in the link",
                type(e).__name__,
                "Copy the whole link again, or leave that part out",
            ) from e


def _listed(value: Any) -> Any:
    return sorted(value) if isinstance(value, frozenset) else value


def _number(value: Any) -> float:
    found = float(value)
    if not np.isfinite(found):
        raise ValueError(value)
    return found


def _factor(value: Any) -> float:
    if not 0 <= _number(value) <= 1_000_000:
        raise ValueError(value)
    return float(value)


def _seen(value: Any) -> Seen:
    if value not in SEEN:
        raise ValueError(value)
    return value


def _pairs(value: Any) -> frozenset[tuple[str, str]]:
    return frozenset((str(scenario), str(item)) for scenario, item in value)


def _names(value: Any) -> frozenset[str]:
    return frozenset(str(name) for name in [*value])


_KEYS = {
    "r": "removed", "o": "off", "a": "added", "m": "coefficients", "h": "half_life",
    "w": "weak_events", "c": "categories", "f": "price_from", "t": "price_to", "s": "seen",
}  # fmt: skip
_READ = {
    "r": _pairs,
    "o": _names,
    "a": lambda rows: tuple((str(s), str(item), _number(w)) for s, item, w in rows),
    "m": lambda rows: tuple((str(s), min(max(_number(m), 0.0), 1.0)) for s, m in rows),
    "h": _factor,
    "w": _factor,
    "c": _names,
    "f": _number,
    "t": _number,
    "s": _seen,
}


@dataclass(frozen=True)
class Answer:
    """The lists of one state.

    Attributes:
        history: the user's history as the state changes it.
        model: the model as the state changes it (half-life); score and explain with it.
        coefficients: M to explain with, shape (S,); None for the learnt ones.
        ranking: all candidates with transfer.
        target_only: all candidates without transfer, same history.
        inputs: of the gate, shape (S, 6).
    """

    history: Histories
    model: TransferModel
    coefficients: np.ndarray | None
    ranking: Ranking
    target_only: Ranking
    inputs: np.ndarray


def what_if(
    model: TransferModel,
    one: Histories,
    scenario: str,
    state: WhatIf | None = None,
    *,
    catalog: Catalog | None = None,
    seen: Seen = EXCLUDE,
) -> Answer:
    """The lists of a user under a state.

    Two answers are compared with :func:`crossrec.explanation.ranking.moves`.

    Args:
        model: a fitted model.
        one: the history of a single user.
        scenario: the target's name.
        state: what is changed; None for nothing.
        catalog: for the filters by category and price.
        seen: whether seen items are left out where the state does not say; disliked ones always
            are.

    Raises:
        UnknownId: an item or a scenario of the state is not known.
        DataError: a filter is asked for that the catalogue has no column for.
    """
    state = state or WhatIf()
    space = model.space_
    target = space.scenarios.code(scenario, "scenario")
    if state.half_life is not None:
        model = with_half_life(model, target, state.half_life)
    history = changed_history(model, one, state)
    parts = model.fitted_.parts(history, target)
    used = parts.coefficients.copy()
    for name, value in state.coefficients:
        used[0, space.scenarios.code(name, "scenario")] = value
    hidden = _filtered(model, target, state, catalog)
    hidden |= _is_wish(model, target)
    for known in (one, history):
        hidden[left_out(known.by_scenario[target], state.seen or seen).indices] = True
    gone = np.flatnonzero(hidden)
    alone = identity(1, len(space), target)[0]
    plain = parts.base[0] + parts.own[0]  # target-only
    return Answer(
        history,
        model,
        used[0] if state.coefficients else None,
        ordered(model, scenario, parts.scores(used)[0], used[0], gone),
        ordered(model, scenario, plain, alone, gone),
        parts.inputs[0],
    )


def with_half_life(model: TransferModel, target: int, half_life: float) -> TransferModel:
    """The same model with another half-life of a target's own history weights; 0 for none."""
    fitted = model.fitted_
    half_lives = list(fitted.half_lives)
    half_lives[target] = half_life or None
    changed = replace(fitted, half_lives=tuple(half_lives))
    return TransferModel.of(model.config, changed, model.histories_)


def changed_history(model: TransferModel, one: Histories, state: WhatIf) -> Histories:
    """The history of a single user under a state.

    Raises:
        UnknownId: an item or a scenario of the state is not known.
    """
    space = model.space_
    user = str(one.users.ids[0])
    gone: list[Entry] = []
    for scenario, item in state.removed:
        code = space.scenarios.code(scenario, "scenario")
        local = int(space.local(code, np.array([space.items.code(item, "item")]))[0])
        gone.append((code, local))
    off = {space.scenarios.code(name, "scenario") for name in state.off}
    gone += [entry for entry in entries(one) if entry[0] in off]
    if state.weak_events == 0:
        gone += _weak(one)
    history = one
    if gone:
        found = without_entries(one, [gone])
        history = replace(found, users=one.users)
    if state.weak_events not in (0, 1):
        matrices = tuple(_strengthened(m, state.weak_events) for m in history.by_scenario)
        history = replace(history, by_scenario=matrices)
    rows = [(user, *row) for row in state.added]
    return history.with_rows(rows, space) if rows else history


def _weak(one: Histories) -> list[Entry]:
    return [
        (scenario, item)
        for scenario, matrix in enumerate(one.by_scenario)
        for item in matrix.indices[(matrix.data > 0) & (matrix.data < 1)].tolist()
    ]


def _strengthened(matrix: sparse.csr_array, factor: float) -> sparse.csr_array:
    weak = (matrix.data > 0) & (matrix.data < 1)
    data = np.where(weak, np.minimum(matrix.data * factor, 1), matrix.data).astype(np.float32)
    return sparse.csr_array((data, matrix.indices, matrix.indptr), shape=matrix.shape)


def _filtered(
    model: TransferModel, target: int, state: WhatIf, catalog: Catalog | None
) -> np.ndarray:
    """Which items of the target the filters take out, shape (n_t,), bool."""
    ids = model.space_.ids(target)
    out = np.zeros(len(ids), dtype=bool)
    if state.categories:
        column = _column(catalog, CATEGORY, ids)
        out |= ~np.isin(column.astype(str), sorted(state.categories))
    if state.price_from is not None or state.price_to is not None:
        price = _column(catalog, PRICE, ids).astype(np.float64)
        low = -np.inf if state.price_from is None else state.price_from
        high = np.inf if state.price_to is None else state.price_to
        out |= ~((price >= low) & (price <= high))
    return out


def _is_wish(model: TransferModel, target: int) -> np.ndarray:
    """Items that are a sentence of a made-up user, shape (n_t,), bool: never to be recommended."""
    space = model.space_
    wishes = space.items.codes([f"{SENTENCE_ID}:{at}" for at in range(MOST_WISHES)])
    local = space.local(target, wishes[wishes >= 0])
    found = np.zeros(space.sizes[target], dtype=bool)
    found[local[local >= 0]] = True
    return found


def _column(catalog: Catalog | None, name: str, ids: np.ndarray) -> np.ndarray:
    """A column of the catalogue for item ids; NaN or "" where it has no such item."""
    there: Collection[str] = () if catalog is None else catalog.attributes
    numbers = name == PRICE
    if (
        catalog is None
        or name not in there
        or (catalog.attributes[name].dtype.kind == "f") != (numbers)
    ):
        raise DataError(
            f"expected a column {name!r} of {'numbers' if numbers else 'text'} to filter by",
            f"{', '.join(there) or 'no attributes'}",
            "Map it when the items are imported, or leave the filter out",
        )
    column = catalog.attributes[name]
    codes = catalog.items.codes(ids)
    return np.where(codes >= 0, column[codes], np.nan if numbers else "")
