"""The transfer model: R(u, t, j) = base + sum over s of M_st(u) P(u, s->t, j)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, Self

import numpy as np
from scipy import sparse

from crossrec.data.history import Histories, liked_items
from crossrec.data.split.cutting import ScenarioSplit
from crossrec.errors import NotFitted
from crossrec.language.table import FeatureTable, unit_rows
from crossrec.progress import Progress, silent
from crossrec.transfer import foldin, storage
from crossrec.transfer.choice import Choice
from crossrec.transfer.coefficients import GATE_INPUTS, Gates, gate_inputs, identity
from crossrec.transfer.config import TransferConfig
from crossrec.transfer.foldin import Reading
from crossrec.transfer.preference import counted, decayed, emphasised, history_weights
from crossrec.transfer.preferences import Preferences
from crossrec.transfer.recommender import Recommender
from crossrec.transfer.restricted import OnlySource, TargetOnly

BATCH = 512
"""Users scored at once."""


class TransferModel(Recommender):
    """Transfer between scenarios with a coefficient per user and pair of scenarios.

    ``R(u,t,j) = g_t(u) b_j + sum_s M_st(u) P(u, s->t, j)`` (002 §4.1.3): popularity ``b_j`` with a
    weight per user, and preference models ``P`` that are linear in the history (see
    :mod:`crossrec.transfer.preference`), all at unit spread, so that coefficients compare.

    Args:
        config: all settings; default :class:`TransferConfig`.
        **changes: single settings, e.g. ``transfer=False`` or ``seed=7``.

    Attributes:
        space_: the candidates of every scenario.
        preferences_: the preference models.
        gates_: M and the base weight.
        choices_: (source, target) -> hyper-parameters chosen on validation rows.
        half_life_: (source, target) -> half-life of history weights, only where one was better
            than none.
        emphasis_: (source, target) -> factor on the history weights of users with history in the
            target, only where one above 1 was better.
        strength_power_: power of event strengths: 1 where they count as they are.
        trials_: of the search for settings: trial, settings, ndcg (validation), seconds.
        history_: training curves: model, step, train_loss, valid_loss, valid_ndcg.
    """

    preferences_: Preferences
    gates_: Gates
    choices_: dict[tuple[int, int], Choice]
    text_: tuple[np.ndarray, ...]
    history_: list[dict[str, Any]]
    reading_: tuple[Reading, ...] = ()
    half_life_: Mapping[tuple[int, int], float] = MappingProxyType({})
    half_life_unit_: str = "items"
    emphasis_: Mapping[tuple[int, int], float] = MappingProxyType({})
    strength_power_: float = 1.0
    trials_: Sequence[Mapping[str, Any]] = ()

    def __init__(self, config: TransferConfig | None = None, **changes: Any) -> None:
        self.config = replace(config or TransferConfig(), **changes)
        self.name = "transfer" if self.config.transfer else "target only"

    def fit(
        self,
        split: ScenarioSplit,
        features: FeatureTable | None = None,
        *,
        progress: Progress = silent,
        checkpoint: Path | None = None,
    ) -> Self:
        """Choose, solve, train the coefficients, and solve again on train and valid rows.

        Args:
            split: train rows to learn from, valid rows to choose by; test rows are not read.
            features: text vectors; without them there is no text part.
            progress: told as phase "train".
            checkpoint: folder where finished stages are kept: a fit with the same split, settings
                and features goes on from there after a kill, and ends bit for bit as if it had
                never been stopped.

        Raises:
            SplitError: transfer is asked for and there are fewer than two scenarios.
            TrainingFailed: a loss or a preference became NaN.
        """
        from crossrec.transfer.fitter import fit_model  # what it needs is heavy: see there

        self._remember(split)
        fit_model(self, split, features, progress, checkpoint)
        return self

    def scores(
        self,
        histories: Histories,
        scenario: int,
        *,
        coefficients: np.ndarray | None = None,
        base: np.ndarray | None = None,
        sources: Collection[int] | None = None,
    ) -> np.ndarray:
        """R of all items of a scenario, shape (m, n_t), float32.

        Args:
            histories: m users.
            scenario: the target t.
            coefficients: M to use instead of the learnt one, shape (m, S): what-if questions.
            base: weight of popularity to use instead of the learnt one, shape (m,).
            sources: the other scenarios that are open; default all.
        """
        self._check_fitted()
        found = np.empty((len(histories), self.space_.sizes[scenario]), dtype=np.float32)
        for start in range(0, len(histories), BATCH):
            rows = slice(start, start + BATCH)
            own, others, inputs, counts = self.parts(histories.take(rows), scenario, sources)
            learnt = coefficients is None
            m = self.gate(inputs, scenario) if learnt else coefficients[rows]
            weight = self.base(counts, scenario) if base is None else base[rows]
            popularity = self.popularity(scenario, warm=counts[:, scenario] > 0)
            found[rows] = weight[:, None] * popularity
            found[rows] += m[:, [scenario]] * own
            for source, part in others.items():
                found[rows] += m[:, [source]] * part
        return found

    def coefficients(self, histories: Histories, target: int) -> np.ndarray:
        """M_st(u) of all sources, shape (m, S), float32, in [0, 1); column ``target`` is 1."""
        self._check_fitted()
        found = np.empty((len(histories), len(self.space_)), dtype=np.float32)
        for start in range(0, len(histories), BATCH):
            rows = slice(start, start + BATCH)
            _, _, inputs, _ = self.parts(histories.take(rows), target)
            found[rows] = self.gate(inputs, target)
        return found

    def parts(
        self, histories: Histories, target: int, sources: Collection[int] | None = None
    ) -> tuple[np.ndarray, dict[int, np.ndarray], np.ndarray, np.ndarray]:
        """What a score is made of, before the coefficients.

        Args:
            histories: m users.
            target: t.
            sources: the other scenarios that are open; default all.

        Returns:
            P(u, t->t, .), shape (m, n_t); source s -> P(u, s->t, .), shape (m, n_t) each; the
            inputs of M, shape (m, S, len(GATE_INPUTS)); the history lengths, shape (m, S).
        """
        weights = [self.weights(histories, source, target) for source in range(len(self.space_))]
        own = self.preferences_.within[target].scores(weights[target])
        others = {
            source: self.preferences_.across[source, target].scores(weights[source])
            for source in (range(len(self.space_)) if sources is None else sources)
            if (source, target) in self.preferences_.across
        }
        counts = histories.counts()
        inputs = np.zeros((len(histories), len(self.space_), len(GATE_INPUTS)), dtype=np.float32)
        if others:
            language = [unit_rows(w @ text) for w, text in zip(weights, self.text_, strict=True)]
            inputs = gate_inputs(counts, language, own, others, target)
        return own, others, inputs, counts

    def gate(self, inputs: np.ndarray, target: int) -> np.ndarray:
        """M_st of inputs as :meth:`parts` tells them, shape (m, S), float32."""
        if not self.config.transfer:
            return identity(len(inputs), len(self.space_), target)
        return self.gates_.coefficients(inputs, target)

    def base(self, counts: np.ndarray, target: int) -> np.ndarray:
        """Weight g_t(u) of popularity, shape (m,); ``counts`` are history lengths, shape (m, S)."""
        if not self.config.transfer:  # other scenarios must not matter at all
            counts = counts * (np.arange(len(self.space_)) == target)
        return self.gates_.base(counts, target)

    @property
    def personal(self) -> tuple[str, ...]:
        """The target scenarios whose coefficients differ from user to user.

        For the others everybody of a cohort (with or without target history) has its mean.
        """
        self._check_fitted()
        if not self.config.transfer:
            return ()
        names = self.space_.scenarios.ids
        return tuple(
            str(name) for name, own in zip(names, self.gates_.personal, strict=True) if own
        )

    def chosen(self) -> dict[str, Any]:
        """What validation rows chose, JSON-able.

        Returns:
            ``strength_power`` and ``half_life_unit``, and ``pairs``: per source and target (names)
            the fields of :class:`Choice`, the ``half_life`` (None: age does not matter) and the
            ``emphasis``.
        """
        self._check_fitted()
        names = [str(name) for name in self.space_.scenarios.ids]
        pairs = [
            {
                "source": names[s],
                "target": names[t],
                **asdict(choice),
                "half_life": self.half_life_.get((s, t)),
                "emphasis": self.emphasis_.get((s, t), 1.0),
            }
            for (s, t), choice in sorted(self.choices_.items())
        ]
        return {
            "strength_power": self.strength_power_,
            "half_life_unit": self.half_life_unit_,
            "pairs": pairs,
        }

    def popularity(self, target: int, *, warm: bool | np.ndarray) -> np.ndarray:
        """b_j: users per item at unit spread, recent ones more for warm users if that was chosen.

        Args:
            target: t.
            warm: whether the user has history in the target; of m users shape (m,).

        Returns:
            Shape (n_t,), or (m, n_t) of m users, float32.
        """
        found = self.preferences_
        return np.where(np.expand_dims(warm, -1), found.recent[target], found.popularity[target])

    def effects(
        self, source: int, target: int, history: np.ndarray, items: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """W_st[h, j] per unit of history weight: learnt and text part.

        Args:
            source: code of the source scenario.
            target: code of the target scenario.
            history: local item numbers in the source, shape (H,).
            items: local item numbers in the target, each once, shape (k,).

        Returns:
            Two arrays of shape (H, k), float32; zeros where the model has no such pair.
        """
        if source == target:
            return self.preferences_.within[target].effects(history, items)
        found = self.preferences_.across.get((source, target))
        if found is None:
            nothing = np.zeros((len(history), len(items)), dtype=np.float32)
            return nothing, nothing.copy()
        return found.effects(history, items)

    def weights(self, histories: Histories, source: int, target: int) -> sparse.csr_array:
        """w_uh of the histories in a source as a target counts them, shape (m, n_s)."""
        strengths = counted(histories.by_scenario[source], self.strength_power_)
        found = history_weights(strengths, self.config.history_power)
        if histories.ages is not None and histories.unit == self.half_life_unit_:
            half_life = self.half_life_.get((source, target))
            found = decayed(found, histories.ages[source], half_life)
        factor = self.emphasis_.get((source, target), 1.0)
        if factor == 1:
            return found
        warm = liked_items(histories.by_scenario[target]) > 0
        return emphasised(found, np.where(warm, factor, 1.0))

    def with_items(
        self,
        scenario: str,
        ids: Sequence[str],
        vectors: np.ndarray,
    ) -> "TransferModel":
        """This model with new items of a scenario, which can be recommended by their text at once.

        Args:
            scenario: where they are offered.
            ids: item ids that the scenario does not have yet, k of them.
            vectors: of the encoder the model was fitted with, shape (k, d). Further views of
                their text count as empty.

        Returns:
            Another model; histories of this one's space are brought to its space by
            :meth:`Histories.moved <crossrec.data.history.Histories.moved>`.

        Raises:
            UnknownId: the scenario is not known.
            DataError: an item is there already, or vectors do not fit.
        """
        return foldin.with_items(self, scenario, ids, vectors)

    def target_only(self) -> Recommender:
        """The same preference models with M = identity and its own base weight."""
        return TargetOnly(self)

    def only_source(self, source: int, *, forced: bool = False) -> Recommender:
        """This model with all sources but one switched off.

        Args:
            source: the one that stays on.
            forced: set its coefficient to 1 for everybody, which is what pooling without learnt
                coefficients would do.
        """
        return OnlySource(self, source, forced=forced)

    def save(self, folder: Path) -> None:
        """Write ``config.json`` and ``weights.safetensors``; user histories are not kept."""
        storage.save(self, folder)

    @classmethod
    def load(cls, folder: Path) -> "TransferModel":
        """Read what :meth:`save` wrote.

        Raises:
            RunUnreadable: files are missing, damaged or do not fit together.
        """
        return storage.load(folder)

    def _check_fitted(self) -> None:
        if not hasattr(self, "gates_"):
            raise NotFitted("expected a fitted TransferModel", "", "Call fit first")
