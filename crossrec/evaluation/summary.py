"""What a report says in the end: which source helps which target, and did transfer pay."""

from dataclasses import asdict, dataclass

import pandas as pd

from crossrec.evaluation.compare import FORCED
from crossrec.evaluation.results import LIFT, RunReport
from crossrec.evaluation.unjudged import Unjudged, unjudged
from crossrec.evaluation.verdict import (
    HELPS,
    HURTS,
    INCONCLUSIVE,
    UNCHANGED,
    Answer,
    Pair,
    judged,
)

JUDGED_COHORTS = ("all", "warm", "warm_few", "cold")
"""Users that a summary speaks of."""

VERDICT_COLUMNS = (
    "source", "target", "lift", "low", "high", "n", "p", "p_holm", "verdict", "why",
)  # fmt: skip


def verdicts(
    report: RunReport, *, cohort: str = "all", metric: str = "ndcg", forced: bool = False
) -> pd.DataFrame:
    """Per scenario pair, whether the source alone helps or hurts the transfer model's target.

    "hurts" is negative transfer; the rule is that of :func:`~crossrec.evaluation.verdict.judge`.

    Args:
        report: what :func:`~crossrec.evaluation.compare.compare` found.
        cohort: whose lifts.
        metric: of "ndcg", "recall", "hr".
        forced: with the coefficient 1 for every user, instead of the learnt ones.

    Returns:
        One row per pair with :data:`VERDICT_COLUMNS`; none where no transfer model was judged.
    """
    name = f"{report.config['transfer']}{FORCED if forced else ''}"
    lifts = _rows(report, name, cohort, LIFT + metric).query("source != ''")
    named = judged(lifts.rename(columns={"scenario": "target", "value": "lift"}))
    return named.loc[:, list(VERDICT_COLUMNS)].reset_index(drop=True)


@dataclass(frozen=True)
class Summary:
    """The answer of a run, as data; whatever is counted is counted from its verdicts.

    Attributes:
        metric: what is judged, at ``k``.
        k: list length.
        baseline: what the transfer model is compared with.
        answers: one per scenario and cohort of :data:`JUDGED_COHORTS` with a lift.
        pairs: one per (source, target) and cohort.
        unjudged: why nothing could be judged; None where something was.
    """

    metric: str
    k: int
    baseline: str
    answers: tuple[Answer, ...]
    pairs: tuple[Pair, ...]
    unjudged: Unjudged | None = None

    def scenarios(self, verdict: str) -> tuple[str, ...]:
        """Targets with this verdict: hurt where any cohort is, else helped where any is."""
        by_scenario: dict[str, set[str]] = {}
        for one in self.answers:
            by_scenario.setdefault(one.scenario, set()).add(one.verdict)
        return tuple(name for name, said in by_scenario.items() if _together(said) == verdict)

    def pairs_that(self, verdict: str) -> tuple[Pair, ...]:
        """Pairs with this verdict, once per cohort that has it."""
        return tuple(one for one in self.pairs if one.verdict == verdict)

    def to_dict(self) -> dict[str, object]:
        """Plain values, JSON-able, with the scenarios by their verdict."""
        named = {"helped": HELPS, "hurt": HURTS, "unchanged": UNCHANGED, "unclear": INCONCLUSIVE}
        return {**asdict(self), **{name: self.scenarios(one) for name, one in named.items()}}


def summary(report: RunReport, *, metric: str = "ndcg") -> Summary:
    """Did transfer pay, per scenario and cohort; empty where no transfer model was judged."""
    answers = [one for cohort in JUDGED_COHORTS for one in _answers(report, cohort, metric)]
    return Summary(
        metric=metric,
        k=int(str(report.config["k"])),
        baseline=str(report.config["baseline"]),
        answers=tuple(answers),
        pairs=tuple(one for cohort in JUDGED_COHORTS for one in _pairs(report, cohort, metric)),
        unjudged=unjudged(report, answers),
    )


def _together(said: set[str]) -> str:
    """One word for what several groups of users of a scenario got."""
    for verdict in (HURTS, HELPS):
        if verdict in said:
            return verdict
    return UNCHANGED if said == {UNCHANGED} else INCONCLUSIVE


def _rows(report: RunReport, model: str, cohort: str, metric: str) -> pd.DataFrame:
    table = report.table
    mine = (table["model"] == model) & (table["cohort"] == cohort) & (table["metric"] == metric)
    return table.loc[mine & (table["k"] == int(str(report.config["k"])))]


def _pairs(report: RunReport, cohort: str, metric: str) -> list[Pair]:
    return [
        Pair(
            source=row["source"],
            target=row["target"],
            cohort=cohort,
            **{name: row[name] for name in ("lift", "low", "high", "n", "p_holm")},
        )
        for row in verdicts(report, cohort=cohort, metric=metric).to_dict("records")
    ]


def _answers(report: RunReport, cohort: str, metric: str) -> list[Answer]:
    transfer, baseline = str(report.config["transfer"]), str(report.config["baseline"])
    values, without = (
        dict(zip(rows["scenario"], rows["value"], strict=True))
        for rows in (_rows(report, model, cohort, metric) for model in (transfer, baseline))
    )
    lifts = _rows(report, transfer, cohort, LIFT + metric).query("source == ''")
    return [
        Answer(
            scenario=row["scenario"],
            cohort=cohort,
            value=values[row["scenario"]],
            without=without[row["scenario"]],
            lift=row["value"],
            **{name: row[name] for name in ("low", "high", "n", "p_holm")},
        )
        for row in lifts.to_dict("records")
    ]
