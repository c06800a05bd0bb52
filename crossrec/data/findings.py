"""What an audit says: findings, a verdict per scenario, and the tables beside them."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

import pandas as pd

from crossrec.schema import SCENARIO


class Severity(StrEnum):
    """How much a finding matters: good to know, a limit on what can be trusted, or a stop."""

    INFO = "info"
    WARNING = "warning"
    BLOCKER = "blocker"


class State(StrEnum):
    """What a scenario is good for."""

    READY = "ready"
    LIMITS = "usable with limits"
    BLOCKED = "blocked"


@dataclass(frozen=True)
class Finding:
    """One thing an analyst should know before training.

    Attributes:
        rule: a stable word, such as ``overlap`` or ``twins``.
        severity: how much it matters.
        scenario: the scenario it is about; "" for all of them.
        count: how many rows, users, items or pairs (``what`` says which).
        what: what was found, one sentence.
        action: what to do about it, one sentence.
        examples: a few cases, each a dict of plain values.
    """

    rule: str
    severity: Severity
    scenario: str
    count: int
    what: str
    action: str
    examples: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True)
class Verdict:
    """What a scenario is good for, and the rules (:attr:`Finding.rule`) that say so."""

    state: State
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True)
class AuditReport:
    """The findings of an audit.

    Attributes:
        findings: blockers first, then warnings, then the rest.
        verdicts: scenario -> verdict.
        overlap: common users, shape (S, S); index and columns are the scenarios.
        counts: one row per scenario: ``scenario, rows, users, items, density`` (share of the user x
            item cells that are filled) and ``history`` (median rows per user).
    """

    findings: tuple[Finding, ...]
    verdicts: Mapping[str, Verdict]
    overlap: pd.DataFrame = field(compare=False)
    counts: pd.DataFrame = field(compare=False)

    def of(self, scenario: str) -> tuple[Finding, ...]:
        """The findings about one scenario, those about all of them included."""
        return tuple(finding for finding in self.findings if finding.scenario in ("", scenario))

    @property
    def blocked(self) -> bool:
        """Whether no scenario can be used."""
        return all(verdict.state is State.BLOCKED for verdict in self.verdicts.values())

    def to_json(self) -> dict[str, Any]:
        """The report as plain values that JSON can hold."""
        return {
            "findings": [asdict(finding) for finding in self.findings],
            "verdicts": {name: asdict(verdict) for name, verdict in self.verdicts.items()},
            "overlap": {
                "scenarios": self.overlap.index.tolist(),
                "users": self.overlap.to_numpy().tolist(),
            },
            "counts": self.counts.to_dict("records"),
        }

    @classmethod
    def from_json(cls, held: Mapping[str, Any]) -> "AuditReport":
        """Read what :meth:`to_json` gave."""
        names = held["overlap"]["scenarios"]
        return cls(
            findings=tuple(
                Finding(
                    **{
                        **found,
                        "severity": Severity(found["severity"]),
                        "examples": tuple(found["examples"]),
                    }
                )
                for found in held["findings"]
            ),
            verdicts={
                name: Verdict(State(verdict["state"]), tuple(verdict["reasons"]))
                for name, verdict in held["verdicts"].items()
            },
            overlap=pd.DataFrame(held["overlap"]["users"], index=names, columns=names),
            counts=pd.DataFrame(held["counts"], columns=COUNT_COLUMNS),
        )


COUNT_COLUMNS = (SCENARIO, "rows", "users", "items", "density", "history")
"""Columns of :attr:`AuditReport.counts`."""


def counted(n: int, noun: str) -> str:
    """A number with its noun: ``1 row``, ``2,000 rows``."""
    return f"{n:,} {noun}" if n == 1 else f"{n:,} {noun}s"


def verdict_of(findings: tuple[Finding, ...]) -> Verdict:
    """The verdict that follows from the findings about one scenario."""
    for severity, state in ((Severity.BLOCKER, State.BLOCKED), (Severity.WARNING, State.LIMITS)):
        reasons = dict.fromkeys(found.rule for found in findings if found.severity is severity)
        if reasons:
            return Verdict(state, tuple(reasons))
    return Verdict(State.READY)
