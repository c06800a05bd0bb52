"""What a report says in the end: which source helps which target, and did transfer pay."""

from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from crossrec.data.audit.checks import ENOUGH_USERS
from crossrec.evaluation.compare import FORCED
from crossrec.evaluation.results import LIFT, RunReport
from crossrec.evaluation.unjudged import Unjudged, unjudged

ALPHA = 0.05
MIN_USERS = ENOUGH_USERS
"""Fewer users than this never decide anything."""

HELPS, HURTS, INCONCLUSIVE = "helps", "hurts", "inconclusive"
UNCHANGED = "unchanged"
"""Nobody's result differs from the one without, as where the source is closed."""
VERDICTS = (HELPS, HURTS, UNCHANGED, INCONCLUSIVE)

JUDGED = ("all", "warm", "cold")
"""Cohorts that a summary counts."""

VERDICT_COLUMNS = (
    "source", "target", "lift", "low", "high", "n", "p", "p_holm", "verdict",
)  # fmt: skip


def verdicts(
    report: RunReport, *, cohort: str = "all", metric: str = "ndcg", forced: bool = False
) -> pd.DataFrame:
    """Per scenario pair, whether the source alone helps or hurts the transfer model's target.

    "hurts" is negative transfer: the 95 % interval of (with - without) lies below 0 and Holm's
    p-value is below 0.05; "helps" mirrors it; "unchanged" is no difference for anybody; all else is
    "inconclusive".

    Args:
        report: what :func:`~crossrec.evaluation.compare.compare` found.
        cohort: whose lifts.
        metric: of "ndcg", "recall", "hr".
        forced: with the coefficient 1 for every user, instead of the learnt ones.

    Returns:
        One row per pair with :data:`VERDICT_COLUMNS`; none where no transfer model was judged.
    """
    name = f"{report.config['transfer']}{FORCED if forced else ''}"
    return _judge(_lifts(report, name, cohort, metric).query("source != ''"))


def _lifts(report: RunReport, model: str, cohort: str, metric: str) -> pd.DataFrame:
    table = report.table
    mine = (table["model"] == model) & (table["cohort"] == cohort)
    return table.loc[mine & (table["metric"] == LIFT + metric) & (table["k"] == _main_k(report))]


def judged(
    low: ArrayLike,
    high: ArrayLike,
    p: ArrayLike,
    n: ArrayLike,
    said: tuple[str, str] = (HELPS, HURTS),
) -> np.ndarray:
    """The one rule of all verdicts on paired differences.

    Clear is a difference of at least :data:`MIN_USERS` users whose interval does not hold 0 and
    whose corrected p-value is below :data:`ALPHA`.

    Args:
        low: lower ends of the 95 % intervals.
        high: upper ends.
        p: corrected p-values.
        n: users.
        said: the words for differences clearly above and clearly below zero.

    Returns:
        One word per difference: one of ``said``, "unchanged" or "inconclusive".
    """
    low, high = np.asarray(low, dtype=float), np.asarray(high, dtype=float)
    enough = np.asarray(n) >= MIN_USERS
    sure = enough & (np.asarray(p) < ALPHA)
    return np.select(
        [sure & (low > 0), sure & (high < 0), enough & (low == 0) & (high == 0)],
        [*said, UNCHANGED],
        INCONCLUSIVE,
    )


def _judge(lifts: pd.DataFrame) -> pd.DataFrame:
    verdict = judged(lifts["low"], lifts["high"], lifts["p_holm"], lifts["n"])
    named = lifts.rename(columns={"scenario": "target", "value": "lift"})
    return named.assign(verdict=verdict).loc[:, list(VERDICT_COLUMNS)].reset_index(drop=True)


@dataclass(frozen=True)
class Answer:
    """What transfer did to one scenario and cohort.

    Attributes:
        scenario: the target.
        cohort: "all", "warm" or "cold".
        verdict: "helps", "hurts", "unchanged" or "inconclusive".
        value: the transfer model's metric.
        without: the baseline's.
        lift: the difference, with its 95 % interval ``low`` to ``high`` over ``n`` users.
        p_holm: corrected over the scenarios.
    """

    scenario: str
    cohort: str
    verdict: str
    value: float
    without: float
    lift: float
    low: float
    high: float
    n: int
    p_holm: float


