"""Candidates by description, measured on a run: what they add to the model's own, with intervals.

Source: 002 §3.2 step 4. The generator describes the item a user would want next in a scenario; the
items nearest to the description stand beside the model's best. Judged by how many of the held-out
items are among the candidates (Recall@k), at the same number of candidates.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from crossrec.data.catalog import Catalog
from crossrec.data.history import Histories
from crossrec.data.log import concat
from crossrec.data.split.cutting import ScenarioSplit
from crossrec.errors import SplitError
from crossrec.evaluation.uncertainty import bootstrap_difference, holm
from crossrec.language.encoder import Encoder
from crossrec.language.generator import Generator
from crossrec.language.ideal import Ideal, describe_next, recall, retrieve, union
from crossrec.language.table import FeatureTable
from crossrec.pipeline.described import encoder_of, installed_generator, profiles_for
from crossrec.pipeline.models import load_model
from crossrec.progress import Progress, silent, stretch
from crossrec.transfer.recommender import Recommender, top_k
from crossrec.workspace import Run
from crossrec.workspace.knowledge import write_candidates

CANDIDATES = 100
_DRAWS = 2_000


@dataclass(frozen=True)
class Gain:
    """What described items add to a model's candidates in one target scenario.

    Attributes:
        target: where items are looked for.
        users: judged, with history elsewhere and held-out items here.
        k: candidates of each.
        model: mean Recall@k of the model alone.
        described: of the items nearest to the description alone.
        union: of both, taken in turns, at the same k.
        low: lower end of the 95 % bootstrap interval of ``union - model`` over users.
        high: upper end.
        p_holm: of ``union - model``, corrected over the target scenarios.
        examples: what was described, of the first users.
    """

    target: str
    users: int
    k: int
    model: float
    described: float
    union: float
    low: float
    high: float
    p_holm: float
    examples: tuple[str, ...] = ()

    @property
    def change(self) -> float:
        """``union - model``."""
        return self.union - self.model


def measure_candidates(
    run: Path,
    *,
    users: int = 60,
    k: int = CANDIDATES,
    seed: int = 0,
    progress: Progress = silent,
) -> dict[str, Any]:
    """Measure candidates by description on a run, and keep what was found with it.

    Args:
        run: a finished run with held-out rows, read by a language model.
        users: drawn per target scenario; cold-start users first, since they need candidates most.
        k: candidates of each user.
        seed: of the drawing and of the bootstrap.
        progress: phase "features", in scenarios.

    Returns:
        ``generator`` and ``gains``, one for each target scenario, as JSON-able values.

    Raises:
        ModelMissing: no generator is installed, or the run was not read by a language model.
        SplitError: the run holds nothing out.
    """
    opened = Run(run)
    split, features = opened.split(), opened.features()
    encoder, generator = encoder_of(opened, features), installed_generator()
    model = load_model(opened)
    gains = gains_of(
        split, model, features, opened.catalog(), encoder, generator,
        users=users, k=k, seed=seed, progress=progress,
    )  # fmt: skip
    told = {"generator": generator.id, "gains": [asdict(each) for each in gains]}
    write_candidates(opened, told)
    return told


def gains_of(
    split: ScenarioSplit,
    model: Recommender,
    features: FeatureTable,
    catalog: Catalog,
    encoder: Encoder,
    generator: Generator,
    *,
    users: int = 60,
    k: int = CANDIDATES,
    seed: int = 0,
    progress: Progress = silent,
) -> list[Gain]:
    """:func:`measure_candidates` on what it works on, one entry per target with users to judge.

    Raises:
        SplitError: no user has held-out items and history before them.
    """
    rng = np.random.default_rng(seed)
    known = split.histories(dislikes=True)
    truth = Histories.from_log(split.test, split.space, known.users.ids)
    log, found = concat(split.train, split.valid), []
    names = [str(name) for name in split.space.scenarios.ids]
    for target, name in enumerate(names):
        told = stretch(progress, target / len(names), (target + 1) / len(names))
        drawn = _drawn(split, known, truth, target, users, rng)
        if len(drawn) < 2:
            continue
        ids = known.users.ids[drawn]
        profiles = profiles_for(log, ids, name, catalog)
        ideals = describe_next(profiles, name, generator, progress=told)
        mine = known.take(drawn)
        best, _ = top_k(model.scores(mine, target), mine, target, k)
        near = retrieve(ideals, encoder, features, split.space.ids(target), k)
        held = truth.by_scenario[target][drawn]
        listed = [held.indices[held.indptr[at] : held.indptr[at + 1]] for at in range(len(drawn))]
        found.append(_gain(name, best, near, listed, ideals, k, seed))
    if not found:
        raise SplitError(
            "expected users with held-out items to judge candidates by", "none", "Hold rows out"
        )
    adjusted = holm(np.array([each.p_holm for each in found]))
    return [replace(each, p_holm=float(p)) for each, p in zip(found, adjusted, strict=True)]


def _drawn(
    split: ScenarioSplit,
    known: Histories,
    truth: Histories,
    target: int,
    most: int,
    rng: np.random.Generator,
) -> np.ndarray:
    """Rows of users to judge in a target: cold-start users before others."""
    counts = known.counts()
    wanted = np.flatnonzero((np.diff(truth.by_scenario[target].indptr) > 0) & (counts.sum(1) > 0))
    wanted = rng.permutation(wanted)
    warm = counts[wanted, target] > 0
    return wanted[np.argsort(warm, kind="stable")][:most]


def _gain(
    target: str,
    best: np.ndarray,
    near: np.ndarray,
    truth: Sequence[Sequence[int]],
    ideals: Sequence[Ideal],
    k: int,
    seed: int,
) -> Gain:
    alone, other = recall(best, truth), recall(near, truth)
    both = recall(union(best, near, k), truth)
    change = bootstrap_difference(both, alone, resamples=_DRAWS, seed=seed)
    return Gain(
        target,
        len(alone),
        k,
        float(alone.mean()),
        float(other.mean()),
        float(both.mean()),
        float(change.low[0]),
        float(change.high[0]),
        float(change.p[0]),
        tuple(each.text for each in ideals if each.text)[:4],
    )
