"""What a fit returns: one frozen value that scores, explanations, what-if and storage read."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse

from crossrec.data.history import Histories
from crossrec.data.space import ItemSpace
from crossrec.transfer.clearly import Chosen
from crossrec.transfer.coefficients import Coefficients, coefficient_inputs, identity, language_of
from crossrec.transfer.popularity import Popularity
from crossrec.transfer.preference import Preference
from crossrec.transfer.refusals import likes_alone, weights_with_refusals
from crossrec.transfer.repeats import RepeatTerm
from crossrec.transfer.text import TextReader, TextRoot

BATCH = 512
"""Users scored at once."""


@dataclass(frozen=True)
class NewItems:
    """What an item that nobody used needs to enter a scenario, see :mod:`crossrec.transfer.foldin`.

    Attributes:
        reader: how its text is read.
        root: of the scenario's own model; None without text.
        scale: of its text part over the natural one of ``root``, times how loud new items are.
    """

    reader: TextReader
    root: TextRoot | None
    scale: float


@dataclass(frozen=True)
class Parts:
    """What the scores of m users for a target are made of.

    Attributes:
        target: t.
        own: P(u, t->t, .) with the repeat term, shape (m, n_t).
        others: source s -> P(u, s->t, .), shape (m, n_t) each.
        inputs: of the coefficients, shape (m, S, len(INPUTS)).
        counts: history lengths, shape (m, S).
        base: popularity as loud as it is for each user, shape (m, n_t).
        coefficients: M_st(u), shape (m, S), float32.
    """

    target: int
    own: np.ndarray
    others: Mapping[int, np.ndarray]
    inputs: np.ndarray
    counts: np.ndarray
    base: np.ndarray
    coefficients: np.ndarray

    def scores(self, coefficients: np.ndarray | None = None) -> np.ndarray:
        """R, shape (m, n_t), float32; with coefficients of one's own, shape (m, S)."""
        m = self.coefficients if coefficients is None else coefficients
        found = self.base + m[:, [self.target]] * self.own
        for source, part in self.others.items():
            found += m[:, [source]] * part
        return found.astype(np.float32, copy=False)


@dataclass(frozen=True)
class Fitted:
    """A fitted engine, S scenarios.

    Attributes:
        space: the candidates of every scenario.
        own: per scenario t the model of t for itself, at unit spread.
        between: (s, t) -> the model of source s for target t, at unit spread.
        half_lives: of own history weights, in newer items; None: age does not matter.
        popularity: per scenario the base of its scores.
        coefficients: M.
        repeats: per scenario the repeat term.
        texts: per scenario centred vectors of its items, shape (n_s, d).
        new_items: per scenario.
        decided: name of a decision -> what was chosen, per target (or once for all).
        transfer: False sets M to the identity: the target-only model.
    """

    space: ItemSpace
    own: tuple[Preference, ...]
    between: Mapping[tuple[int, int], Preference]
    half_lives: tuple[float | None, ...]
    popularity: tuple[Popularity, ...]
    coefficients: Coefficients
    repeats: tuple[RepeatTerm, ...]
    texts: tuple[np.ndarray, ...]
    new_items: tuple[NewItems, ...]
    decided: Mapping[str, Sequence[Chosen]]
    transfer: bool = True

    def weights(self, histories: Histories, source: int, target: int) -> sparse.csr_array:
        """w_uh of the histories in a source as a target counts them, shape (m, n_s)."""
        half_life = self.half_lives[target] if source == target else None
        return weights_with_refusals(histories, source, half_life)

    def parts(
        self, histories: Histories, target: int, sources: Collection[int] | None = None
    ) -> Parts:
        """What the scores of a target are made of.

        Args:
            histories: m users.
            target: t.
            sources: the other scenarios that are open; default all.
        """
        weights = [self.weights(histories, s, target) for s in range(len(self.space))]
        others = {
            source: self.between[source, target].scores(weights[source])
            for source in (range(len(self.space)) if sources is None else sources)
            if (source, target) in self.between
        }
        counts, inputs = histories.counts(), self._inputs(histories, weights, target)
        own = self.own[target].scores(weights[target])
        if self.repeats[target].loud:
            again = self.repeats[target].amounts(histories, target)
            rows = np.repeat(np.arange(len(histories)), np.diff(again.indptr))
            own[rows, again.indices] += again.data
        return Parts(
            target,
            own,
            others,
            inputs,
            counts,
            self.popularity[target].scores(counts[:, target]),
            self.gate(inputs, target),
        )

    def inputs(self, histories: Histories, target: int) -> np.ndarray:
        """Inputs of the coefficients of m users, shape (m, S, len(INPUTS))."""
        weights = [self.weights(histories, s, target) for s in range(len(self.space))]
        return self._inputs(histories, weights, target)

    def _inputs(
        self, histories: Histories, weights: list[sparse.csr_array], target: int
    ) -> np.ndarray:
        language = language_of([likes_alone(each) for each in weights], self.texts)
        return coefficient_inputs(histories.counts(), language, target)

    def gate(self, inputs: np.ndarray, target: int) -> np.ndarray:
        """M_st(u) of inputs as :meth:`parts` tells them, shape (m, S), float32."""
        if not self.transfer:
            return identity(len(inputs), len(self.space), target)
        return self.coefficients.of(inputs, target)

    def scores(
        self,
        histories: Histories,
        target: int,
        *,
        coefficients: np.ndarray | None = None,
        sources: Collection[int] | None = None,
        base_cold: float | None = None,
    ) -> np.ndarray:
        """R(u, t, .), shape (m, n_t), float32; see :meth:`TransferModel.scores`."""
        found = np.empty((len(histories), self.space.sizes[target]), dtype=np.float32)
        for start in range(0, len(histories), BATCH):
            rows = slice(start, start + BATCH)
            parts = self.parts(histories.take(rows), target, sources)
            found[rows] = parts.scores(None if coefficients is None else coefficients[rows])
            if base_cold is not None:
                popular, own_items = self.popularity[target], parts.counts[:, target]
                found[rows] += popular.scores(own_items, cold=base_cold) - parts.base
        return found

    def effects(
        self,
        source: int,
        target: int,
        history: np.ndarray,
        items: np.ndarray,
        *,
        refused: np.ndarray | None = None,
    ) -> tuple[np.ndarray, np.ndarray]:
        """W_st[h, j] per unit of history weight: learnt and text part.

        Args:
            source: code of the source scenario.
            target: code of the target scenario.
            history: local item numbers in the source, shape (H,).
            items: local item numbers in the target, each once, shape (k,).
            refused: which history items the user said no to, see :meth:`Preference.effects`.

        Returns:
            Two arrays of shape (H, k), float32; zeros where there is no such pair.
        """
        model = self.own[target] if source == target else self.between.get((source, target))
        if model is None:
            nothing = np.zeros((len(history), len(items)), dtype=np.float32)
            return nothing, nothing.copy()
        return model.effects(history, items, refused=refused)

    def chosen(self) -> list[dict[str, Any]]:
        """What validation users chose, JSON-able.

        Returns:
            Per decision and target ("" for all): ``decision``, ``target``, ``value``, ``gain``
            (NDCG@10 over the usual value), ``error`` (its standard error) and ``users``.
        """
        names = [str(name) for name in self.space.scenarios.ids]
        return [
            {
                "decision": name,
                "target": names[at] if len(made) == len(names) else "",
                "value": one.value,
                "gain": one.gain,
                "error": one.error,
                "users": one.users,
            }
            for name, made in self.decided.items()
            for at, one in enumerate(made)
            if len(made) != len(names) or at in self.space.targets
        ]