@dataclass(frozen=True)
class Summary:
    """The one-sentence answer, as data.

    Attributes:
        metric: what is counted, at ``k``.
        k: list length.
        baseline: what the transfer model is compared with.
        answers: one per scenario and cohort ("all", "warm", "cold") with a lift.
        helped, hurt, unchanged, unclear: scenario names: hurt where the verdict over all, the warm
            or the cold-start users is "hurts", else helped where one of them is "helps", else
            unchanged where all of them are.
        helping_pairs, hurting_pairs: (source, target, cohort) by the verdict of the source alone,
            with learnt coefficients.
        forced_hurting_pairs: those that would hurt with the coefficient 1 for every user: the
            harm the coefficients are there to prevent.
        unjudged: why nothing could be judged; None where something was.
    """

    metric: str
    k: int
    baseline: str
    answers: tuple[Answer, ...]
    helped: tuple[str, ...]
    hurt: tuple[str, ...]
    unchanged: tuple[str, ...]
    unclear: tuple[str, ...]
    helping_pairs: tuple[tuple[str, str, str], ...]
    hurting_pairs: tuple[tuple[str, str, str], ...]
    forced_hurting_pairs: tuple[tuple[str, str, str], ...]
    unjudged: Unjudged | None = None

    @property
    def total(self) -> int:
        """Scenarios with a verdict."""
        return len(self.helped + self.hurt + self.unchanged + self.unclear)

    def verdict_of(self, scenario: str) -> str:
        """The one word for a scenario, as the headline counts it."""
        for verdict, names in (
            (HURTS, self.hurt),
            (HELPS, self.helped),
            (UNCHANGED, self.unchanged),
        ):
            if scenario in names:
                return verdict
        return INCONCLUSIVE

    def to_dict(self) -> dict[str, object]:
        """Plain values, JSON-able."""
        return asdict(self)


def summary(report: RunReport, *, metric: str = "ndcg") -> Summary:
    """Did transfer pay, per scenario and cohort; empty where no transfer model was judged."""
    answers = [answer for cohort in JUDGED for answer in _answers(report, cohort, metric)]
    by_scenario: dict[str, set[str]] = {}
    for one in answers:
        by_scenario.setdefault(one.scenario, set()).add(one.verdict)

    def scenarios(verdict: str) -> tuple[str, ...]:
        return tuple(name for name, said in by_scenario.items() if _together(said) == verdict)

    def pairs(verdict: str, *, forced: bool = False) -> tuple[tuple[str, str, str], ...]:
        found = []
        for cohort in JUDGED:
            table = verdicts(report, cohort=cohort, metric=metric, forced=forced)
            mine = table[table["verdict"] == verdict]
            found += [(*pair, cohort) for pair in zip(mine["source"], mine["target"], strict=True)]
        return tuple(found)

    return Summary(
        metric=metric,
        k=_main_k(report),
        baseline=str(report.config["baseline"]),
        answers=tuple(answers),
        helped=scenarios(HELPS),
        hurt=scenarios(HURTS),
        unchanged=scenarios(UNCHANGED),
        unclear=scenarios(INCONCLUSIVE),
        helping_pairs=pairs(HELPS),
        hurting_pairs=pairs(HURTS),
        forced_hurting_pairs=pairs(HURTS, forced=True),
        unjudged=unjudged(report, answers),
    )


def _together(said: set[str]) -> str:
    """One word for what several groups of users of a scenario got."""
    for verdict in (HURTS, HELPS):
        if verdict in said:
            return verdict
    return UNCHANGED if said == {UNCHANGED} else INCONCLUSIVE


def _main_k(report: RunReport) -> int:
    return int(str(report.config["k"]))


def _answers(report: RunReport, cohort: str, metric: str) -> list[Answer]:
    transfer, baseline = str(report.config["transfer"]), str(report.config["baseline"])
    lifts = _judge(_lifts(report, transfer, cohort, metric).query("source == ''"))
    table = report.table
    at = (table["metric"] == metric) & (table["k"] == _main_k(report)) & (table["cohort"] == cohort)
    rows = table[at]
    values = dict(
        zip(zip(rows["model"], rows["scenario"], strict=True), rows["value"], strict=True)
    )
    return [
        Answer(
            scenario=row["target"],
            cohort=cohort,
            verdict=row["verdict"],
            value=values[transfer, row["target"]],
            without=values[baseline, row["target"]],
            lift=row["lift"],
            low=row["low"],
            high=row["high"],
            n=row["n"],
            p_holm=row["p_holm"],
        )
        for row in lifts.to_dict("records")
    ]
