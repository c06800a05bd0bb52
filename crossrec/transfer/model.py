"""The transfer model: R(u, t, j) = base + sum over s of M_st(u) P(u, s->t, j)."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

import numpy as np

from crossrec.data.history import Histories
from crossrec.data.split.cutting import ScenarioSplit
from crossrec.errors import NotFitted
from crossrec.language.table import FeatureTable
from crossrec.progress import Progress, silent
from crossrec.transfer import foldin, storage
from crossrec.transfer.config import TransferConfig
from crossrec.transfer.fitted import Fitted
from crossrec.transfer.recommender import Recommender
from crossrec.transfer.variants import OnlySource, without_transfer


class TransferModel(Recommender):
    """Transfer between scenarios with a coefficient per user and pair of scenarios.

    ``R(u,t,j) = base_t(u, j) + sum_s M_st(u) P(u, s->t, j)`` (002 §4.1.3): popularity, and
    preference models ``P`` that are linear in the history
    (:mod:`crossrec.transfer.preference`), all at unit spread, so that coefficients compare.

    Args:
        config: all settings; default :class:`TransferConfig`.
        **changes: single settings, e.g. ``transfer=False`` or ``seed=7``.

    Attributes:
        space_: the candidates of every scenario.
        fitted_: what was learnt, a frozen value.
    """

    fitted_: Fitted

    def __init__(self, config: TransferConfig | None = None, **changes: Any) -> None:
        self.config = replace(config or TransferConfig(), **changes)
        self.name = "transfer" if self.config.transfer else "target only"

    @classmethod
    def of(
        cls, config: TransferConfig, fitted: Fitted, histories: Histories | None = None
    ) -> "TransferModel":
        """A model with what was learnt elsewhere."""
        found = cls(config)
        found.fitted_, found.space_, found.histories_ = fitted, fitted.space, histories
        return found

    def fit(
        self,
        split: ScenarioSplit,
        features: FeatureTable | None = None,
        *,
        progress: Progress = silent,
        checkpoint: Path | None = None,
    ) -> Self:
        """Choose everything on validation users, then solve it on train and valid rows.

        Args:
            split: train rows to learn from, valid rows to choose by; test rows are not read.
            features: text vectors; without them there is no text part.
            progress: told as phase "train".
            checkpoint: folder where decisions are kept: a fit with the same split, settings and
                features goes on from there after a kill, and ends bit for bit as if it had never
                been stopped.

        Raises:
            SplitError: transfer is asked for and there are fewer than two scenarios.
            TrainingFailed: a preference became NaN.
        """
        from crossrec.transfer.fit import fit  # what it needs is heavy, and only needed to fit

        self._remember(split)
        self.fitted_ = fit(split, features, self.config, progress, checkpoint)
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
        return self.fitted_.scores(histories, scenario, coefficients=coefficients, sources=sources)

    def coefficients(self, histories: Histories, target: int) -> np.ndarray:
        """M_st(u) of all sources, shape (m, S), float32, in [0, 1); column ``target`` is 1."""
        self._check_fitted()
        return self.fitted_.gate(self.fitted_.inputs(histories, target), target)

    def coefficient_intervals(
        self, histories: Histories, target: int
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """How sure the coefficients are.

        Returns:
            Ends of the 95 % interval of each, from the bootstrap over validation users, shape (m,
            S) each; and how many validation users each source rests on, shape (S,).
        """
        self._check_fitted()
        inputs, found = self.fitted_.inputs(histories, target), self.fitted_.coefficients
        return *found.interval(inputs, target), found.users[:, target]

    def with_items(self, scenario: str, ids: Sequence[str], vectors: np.ndarray) -> "TransferModel":
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
        self._check_fitted()
        larger = foldin.with_items(self.fitted_, scenario, ids, vectors)
        histories = self.histories_
        if histories is not None:
            histories = histories.moved(self.space_, larger.space)
        return self.of(self.config, larger, histories)

    def target_only(self) -> "TransferModel":
        """The same preference models with M = identity."""
        self._check_fitted()
        config = replace(self.config, transfer=False)
        return self.of(config, without_transfer(self.fitted_), self.histories_)

    def only_source(self, source: int, *, forced: bool = False) -> Recommender:
        """This model with all sources but one switched off.

        Args:
            source: the one that stays on.
            forced: set its coefficient to 1 for everybody, which is what pooling without learnt
                coefficients would do.
        """
        self._check_fitted()
        return OnlySource(self.fitted_, source, forced=forced, histories=self.histories_)

    def save(self, folder: Path) -> None:
        """Write ``config.json`` and ``weights.safetensors``; user histories are not kept."""
        self._check_fitted()
        storage.save(self.config, self.fitted_, folder)

    @classmethod
    def load(cls, folder: Path) -> "TransferModel":
        """Read what :meth:`save` wrote.

        Raises:
            RunUnreadable: files are missing, damaged, of an older version, or do not fit together.
        """
        return cls.of(*storage.load(folder))

    def _check_fitted(self) -> None:
        if not hasattr(self, "fitted_"):
            raise NotFitted("expected a fitted TransferModel", "", "Call fit first")
