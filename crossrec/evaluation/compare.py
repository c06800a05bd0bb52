"""Fit, rank and judge several recommenders on one split."""

from collections.abc import Callable, Mapping, Sequence
from time import perf_counter

import numpy as np
import pandas as pd

from crossrec.data.seen import INCLUDE, Seen
from crossrec.data.split.cutting import ScenarioSplit
from crossrec.errors import SplitError, UnknownId
from crossrec.evaluation.notes import Note
from crossrec.evaluation.protocol import EvaluatedUsers, Ranked, evaluated_users, rank
from crossrec.evaluation.results import COEFFICIENT_COLUMNS, RunReport
from crossrec.evaluation.table import Measured, OpenedSource, per_user_table, report_table
from crossrec.evaluation.uncertainty import resamples_for
from crossrec.language.table import FeatureTable
from crossrec.progress import Progress, silent
from crossrec.transfer.recommender import Recommender, TransferRecommender

TARGET_ONLY = "target only"
TRANSFER = "transfer"
FORCED = " (forced)"
"""Ends the report's name of a model whose open source has the coefficient 1 for every user."""

MAX_COEFFICIENT_USERS = 5000
"""Users per target whose coefficients are kept in a report."""


def compare(
    split: ScenarioSplit,
    models: Mapping[str, Recommender],
    features: FeatureTable | None = None,
    *,
    baseline: str = TARGET_ONLY,
    transfer: str = TRANSFER,
    ks: Sequence[int] = (5, 10, 20),
    k: int = 10,
    max_users: int | None = None,
    seed: int = 0,
    seen: Mapping[str, Seen] | None = None,
    progress: Progress = silent,
) -> RunReport:
    """Judge recommenders on the test part, with paired differences to a baseline.

    Args:
        split: what they learn from and are judged on.
        models: by the name they have in the report; those not fitted yet are fitted here.
        features: text vectors for fitting.
        baseline: the model that lifts are taken against. Where "target only" is not among the
            models, the transfer model's own target-only form takes its place; where there is
            neither, no lifts are given.
        transfer: the model whose sources are opened one by one, if it is there and can
            (:class:`~crossrec.transfer.recommender.TransferRecommender`).
        ks: list lengths.
        k: the main list length; added to ``ks`` if it is not among them.
        max_users: judge at most so many users per scenario (a uniform sample); None for all.
        seed: of the bootstrap and of all samples of users.
        seen: scenario -> whether its lists leave seen items out, for the record. Judged is both:
            without seen items everywhere, and with repeats where test rows repeat an item or the
            lists may include seen items.
        progress: told about fits (by the models themselves) and rankings.

    Returns:
        The report; its ``config`` holds ``k, ks, baseline, transfer, models, kind, cuts,
        resamples, scenarios, max_users, seen``.

    Raises:
        SplitError: the split has no test rows.
        UnknownId: ``baseline`` is not among the models.
    """
    groups = evaluated_users(split, max_users, seed=seed)
    if not groups:
        raise SplitError(
            "expected a split with test rows", f"kind {split.kind!r} with none", "Hold rows out"
        )
    ks = tuple(sorted({*ks, k}))
    started = perf_counter()
    for model in models.values():
        if not hasattr(model, "space_"):
            model.fit(split, features, progress=progress)
    fitted = perf_counter()

    opener = models.get(transfer)
    opener = opener if isinstance(opener, TransferRecommender) and transfer != baseline else None
    contenders = _contenders(models, baseline, opener)
    names = split.space.scenarios.ids
    own_is_baseline = baseline not in models
    n_opened = 2 * len(names) - 1 - own_is_baseline if opener is not None else 0
    again = _with_repeats(split, max_users, seed, seen or {})
    rankings = len(groups) * (len(contenders) + n_opened)
    rankings += sum(users.scenario in again for users in groups) * len(contenders)
    step = _Steps(progress, rankings)
    measured = []
    for users in groups:

        def ranked(model: Recommender, name: str, users: EvaluatedUsers = users) -> Ranked:
            return step(lambda told: rank(model, users, ks, told=told), name)

        done = {name: ranked(model, name) for name, model in contenders.items()}
        opened: list[OpenedSource] = []
        if opener is not None:
            own = done[baseline] if own_is_baseline else ranked(opener.target_only(), TARGET_ONLY)
            opened = _open_sources(opener, transfer, users, names, ranked=ranked, without=own)
        scenario = str(names[users.scenario])
        repeated = _ranked_again(scenario, again.get(users.scenario), contenders, ks, step)
        measured.append(Measured(scenario, users, done, opened, repeated))
    resamples = resamples_for(len(names) * (len(names) - 1))
    table = report_table(measured, baseline=baseline, k=k, resamples=resamples, seed=seed)
    coefficients = _coefficients(opener, groups, names, seed)
    return RunReport(
        table=table,
        per_user=per_user_table(measured, k=k),
        coefficients=coefficients,
        config={
            "k": k,
            "ks": list(ks),
            "baseline": baseline if baseline in contenders else "",
            "transfer": transfer if opener is not None else "",
            "models": list(contenders),
            "kind": split.kind,
            "cuts": list(split.cuts),
            "resamples": resamples,
            "scenarios": [str(name) for name in names],
            "max_users": max_users,
            "seen": dict(seen or {}),
        },
        seed=seed,
        split_hash=split.hash,
        timings={"train": fitted - started, "evaluate": perf_counter() - fitted},
        notes=_notes(split, groups, [one.scenario for one in measured if one.with_repeats]),
    )


