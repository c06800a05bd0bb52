"""The transfer model: R(u, t, j) = base + sum over s of M_st(u) P(u, s->t, j)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Self

import numpy as np
import torch
from scipy import sparse

from crossrec.data.history import Histories
from crossrec.data.split import ScenarioSplit
from crossrec.errors import NotFitted, SplitError, TrainingFailed
from crossrec.language.table import FeatureTable, unit_rows
from crossrec.progress import Progress, silent, stretch
from crossrec.transfer import choosing, fitting, foldin, storage
from crossrec.transfer.across import Across
from crossrec.transfer.choice import ADAPTED, MEANING, Choice, Views
from crossrec.transfer.coefficients import (
    GATE_INPUTS,
    CoefficientNetwork,
    gate_inputs,
    identity,
    scenario_statistics,
)
from crossrec.transfer.config import TransferConfig
from crossrec.transfer.examples import collect
from crossrec.transfer.fitting import Preferences
from crossrec.transfer.foldin import Reading
from crossrec.transfer.preference import decayed, history_weights
from crossrec.transfer.recency import choose_half_lives
from crossrec.transfer.recommender import Recommender
from crossrec.transfer.restricted import OnlySource, TargetOnly
from crossrec.transfer.resume import Checkpoint, fit_key
from crossrec.transfer.search import search, validation_score
from crossrec.transfer.tower import fit_tower
from crossrec.transfer.training import train
from crossrec.transfer.validation import with_cold_users
from crossrec.transfer.views import meanings, views_of

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
        network_: M and the base weight.
        choices_: (source, target) -> hyper-parameters chosen on validation rows.
        half_life_: target -> half-life of history weights, only where one was better than none.
        trials_: of the search for settings: trial, settings, ndcg (validation), seconds.
        history_: training curves: model, step, train_loss, valid_loss, valid_ndcg.
    """

    preferences_: Preferences
    network_: CoefficientNetwork
    choices_: dict[tuple[int, int], Choice]
    text_: tuple[np.ndarray, ...]
    history_: list[dict[str, Any]]
    reading_: tuple[Reading, ...] = ()
    half_life_: Mapping[int, float] = MappingProxyType({})
    half_life_unit_: str = "items"
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
        space = split.space
        if self.config.transfer and len(space) < 2:
            raise SplitError(
                "expected at least two scenarios to transfer between",
                f"{len(space)} ({', '.join(space.scenarios.ids)})",
                "Map the column that tells surfaces, categories or behaviours apart to 'scenario'",
            )
        if not all(np.isfinite(log.weight).all() for log in (split.train, split.valid)):
            raise TrainingFailed(
                "expected finite strengths in the log", "NaN or infinity", "Check its weights"
            )
        if self.config.search_trials:
            self._search(split, features, stretch(progress, 0.0, 0.8), checkpoint)
            progress = stretch(progress, 0.8, 1.0)
        self._remember(split)
        views = tuple(views_of(space, s, features) for s in range(len(space)))
        self.text_ = tuple(view[MEANING] for view in views)
        train_rows = Histories.from_log(split.train, space)
        valid_rows = Histories.from_log(split.valid, space, train_rows.users.ids)
        if self.config.transfer:
            train_rows, valid_rows = with_cold_users(
                train_rows, valid_rows, self.config.cold_share, self.config.seed
            )
        kept = Checkpoint(checkpoint, fit_key(split, features, self.config) if checkpoint else "")
        wanted = self.config.pooled_penalties if self.config.transfer else ()
        encoder = self._read(train_rows, kept)
        if encoder is not None:
            views = tuple({**view, ADAPTED: unit_rows(view[MEANING] @ encoder)} for view in views)
        tower = None if encoder is None else encoder @ encoder.T
        pooled = cache(lambda: fitting.fit_pooled(train_rows, wanted, self.config))
        self.choices_, across = choosing.choose(
            train_rows,
            valid_rows,
            views,
            pooled,
            tower,
            self.config,
            stretch(progress, 0.0, 0.4),
            kept,
        )
        trained = kept.network(self.config.hidden)
        if trained is None or not self.config.refit:
            told = stretch(progress, 0.4, 0.55)
            self.preferences_ = self._solve(train_rows, views, told, tower, across)
        self._choose_half_lives(train_rows, valid_rows, kept)
        if trained is None:
            trained = self._fit_network(train_rows, valid_rows, stretch(progress, 0.55, 0.8), kept)
            kept.keep_network(*trained)
        self.network_, self.history_ = trained
        self.reading_ = tuple(
            Reading.of(raw, view, self.choices_[s, s].views, encoder)
            for s, (raw, view) in enumerate(zip(meanings(space, features), views, strict=True))
        )
        if self.config.refit:
            told = stretch(progress, 0.8, 1.0)
            self.preferences_ = self._solve(split.histories(), views, told, tower)
        progress("train", 1.0, 1.0)
        return self

    def scores(
        self,
        histories: Histories,
        scenario: int,
        *,
        coefficients: np.ndarray | None = None,
        sources: Collection[int] | None = None,
    ) -> np.ndarray:
        """R of all items of a scenario, shape (m, n_t), float32.

        Args:
            histories: m users.
            scenario: the target t.
            coefficients: M to use instead of the learnt one, shape (m, S): what-if questions.
            sources: the other scenarios that are open; default all.
        """
        self._check_fitted()
        found = np.empty((len(histories), self.space_.sizes[scenario]), dtype=np.float32)
        for start in range(0, len(histories), BATCH):
            rows = slice(start, start + BATCH)
            own, others, inputs, counts = self.parts(histories.take(rows), scenario, sources)
            learnt = coefficients is None
            m = self._coefficients(inputs, scenario) if learnt else coefficients[rows]
            found[rows] = self.base(counts, scenario)[:, None] * self.popularity(scenario)
            found[rows] += m[:, [scenario]] * own
            for source, part in others.items():
                found[rows] += m[:, [source]] * part
        return found

    def coefficients(self, histories: Histories, target: int) -> np.ndarray:
        """M_st(u) of all sources, shape (m, S), float32, in (0, 1); column ``target`` is 1."""
        self._check_fitted()
        found = np.empty((len(histories), len(self.space_)), dtype=np.float32)
        for start in range(0, len(histories), BATCH):
            rows = slice(start, start + BATCH)
            _, _, inputs, _ = self.parts(histories.take(rows), target)
            found[rows] = self._coefficients(inputs, target)
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

    def base(self, counts: np.ndarray, target: int) -> np.ndarray:
        """Weight g_t(u) of popularity, shape (m,); ``counts`` are history lengths, shape (m, S)."""
        if not self.config.transfer:  # other scenarios must not matter at all
            counts = counts * (np.arange(len(self.space_)) == target)
        with torch.no_grad():
            lengths = torch.from_numpy(counts.astype(np.float32))
            return self.network_.base_weight(lengths, target).numpy()

    def popularity(self, target: int) -> np.ndarray:
        """b_j: users per item at unit spread, shape (n_t,), float32."""
        return self.preferences_.popularity[target]

    def effects(
        self, source: int, target: int, history: np.ndarray, item: int
    ) -> tuple[np.ndarray, np.ndarray]:
        """W_st[h, item] per unit of history weight: learnt and text part, shape (len(history),)."""
        if source == target:
            return self.preferences_.within[target].effects(history, item)
        return self.preferences_.across[source, target].effects(history, item)

    def weights(self, histories: Histories, source: int, target: int) -> sparse.csr_array:
        """w_uh of the histories in a source as a target counts them, shape (m, n_s)."""
        plain = history_weights(histories.by_scenario[source], self.config.history_power)
        if histories.ages is None or histories.unit != self.half_life_unit_:
            return plain
        return decayed(plain, histories.ages[source], self.half_life_.get(target))

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

    def _solve(
        self,
        histories: Histories,
        views: tuple[Views, ...],
        progress: Progress,
        tower: np.ndarray | None,
        across: dict[tuple[int, int], Across] | None = None,
    ) -> Preferences:
        return fitting.solve(histories, self.choices_, views, self.config, progress, across, tower)

    def _read(self, histories: Histories, checkpoint: Checkpoint) -> np.ndarray | None:
        """The encoder of the text tower, shape (d, d); None without text or steps."""
        if not self.config.tower_steps or not any(text.any() for text in self.text_):
            return None
        record = checkpoint.read("tower")
        if record is not None:
            return record[0]["encoder"]
        encoder = fit_tower(histories, self.text_, self.config)
        checkpoint.write("tower", {"encoder": encoder}, {})
        return encoder

    def _check_fitted(self) -> None:
        if not hasattr(self, "network_"):
            raise NotFitted("expected a fitted TransferModel", "", "Call fit first")

    def _coefficients(self, inputs: np.ndarray, target: int) -> np.ndarray:
        with torch.no_grad():
            if not self.config.transfer:
                return identity(len(inputs), len(self.space_), target).numpy()
            return self.network_.coefficients(torch.from_numpy(inputs), target).numpy()

    def _search(
        self,
        split: ScenarioSplit,
        features: FeatureTable | None,
        progress: Progress,
        folder: Path | None,
    ) -> None:
        """Take the best settings of a search; ``refit`` and the budget stay as they are."""
        asked = self.config

        def judge(config: TransferConfig, told: Progress) -> float:
            plain = replace(config, search_trials=0, refit=False)
            model = type(self)(plain).fit(split, features, progress=told)
            return validation_score(model, split, asked.tuning_users, asked.seed)

        key = fit_key(split, features, asked)
        self.config, trials = search(asked, judge, key=key, folder=folder, progress=progress)
        self.trials_ = [trial.to_dict() for trial in trials]

    def _choose_half_lives(
        self, train_rows: Histories, valid_rows: Histories, checkpoint: Checkpoint
    ) -> None:
        self.half_life_, self.half_life_unit_ = {}, train_rows.unit
        record = checkpoint.read("recency")
        if record is not None:
            self.half_life_ = {int(t): value for t, value in record[1].items()}
            return
        self.half_life_ = choose_half_lives(train_rows, valid_rows, self.preferences_, self.config)
        checkpoint.write("recency", {}, {str(t): days for t, days in self.half_life_.items()})

    def _fit_network(
        self,
        train_rows: Histories,
        valid_rows: Histories,
        progress: Progress,
        checkpoint: Checkpoint,
    ) -> tuple[CoefficientNetwork, list[dict[str, Any]]]:
        examples = [
            found
            for target in range(len(self.space_))
            if (found := collect(self, train_rows, valid_rows, target)) is not None
        ]
        return train(
            examples,
            scenario_statistics(train_rows),
            self.config,
            progress=progress,
            checkpoint=checkpoint,
        )
