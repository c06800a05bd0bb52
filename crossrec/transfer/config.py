"""Settings of the transfer model, and the presets."""

from dataclasses import asdict, dataclass, fields
from typing import Any, Self


@dataclass(frozen=True)
class TransferConfig:
    """Hyper-parameters of :class:`crossrec.transfer.model.TransferModel`.

    Attributes:
        transfer: False sets M to the identity: the target-only model.
        seed: of everything random.
        history_power: p in ``w_uh = strength / |H|^p``, see :mod:`crossrec.transfer.preference`.
        max_active: items per scenario with learnt links, the most popular first; the others keep
            text and popularity. Time grows with its cube, memory with its square.
        links: learnt links kept per item, the strongest.
        ranks: candidate ranks of the learnt map from a source to a target.
        factor_ranks: candidate numbers of item factors within a scenario; empty: no factors.
        factor_sizes: candidate pairs of lambda and the confidence of an interaction over the 1 of a
            missing one; dense data wants little confidence.
        pooled_sizes: the same for the factors pooled over all scenarios, where the confidence is
            that of users with several scenarios; empty: no such factors.
        pooled_rank: number of the pooled factors.
        shared_weights: how much more users with several scenarios count in the pooled factors than
            users with one; one factorisation each, whose mean is used.
        max_shared: shared users a learnt map is fitted on, the most active first.
        within_grid: candidate L2 penalties of the within-scenario links, walked uphill from the
            middle one.
        text_grid: candidate weights of text in the within-scenario links; 0 is "no text".
        across_grid: candidate L2 penalties of the source -> target maps.
        across_links: candidate links per target item from each source, beside those maps; 0: none.
        across_links_penalty: L2 penalty of these links.
        text_penalty: L2 penalty of the text maps.
        tower_steps: of the Siamese text tower, a further candidate for the text maps, see
            :mod:`crossrec.transfer.tower`; 0: none.
        triplet, adversarial: weights of these terms in its loss.
        tuning_users: validation users per scenario that choose the penalties.
        gate_users: validation users per scenario that train the coefficients.
        strength_powers: candidate powers of event strengths, above 0: 1 is "as they are", near 0
            "all events count alike".
        half_life_grid: candidate half-lives of a history item's weight per pair of scenarios, in
            days (clock times) or newer items (positions); None is "age does not matter".
        emphasis_grid: candidate factors on a source's preference for warm users, see
            :mod:`crossrec.transfer.emphasis`.
        popularity_grid: candidate half-lives of popularity for warm users per target scenario, in
            days; without clock times there is none.
        hidden: width of the coefficient network.
        steps: at most, of coefficient training, per target scenario.
        patience: evaluations without a better validation NDCG before it stops.
        learning_rate: of Adam.
        cold_share: of the users with several scenarios, those who lose one of them altogether
            while hyper-parameters and coefficients are chosen; afterwards all rows are learnt from.
        hide: probability that a user's target history, or one source, is hidden in a step.
        search_trials: settings tried on validation rows before the fit, the given ones first; 0:
            none. See :mod:`crossrec.transfer.search`.
        search_minutes: no new trial is begun after so much time in trials.
        refit: fit the preference models again on train and valid after everything is chosen.
    """

    transfer: bool = True
    seed: int = 0
    history_power: float = 0.5
    max_active: int = 8_000
    links: int = 400
    ranks: tuple[int, ...] = (16, 32, 64)
    factor_ranks: tuple[int, ...] = (64, 128)
    factor_sizes: tuple[tuple[float, float], ...] = ((50.0, 50.0), (150.0, 10.0), (45.0, 3.0))
    pooled_sizes: tuple[tuple[float, float], ...] = (
        (600.0, 150.0), (1200.0, 150.0), (200.0, 50.0), (400.0, 50.0), (80.0, 10.0), (150.0, 10.0),
        (45.0, 3.0),
    )  # fmt: skip
    shared_weights: tuple[float, ...] = (3.0, 10.0)
    pooled_rank: int = 64
    max_shared: int = 8_000
    within_grid: tuple[float, ...] = (10.0, 40.0, 150.0, 600.0, 2400.0)
    text_grid: tuple[float, ...] = (0.0, 5.0, 20.0, 70.0, 200.0)
    across_grid: tuple[float, ...] = (300.0,)
    across_links: int = 30
    across_links_penalty: float = 0.3
    text_penalty: float = 10.0
    tower_steps: int = 0
    triplet: float = 0.0
    adversarial: float = 0.0
    tuning_users: int = 2_000
    gate_users: int = 4_000
    strength_powers: tuple[float, ...] = (1.0, 0.5, 0.1)
    half_life_grid: tuple[float | None, ...] = (None, 10.0, 50.0, 200.0)
    emphasis_grid: tuple[float, ...] = (1.0, 3.0, 10.0)
    popularity_grid: tuple[float | None, ...] = (None, 30.0, 100.0, 300.0, 1000.0)
    hidden: int = 16
    steps: int = 300
    patience: int = 6
    learning_rate: float = 0.02
    cold_share: float = 0.2
    hide: float = 0.2
    search_trials: int = 0
    search_minutes: float = 60.0
    refit: bool = True

    @classmethod
    def preset(cls, name: str, **changes: Any) -> Self:
        """The settings of a preset, "quick", "balanced" or "thorough", with changes."""
        return cls(**{**PRESETS[name], **changes})

    def to_dict(self) -> dict[str, Any]:
        """As JSON-able values."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Self:
        """The inverse of :meth:`to_dict`; unknown names are an error of the caller."""
        values = _renamed(values)
        known = {field.name for field in fields(cls)}
        if unknown := set(values) - known:
            raise ValueError(f"unknown settings: {sorted(unknown)}")
        return cls(**{name: _frozen(value) for name, value in values.items()})


def _frozen(value: Any) -> Any:
    """Lists as tuples, at any depth: JSON knows lists only."""
    return tuple(_frozen(one) for one in value) if isinstance(value, (list, tuple)) else value


def _renamed(values: dict[str, Any]) -> dict[str, Any]:
    """Settings of models fitted when lambda and confidence of the factors were apart."""
    found = dict(values)
    if "pooled_penalties" in found:
        confidence = found.pop("pooled_confidence", 150.0)
        found["pooled_sizes"] = [(p, confidence) for p in found.pop("pooled_penalties")]
    if "factor_penalty" in found:
        found["factor_sizes"] = [(found.pop("factor_penalty"), found.pop("factor_confidence"))]
    return found


PRESETS: dict[str, dict[str, Any]] = {
    "quick": {
        "max_active": 4_000,
        "within_grid": (50.0, 200.0, 800.0),
        "text_grid": (0.0, 20.0, 100.0),
        "ranks": (32,),
        "factor_ranks": (64,),
        "factor_sizes": ((45.0, 3.0),),
        "pooled_sizes": ((600.0, 150.0), (110.0, 10.0)),
        "half_life_grid": (None, 30.0),
        "gate_users": 2_000,
        "tuning_users": 1_000,
        "steps": 60,
        "patience": 3,
        "learning_rate": 0.05,
    },
    "balanced": {"max_active": 10_000, "max_shared": 12_000},
    "thorough": {
        "max_active": 20_000,
        "max_shared": 16_000,
        "ranks": (8, 16, 32, 64, 128),
        "within_grid": (10.0, 25.0, 60.0, 150.0, 400.0, 1000.0, 2500.0),
        "text_grid": (0.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 400.0),
        "across_grid": (30.0, 300.0, 3000.0),
        "tuning_users": 4_000,
        "gate_users": 8_000,
        "tower_steps": 1_000,
        "search_trials": 12,
        "steps": 600,
        "patience": 12,
    },
}
"""What each preset changes of the defaults."""