def _contenders(
    models: Mapping[str, Recommender], baseline: str, opener: TransferRecommender | None
) -> dict[str, Recommender]:
    """The models with the baseline among them, if there is one.

    Raises:
        UnknownId: it is not among the models, and is none that can be made of them.
    """
    found = dict(models)
    if baseline not in models:
        if baseline != TARGET_ONLY:
            raise UnknownId.of("model as the baseline", baseline, list(models))
        if opener is not None:
            found[baseline] = opener.target_only()
    return found


def _with_repeats(
    split: ScenarioSplit, max_users: int | None, seed: int, seen: Mapping[str, Seen]
) -> dict[int, EvaluatedUsers]:
    """Scenario code -> who is judged with repeats, where there is anything to judge by that."""
    judged = set(split.repeats.scenario.tolist())
    judged |= {
        split.space.scenarios.code(name, "scenario")
        for name, lists in seen.items()
        if lists == INCLUDE
    }
    if not judged:
        return {}
    found = evaluated_users(split, max_users, seed=seed, seen=INCLUDE)
    return {users.scenario: users for users in found if users.scenario in judged}


def _ranked_again(
    scenario: str,
    users: EvaluatedUsers | None,
    models: Mapping[str, Recommender],
    ks: tuple[int, ...],
    step: "_Steps",
) -> Measured | None:
    """The models by lists that may include seen items; None where nobody is judged so."""
    if users is None:
        return None

    def ranked(model: Recommender, name: str, users: EvaluatedUsers = users) -> Ranked:
        return step(lambda told: rank(model, users, ks, seen=INCLUDE, told=told), name)

    done = {name: ranked(model, name) for name, model in models.items()}
    return Measured(scenario, users, done, ())


class _Steps:
    """Counts rankings for the progress bar."""

    def __init__(self, progress: Progress, total: int) -> None:
        self.progress, self.total, self.done = progress, total, 0

    def __call__(self, work: Callable[[Callable[[float], None]], Ranked], name: str) -> Ranked:
        result = work(lambda share: self.progress("evaluate", self.done + share, self.total, name))
        self.done += 1
        self.progress("evaluate", self.done, self.total, name)
        return result


def _open_sources(
    opener: TransferRecommender,
    name: str,
    users: EvaluatedUsers,
    names: np.ndarray,
    *,
    ranked: Callable[[Recommender, str], Ranked],
    without: Ranked,
) -> list[OpenedSource]:
    return [
        OpenedSource(
            model=name + FORCED * forced,
            source=str(source),
            forced=forced,
            ranked=ranked(opener.only_source(code, forced=forced), f"{name}: {source}"),
            without=without,
        )
        for code, source in enumerate(names)
        if code != users.scenario
        for forced in (False, True)
    ]


def _coefficients(
    opener: TransferRecommender | None,
    groups: Sequence[EvaluatedUsers],
    names: np.ndarray,
    seed: int,
) -> pd.DataFrame:
    """The coefficients of at most :data:`MAX_COEFFICIENT_USERS` evaluated users per target."""
    rng = np.random.default_rng(seed)
    if opener is None:
        return pd.DataFrame({name: [] for name in COEFFICIENT_COLUMNS})
    frames = []
    for users in groups:
        size = min(len(users), MAX_COEFFICIENT_USERS)
        rows = np.sort(rng.choice(len(users), size, replace=False))
        histories = users.histories.take(rows)
        values, counts = opener.coefficients(histories, users.scenario), histories.counts()
        low, high, judged = opener.coefficient_intervals(histories, users.scenario)
        frames += [
            pd.DataFrame(
                {
                    "user_id": histories.users.ids,
                    "source": source,
                    "target": names[users.scenario],
                    "coefficient": values[:, code],
                    "low": low[:, code],
                    "high": high[:, code],
                    "judged": judged[code],
                    "source_items": counts[:, code],
                    "target_items": counts[:, users.scenario],
                }
            )
            for code, source in enumerate(names)
            if code != users.scenario
        ]
    return pd.concat(frames, ignore_index=True)


def _notes(
    split: ScenarioSplit, groups: Sequence[EvaluatedUsers], repeated: Sequence[str]
) -> tuple[Note, ...]:
    notes = [Note("repeats")]
    if repeated:
        notes.append(Note("with_repeats", {"scenarios": tuple(repeated)}))
    if split.kind in ("random", "order"):
        notes.append(Note(split.kind))
    if split.kind == "time" and sum(map(len, split.cold_test)):
        notes.append(Note("cold"))
    judged = {users.scenario: len(users) for users in groups}
    test = split.test
    for code, size in judged.items():
        total = len(np.unique(test.user[test.scenario == code]))
        if size < total:
            name = split.space.scenarios.ids[code]
            notes.append(Note("sample", {"scenario": name, "size": size, "total": total}))
    notes += [
        Note("no_test_rows", {"scenario": name})
        for code, name in enumerate(split.space.scenarios.ids)
        if code not in judged and code in split.space.targets
    ]
    return tuple(notes)
