"""Cutting a log into what a model may see and what it is judged on.

Source: method page §3. No interaction after the cut is seen, in any scenario.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypedDict, Unpack

import numpy as np

from crossrec.data.catalog import Catalog
from crossrec.data.dislikes import visible_dislikes
from crossrec.data.history import Histories
from crossrec.data.log import InteractionLog, TimeKind, concat
from crossrec.data.seen import EXCLUDE, Seen
from crossrec.data.space import ItemSpace
from crossrec.data.split import holdout
from crossrec.data.split.revealing import drop_revealing
from crossrec.errors import SplitError

KINDS = ("auto", "time", "order", "random")
"""What :func:`split` takes as ``kind``."""

COLD_VALID = 0.1
"""Largest share of users that are cold in the valid part."""


@dataclass(frozen=True)
class ScenarioSplit:
    """Train, valid and test rows of one log.

    Attributes:
        train, valid, test: logs that share the id maps of the whole log. A test row never repeats
            a (user, item, scenario) of train or valid: these are the new items.
        repeats: the test rows that do repeat one of train or valid, each (user, item, scenario)
            once: what is judged too where lists may include seen items. A log without any order
            has none.
        space: the candidates of every scenario (all items of the whole log and the catalogue).
        cold_valid: per scenario t the users (codes) whose rows in t stand in ``valid`` only.
        cold_test: per scenario t the users (codes) whose rows in t stand in ``test`` only.
        kind: "time" (one global cut), "order" (the last rows of each user), "random" (seeded,
            per user), or "none" (nothing held out for a test).
        seed: of everything random here.
        hash: hex sha256 over ids, candidates, rows and parts: equal splits have equal hashes, in
            whatever order the rows of the log stood.
        cuts: the two split times (seconds) of kind "time", else ().
        dropped: rows of the log that are not in train, valid or test, by reason: "repeat" (of a
            row that a user has in an earlier part or in the same held-out part), "hidden" (target
            rows after the test cut of users that are cold in valid), "twin" (of the same user's
            held-out row), "nested" (the same user and item in the other of two nested
            behaviours), "disliked" (the user said no to the item later).
        twins, nested: pairs of item ids and of scenario names by which rows were dropped: whoever
            holds out more rows must drop by them too.
    """

    train: InteractionLog
    valid: InteractionLog
    test: InteractionLog
    repeats: InteractionLog
    space: ItemSpace
    cold_valid: tuple[np.ndarray, ...]
    cold_test: tuple[np.ndarray, ...]
    kind: str
    seed: int
    hash: str
    cuts: tuple[int, ...] = ()
    dropped: Mapping[str, int] = field(default_factory=dict)
    twins: Sequence[tuple[str, str]] = ()
    nested: Sequence[tuple[str, str]] = ()

    def wanted(self, seen: Seen) -> InteractionLog:
        """The held-out rows that lists should find: new items, or with the repeats among them."""
        return self.test if seen == EXCLUDE else concat(self.test, self.repeats)

    def histories(self, *, dislikes: bool = False) -> Histories:
        """The histories up to the test cut (train and valid rows) of all users of the log.

        Args:
            dislikes: with what users said against items before the cut: for ranking, not for
                learning, which is from interactions alone.
        """
        against = None
        if dislikes:
            cut = self.cuts[1] if self.cuts else None
            against = visible_dislikes(self.train, self.valid, self.test, self.cold_test, cut)
        return Histories.from_log(concat(self.train, self.valid), self.space, dislikes=against)


class SplitOptions(TypedDict, total=False):
    """The options of :func:`split`, for those that fix its ``kind``."""

    catalog: Catalog | None
    valid: float
    test: float
    cold_users: float
    seed: int
    twins: Sequence[tuple[str, str]]
    nested: Sequence[tuple[str, str]]


def split(
    log: InteractionLog,
    *,
    catalog: Catalog | None = None,
    kind: str = "auto",
    valid: float = 0.1,
    test: float = 0.1,
    cold_users: float = 0.2,
    seed: int = 0,
    twins: Sequence[tuple[str, str]] = (),
    nested: Sequence[tuple[str, str]] = (),
) -> ScenarioSplit:
    """Hold out the last (or, without any order, random) rows, and all target rows of cold users.

    Cold users: for every target t, ``cold_users`` of the users that have rows in t and elsewhere
    lose all their t-rows, which become test rows; ``min(cold_users, 0.1)`` lose them to valid. A
    user is cold in at most one target; if the groups would take more than 60 % of those users,
    all shrink alike.

    Args:
        log: the interactions.
        catalog: items that are candidates though nobody has used them.
        kind: "time", "order", "random", or "auto": by what the log's time column means.
        valid: share of rows for choosing hyper-parameters.
        test: share of rows for judging.
        cold_users: share of users to be made cold, per target; 0 for none.
        seed: of the cold users and of kind "random".
        twins: pairs of item ids that are one product
            (:attr:`~crossrec.data.findings.AuditReport.twins`): where a row is held out, the same
            user's rows of its twins are left out of the parts before.
        nested: pairs of scenarios, (inner, outer), of which one implies the other
            (:attr:`~crossrec.data.findings.AuditReport.nested`): where a row is held out, the same
            user's row of the same item in the other scenario is left out of the parts before.

    Raises:
        SplitError: the log is empty, no row is left for train or test, or ``kind`` does not suit
            the log.
    """
    if kind not in KINDS:
        raise SplitError(f"expected a split kind of {', '.join(KINDS)}", repr(kind))
    chosen = _kind_for(log) if kind == "auto" else kind
    _check(log, chosen, valid, test, cold_users)
    plan = _Plan(chosen, valid, test, min(cold_users, COLD_VALID), cold_users, seed)
    found = _cut(log, catalog, plan, twins, nested)
    if not len(found.test):
        raise SplitError(
            f"expected test rows from a {chosen!r} split of {len(log):,} rows",
            "none",
            "Give more rows (three different items per user and scenario), raise the test share, "
            "or train without a test part",
        )
    return found


def split_by_time(log: InteractionLog, **options: Unpack[SplitOptions]) -> ScenarioSplit:
    """One global time cut over all scenarios at once; options as for :func:`split`.

    The cuts stand at the quantiles of the times of all rows. The test rows of a cold user are
    his target rows of *any* time: those after the cut alone would be too few to judge by. What he
    is judged with is still cut: all source rows of everybody lie before the test cut, and his own
    target rows are hidden. The question answered is "what does this user want in t, given what
    he did elsewhere up to the cut". Users cold in valid keep only target rows before the test cut.

    Raises:
        SplitError: as :func:`split`; also if the log's times are not clock times.
    """
    return split(log, kind="time", **options)


def split_by_order(log: InteractionLog, **options: Unpack[SplitOptions]) -> ScenarioSplit:
    """The last items of each user and scenario; options as for :func:`split`.

    Of c different items ``max(1, round(test * c))`` are test items and as many by ``valid`` are
    valid items; at least half stay in train, and fewer than three all do.

    Raises:
        SplitError: as :func:`split`; also if the log has no time column.
    """
    return split(log, kind="order", **options)


def split_at_random(log: InteractionLog, **options: Unpack[SplitOptions]) -> ScenarioSplit:
    """Random items of each user and scenario, as many as :func:`split_by_order` takes.

    Raises:
        SplitError: as :func:`split`.
    """
    return split(log, kind="random", **options)


def no_holdout(
    log: InteractionLog,
    catalog: Catalog | None = None,
    *,
    valid: float = 0.1,
    cold_users: float = 0.2,
    seed: int = 0,
    twins: Sequence[tuple[str, str]] = (),
    nested: Sequence[tuple[str, str]] = (),
) -> ScenarioSplit:
    """Nothing for a test, for a model that is to be used; kind "none".

    A valid part is still drawn as :func:`split` would, to choose hyper-parameters and
    coefficients by; :meth:`ScenarioSplit.histories` holds it too.

    Raises:
        SplitError: the log is empty, or no row is left for train.
    """
    kind = _kind_for(log)
    _check(log, kind, valid, 0, cold_users)
    plan = _Plan(kind, valid, 0, min(cold_users, COLD_VALID), 0, seed)
    return replace(_cut(log, catalog, plan, twins, nested), kind="none", cuts=())


@dataclass(frozen=True)
class _Plan:
    """How to cut: the kind, shares of rows, shares of users that are cold, and the seed."""

    kind: str
    valid: float
    test: float
    cold_valid: float
    cold_test: float
    seed: int


def _kind_for(log: InteractionLog) -> str:
    return {TimeKind.CLOCK: "time", TimeKind.ORDER: "order", TimeKind.NONE: "random"}[log.time_kind]


def _check(log: InteractionLog, kind: str, valid: float, test: float, cold_users: float) -> None:
    if not len(log):
        raise SplitError("expected a log with rows", "an empty log", "Check the rejected rows")
    if min(valid, test) < 0 or valid + test >= 1 or not 0 <= cold_users < 1:
        raise SplitError(
            "expected shares from 0 to below 1, valid and test together below 1",
            f"valid={valid}, test={test}, cold_users={cold_users}",
        )
    if kind == "time" and log.time_kind is not TimeKind.CLOCK:
        raise SplitError(
            "expected clock times for a split by time",
            f"times of kind {log.time_kind.value!r}",
            "Map a time column, or split by order or at random",
        )
    if kind == "order" and log.time_kind is TimeKind.NONE:
        raise SplitError(
            "expected times or positions for a split by order",
            "a log without a time column",
            "Map a time column, or split at random",
        )


def _cut(
    log: InteractionLog,
    catalog: Catalog | None,
    plan: _Plan,
    twins: Sequence[tuple[str, str]],
    nested: Sequence[tuple[str, str]],
) -> ScenarioSplit:
    rows, rng, cuts = holdout.Rows.of(log), np.random.default_rng(plan.seed), ()
    if plan.kind == "time":
        cuts = holdout.cut_times(rows.time, plan.valid, plan.test)
        part = holdout.by_time(rows, cuts)
    else:
        position = rows.time if plan.kind == "order" else holdout.random_position(rows, rng)
        part = holdout.by_position(rows, position, plan.valid, plan.test)
    if not (part == holdout.TRAIN).any():
        raise SplitError(
            "expected train rows before the split time",
            f"{np.unique(rows.time).size} different times in {len(log):,} rows",
            "Check the time column, or split by order or at random",
        )
    cold = holdout.draw_cold(rows, part, plan.cold_valid, plan.cold_test, rng)
    after_cut = holdout.HIDDEN if plan.kind == "time" else holdout.VALID
    part = holdout.hide_cold(rows, part, cold, after_cut=after_cut)
    part = holdout.drop_disliked(part, log, cuts[1] if cuts else None)
    part = drop_revealing(part, log, twins, nested)
    repeats = holdout.test_repeats(rows, part)
    part = holdout.drop_repeats(rows, part)
    space = ItemSpace.of(log, catalog)
    reasons = {
        "repeat": holdout.REPEAT,
        "hidden": holdout.HIDDEN,
        "twin": holdout.TWIN,
        "nested": holdout.NESTED,
        "disliked": holdout.DISLIKED,
    }
    return ScenarioSplit(
        train=log.select(part == holdout.TRAIN),
        valid=log.select(part == holdout.VALID),
        test=log.select(part == holdout.TEST),
        repeats=log.select(repeats),
        space=space,
        cold_valid=cold.codes(rows, holdout.VALID),
        cold_test=cold.codes(rows, holdout.TEST),
        kind=plan.kind,
        seed=plan.seed,
        hash=holdout.fingerprint(log, rows, part, space, (plan.kind, plan.seed, cuts)),
        cuts=cuts,
        dropped={reason: int((part == code).sum()) for reason, code in reasons.items()},
        twins=tuple(twins),
        nested=tuple(nested),
    )
