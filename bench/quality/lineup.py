"""Who takes part: baselines, the engine, its ablations, and published models read from files."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from crossrec.transfer.baselines import (
    ALS,
    BPR,
    EASE,
    L3AE,
    Hybrid,
    ItemKNN,
    Popularity,
    RecentPopularity,
    TextContent,
    UserKNN,
)
from crossrec.transfer.config import TransferConfig
from crossrec.transfer.decisions import DECISIONS
from crossrec.transfer.recommender import Recommender

BASELINE, OURS, ABLATION, PEER = "baseline", "ours", "ablation", "peer"

AS_IS, NO_TEXT, SHUFFLED = "as it is", "none", "shuffled between items"
"""The text a recipe is given."""

MAIN = "transfer"
"""The recipe that the bars are about, and that ablations change."""

TARGET_ONLY = "target-only"
VARIANTS = (TARGET_ONLY,)
"""Ways to use one fitted transfer model: the ablation "M = identity"."""

PAIRS = "from every source"
"""One more variant: each source alone, with the learnt coefficients and with 1 for everybody."""

PAIR_SETS = ("ciao", "demo", "sample")
"""Sets with enough scenarios to ask which pairs help and which hurt."""

CLOCK_SETS = PAIR_SETS
"""Sets that say at what time things happened: elsewhere nothing is recent."""

LAMBDA = (10.0, 40.0, 120.0, 350.0, 1000.0)
STRONG_LAMBDA = (350.0, 1000.0, 3000.0, 10_000.0, 30_000.0)
TOWARDS_TEXT = (50.0, 200.0)
"""L3AE: how strongly its weights are drawn towards those of the texts."""
FACTORS = 128
PENALTY = (30.0, 150.0, 500.0)
STRONG_PENALTY = (150.0, 500.0, 1500.0)
"""The strong ones are for the models tuned for cold users."""
ALPHA = (10.0, 50.0)
NEIGHBOURS, SHRINKAGE = (50, 200), (10.0, 50.0, 200.0)
BPR_FACTORS, BPR_EPOCHS = 256, 200
RATES, BPR_PENALTY = (0.05, 0.1), (0.01, 0.05)

SIZE = {"max_items": 15_000, "min_users": 2, "trial_items": 10_000}
"""EASE: items that take part, and while lambda is tried. Only kitchen and food/kitchen pooled have
more with two users (26,000 and 34,000): the others rank below, by popularity."""


@dataclass(frozen=True)
class Recipe:
    """One model of the benchmark.

    Attributes:
        name: as in the results; unique.
        kind: :data:`BASELINE`, :data:`OURS`, :data:`ABLATION` or :data:`PEER`.
        make: the unfitted model under a seed; None for a peer.
        settings: what decides the result besides the seed and the code, JSON-able.
        uses_text: whether text vectors take part.
        needs_text: whether it says nothing on a set without text.
        pooled: whether other scenarios' rows take part.
        text: which text the model is given.
        tuned: whether it keeps the settings that were chosen under the first seed.
        member: the recipe whose chosen settings it starts from ("" for itself).
        variants: of :data:`VARIANTS`, judged from the same fit.
    """

    name: str
    kind: str
    make: Callable[[int], Recommender] | None
    settings: Mapping[str, Any] = field(default_factory=dict)
    uses_text: bool = False
    needs_text: bool = False
    pooled: bool = False
    text: str = AS_IS
    tuned: bool = False
    member: str = ""
    variants: tuple[str, ...] = ()


def _baseline(
    make: Callable[[int], Recommender], *, member: str = "", uses_text: bool = False
) -> Recipe:
    model = make(0)
    return Recipe(
        name=model.name,
        kind=BASELINE,
        make=make,
        settings=described(model),
        uses_text=uses_text,
        needs_text=uses_text,
        pooled="(pooled" in model.name,
        tuned=hasattr(model, "reuse") or bool(member),
        member=member,
    )


def described(model: Any) -> dict[str, Any]:
    """The hyper-parameters of an unfitted model, JSON-able; those of its parts inside."""
    plain = (int, float, str, bool, tuple, type(None))
    values = {
        name: value if isinstance(value, plain) else described(value)
        for name, value in vars(model).items()
        if name != "seed"
    }
    return {"type": type(model).__name__, **values}


def baselines() -> list[Recipe]:
    """All baselines, those that others start from first."""

    def knn(**options: Any) -> Callable[[int], Recommender]:
        return lambda seed: ItemKNN(NEIGHBOURS, SHRINKAGE, **options)

    def ease(values: tuple[float, ...], **options: Any) -> Callable[[int], EASE]:
        return lambda seed: EASE(values, **options, **SIZE)

    def l3ae() -> Callable[[int], Recommender]:
        return lambda seed: L3AE(LAMBDA[1:4], TOWARDS_TEXT, **SIZE)

    def als(values: tuple[float, ...], **options: Any) -> Callable[[int], ALS]:
        return lambda seed: ALS(FACTORS, values, ALPHA, seed=seed, **options)

    def bpr(**options: Any) -> Callable[[int], Recommender]:
        return lambda seed: BPR(BPR_FACTORS, RATES, BPR_PENALTY, BPR_EPOCHS, seed=seed, **options)

    def hybrid(member: Callable[[int], Any]) -> Callable[[int], Recommender]:
        return lambda seed: Hybrid(member(seed))

    cold: dict[str, Any] = {"pooled": True, "tuned_for": "cold"}
    pooled_ease, pooled_als = ease(LAMBDA, pooled=True), als(PENALTY, pooled=True)
    return [
        _baseline(lambda seed: Popularity()),
        _baseline(lambda seed: TextContent(), uses_text=True),
        _baseline(lambda seed: TextContent(pooled=True), uses_text=True),
        _baseline(knn()),
        _baseline(knn(pooled=True)),
        _baseline(knn(**cold)),
        _baseline(ease(LAMBDA)),
        _baseline(pooled_ease),
        _baseline(ease(STRONG_LAMBDA, **cold)),
        _baseline(lambda seed: UserKNN(NEIGHBOURS, SHRINKAGE)),
        _baseline(l3ae(), uses_text=True),
        _baseline(als(PENALTY)),
        _baseline(pooled_als),
        _baseline(als(STRONG_PENALTY, **cold)),
        _baseline(bpr()),
        _baseline(bpr(pooled=True)),
        _baseline(hybrid(ease(LAMBDA)), member="EASE", uses_text=True),
        _baseline(hybrid(pooled_ease), member="EASE (pooled)", uses_text=True),
        _baseline(hybrid(pooled_als), member="ALS (pooled)", uses_text=True),
    ]


TEXTS = {"without text": NO_TEXT, "text shuffled": SHUFFLED}
"""Ablations that change the text the engine is given."""


def ours() -> list[Recipe]:
    """The engine with the variants of one fit."""
    return [_ours(MAIN, OURS, variants=VARIANTS)]


def ablations() -> list[Recipe]:
    """The engine with other text, and without each of its decisions."""
    found = [_ours(f"{MAIN}, {name}", ABLATION, text=text) for name, text in TEXTS.items()]
    return found + [_ours(f"{MAIN}, without {name}", ABLATION, off=(name,)) for name in DECISIONS]


def _ours(
    name: str,
    kind: str,
    *,
    off: tuple[str, ...] = (),
    text: str = AS_IS,
    variants: tuple[str, ...] = (),
) -> Recipe:
    def make(seed: int) -> Recommender:
        from crossrec.transfer.model import TransferModel  # heavy: only where it is fitted

        return TransferModel(TransferConfig(seed=seed, off=off))

    return Recipe(
        name=name,
        kind=kind,
        make=make,
        settings=TransferConfig(off=off).to_dict(),
        uses_text=text != NO_TEXT,
        needs_text=text != AS_IS,
        pooled=True,
        text=text,
        variants=variants,
    )


def peer(name: str) -> Recipe:
    """A published model whose lists :mod:`bench.peers` has written."""
    return Recipe(name=name, kind=PEER, make=None, pooled="(pooled)" in name)


def lineup(set_name: str = "") -> list[Recipe]:
    """Everybody but the peers, in the order of fitting.

    What cannot be without text (``needs_text``) is for the caller to leave out.
    """
    own = ours()
    recent = [_baseline(lambda seed: RecentPopularity())] if set_name in CLOCK_SETS else []
    if set_name in PAIR_SETS:
        own = [replace(r, variants=(*VARIANTS, PAIRS)) if r.name == MAIN else r for r in own]
    return [*recent, *baselines(), *own, *ablations()]


def variant_name(recipe: str, variant: str) -> str:
    """The name in the results of a variant of a recipe."""
    return f"{recipe}, {variant}"


def source_name(recipe: str, source: str, *, forced: bool) -> str:
    """The name in the results of a recipe with one source open."""
    return variant_name(recipe, f"from {source} alone{' (M = 1)' if forced else ''}")
