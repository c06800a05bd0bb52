"""What an audit says: findings, a verdict per scenario, and the tables beside them."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

import pandas as pd

from crossrec.data.audit.sentences import PAIR, SENTENCES, WITHHELD
from crossrec.data.seen import SeenItems
from crossrec.data.wording import Amount, Value, read_values, shown
from crossrec.schema import SCENARIO


class Severity(StrEnum):
    """How much a finding matters: good to know, a limit on what can be trusted, or a stop."""

    INFO = "info"
    WARNING = "warning"
    BLOCKER = "blocker"


class State(StrEnum):
    """What a scenario, or a pair of them, is good for."""

    READY = "ready"
    LIMITS = "usable with limits"
    BLOCKED = "blocked"


@dataclass(frozen=True)
class Finding:
    """One thing an analyst should know before training.

    Attributes:
        key: of :data:`~crossrec.data.audit.sentences.SENTENCES`: its rule and, after a point, a
            variant, such as ``overlap.few`` or ``twins``.
        severity: how much it matters.
        scenario: the scenario it is about; "" for all of them.
        count: how many rows, users, items or pairs (``what`` says which).
        values: what its sentences say besides count and scenario, by placeholder.
        examples: a few cases, each a dict of plain values.
        withheld: the count is of users and too small to be told: there are fewer than ``count``.
    """

    key: str
    severity: Severity
    scenario: str
    count: int
    values: Mapping[str, Value] = field(default_factory=dict)
    examples: tuple[Mapping[str, Any], ...] = ()
    withheld: bool = False

    @property
    def rule(self) -> str:
        """A stable word, such as ``overlap`` or ``twins``."""
        return self.key.partition(".")[0]

    @property
    def told(self) -> Mapping[str, Value]:
        """What its sentences say, by placeholder."""
        return {"n": self.count, "scenario": self.scenario, **self.values}

    @property
    def what(self) -> str:
        """What was found: one sentence, without a full stop."""
        template = WITHHELD if self.withheld else SENTENCES[self.key][0]
        return template.format(**shown(self.told))

    @property
    def action(self) -> str:
        """What to do about it: one sentence, without a full stop."""
        return SENTENCES[self.key][1].format(**shown(self.told))


@dataclass(frozen=True)
class Verdict:
    """What a scenario is good for, and the rules (:attr:`Finding.rule`) that say so."""

    state: State
    reasons: tuple[str, ...] = ()


GOES_ON = frozenset({"train_test_leak"})
"""Blockers about rows that somebody else held out: a run holds out its own."""


class Bridge(StrEnum):
    """What knowledge can move over, from one scenario to another."""

    USERS = "users"
    ITEMS = "items"
    TEXT = "text"


@dataclass(frozen=True)
class PairVerdict:
    """Whether knowledge can move from ``source`` to ``target`` at all.

    Attributes:
        source, target: names of two scenarios.
        state: ready, usable with limits, or blocked (not at all).
        bridges: over what, the strongest first.
        shared_users, shared_items: how many both have (items: the same ids, and twins).
        cold_users: users of the source who are cold-start users in the target. Numbers of users
            are None where the group is too small to be told.
        reasons: rules that limit or block the pair; "blocked" means one of its ends is.
    """

    source: str
    target: str
    state: State
    bridges: tuple[Bridge, ...]
    shared_users: int | None
    shared_items: int
    cold_users: int | None
    reasons: tuple[str, ...] = ()

    @property
    def reach(self) -> str:
        """A key of :data:`~crossrec.data.audit.sentences.PAIR`: "cannot", "barely" or "can"."""
        if self.state is State.BLOCKED:
            return "cannot"
        return "can" if self.bridges else "barely"

    @property
    def parts(self) -> tuple[tuple[str, int], ...]:
        """Why: keys of :data:`~crossrec.data.audit.sentences.PAIR`, each with its number."""
        if self.state is State.BLOCKED:
            return (("blocked_end" if "blocked" in self.reasons else "nothing", 0),)
        if self.bridges == (Bridge.TEXT,):
            return (("text_only", 0),)
        withheld = self.shared_users is None
        parts = {
            Bridge.USERS: ("users_withheld" if withheld else "users", self.shared_users or 0),
            Bridge.ITEMS: ("items", self.shared_items),
            Bridge.TEXT: ("text", 0),
        }
        return tuple(parts[bridge] for bridge in self.bridges or (Bridge.USERS, Bridge.ITEMS))

    @property
    def what(self) -> str:
        """The verdict in a sentence, without a full stop."""
        why = ", ".join(PAIR[key].format(n=Amount(n)) for key, n in self.parts)
        return f"{self.source} {PAIR[self.reach].format(target=self.target, why=why)}"


@dataclass(frozen=True)
class AuditReport:
    """The findings of an audit.

    Attributes:
        findings: blockers first, then warnings, then the rest.
        verdicts: scenario -> verdict.
        overlap: common users, shape (S, S); index and columns are the scenarios.
        counts: one row per scenario: ``scenario, rows, users, items, density`` (share of the user x
            item cells that are filled) and ``history`` (median rows per user).
        pairs: a verdict per ordered pair of scenarios.
        item_overlap: common item ids, shape (S, S); index and columns are the scenarios.
        coverage: when each scenario was used, see
            :func:`crossrec.data.time_checks.time_coverage`; empty without clock times.
        twins: pairs of item ids that seem to be one product.
        nested: (inner, outer) names of scenarios: who has an item in inner has it in outer.
        seen: how often users come back to an item, per scenario; by it lists leave seen items out
            or may include them.
        attribute_bridges: which attributes connect two scenarios, a row per pair and attribute:
            ``source, target, facet, value, source_items, target_items, users, expected, lift``
            (users with such items on both sides, and how many chance would give); None where no
            attribute of the items is known.
    """

    findings: tuple[Finding, ...]
    verdicts: Mapping[str, Verdict]
    overlap: pd.DataFrame = field(compare=False)
    counts: pd.DataFrame = field(compare=False)
    pairs: tuple[PairVerdict, ...] = ()
    item_overlap: pd.DataFrame = field(default_factory=pd.DataFrame, compare=False)
    coverage: pd.DataFrame = field(default_factory=pd.DataFrame, compare=False)
    twins: tuple[tuple[str, str], ...] = ()
    nested: tuple[tuple[str, str], ...] = ()
    seen: tuple[SeenItems, ...] = ()
    attribute_bridges: pd.DataFrame | None = field(default=None, compare=False)

    def of(self, scenario: str) -> tuple[Finding, ...]:
        """The findings about one scenario, those about all of them included."""
        return tuple(finding for finding in self.findings if finding.scenario in ("", scenario))

    @property
    def blocked(self) -> bool:
        """Whether no scenario can be used."""
        return all(verdict.state is State.BLOCKED for verdict in self.verdicts.values())

    def usable(self) -> list[str]:
        """Names of the scenarios without a blocker of their own."""
        blocked = {one.scenario for one in self.findings if one.severity is Severity.BLOCKER}
        return [name for name in self.verdicts if name not in blocked]

    def stops(self, least: int = 1) -> tuple[Finding, ...]:
        """The blockers for which nothing can be trained; empty where training may begin.

        These are blockers about all scenarios, but for :data:`GOES_ON`. Those of single scenarios
        stop only where fewer than ``least`` scenarios are left without one: else a run goes on, and
        says that their figures cannot be trusted.
        """
        blockers = [one for one in self.findings if one.severity is Severity.BLOCKER]
        whole = [one for one in blockers if not one.scenario and one.rule not in GOES_ON]
        if whole or len(self.usable()) >= least:
            return tuple(whole)
        return tuple(one for one in blockers if one.scenario)

    def to_json(self) -> dict[str, Any]:
        """The report as plain values that JSON can hold."""
        return {
            "findings": [
                {"rule": one.rule, **asdict(one), "what": one.what, "action": one.action}
                for one in self.findings
            ],
            "verdicts": {name: asdict(verdict) for name, verdict in self.verdicts.items()},
            "overlap": {
                "scenarios": self.overlap.index.tolist(),
                "users": self.overlap.to_numpy().tolist(),
            },
            "counts": self.counts.to_dict("records"),
            "pairs": [asdict(pair) | {"what": pair.what} for pair in self.pairs],
            "item_overlap": {
                "scenarios": self.item_overlap.index.tolist(),
                "items": self.item_overlap.to_numpy().tolist(),
            },
            "coverage": self.coverage.to_dict("records"),
            "twins": [list(pair) for pair in self.twins],
            "nested": [list(pair) for pair in self.nested],
            "seen": [one.to_json() for one in self.seen],
            "attribute_bridges": None
            if self.attribute_bridges is None
            else self.attribute_bridges.to_dict("records"),
        }

    @classmethod
    def from_json(cls, held: Mapping[str, Any]) -> "AuditReport":
        """Read what :meth:`to_json` gave; a report of an older version has fewer parts."""
        names = held["overlap"]["scenarios"]
        items = held.get("item_overlap", {"scenarios": [], "items": []})
        bridges = held.get("attribute_bridges")
        return cls(
            findings=tuple(_finding(found) for found in held["findings"]),
            verdicts={
                name: Verdict(State(verdict["state"]), tuple(verdict["reasons"]))
                for name, verdict in held["verdicts"].items()
            },
            overlap=pd.DataFrame(held["overlap"]["users"], index=names, columns=names),
            counts=pd.DataFrame(held["counts"], columns=COUNT_COLUMNS),
            pairs=tuple(_pair(found) for found in held.get("pairs", ())),
            item_overlap=pd.DataFrame(
                items["items"], index=items["scenarios"], columns=items["scenarios"]
            ),
            coverage=pd.DataFrame(held.get("coverage", ())),
            twins=tuple((one, other) for one, other in held.get("twins", ())),
            nested=tuple((inner, outer) for inner, outer in held.get("nested", ())),
            seen=tuple(map(SeenItems.from_json, held.get("seen", ()))),
            attribute_bridges=None if bridges is None else pd.DataFrame(bridges),
        )


def _finding(held: Mapping[str, Any]) -> Finding:
    kept = ("key", "scenario", "count", "withheld")
    return Finding(
        severity=Severity(held["severity"]),
        values=read_values(held["values"]),
        examples=tuple(held["examples"]),
        **{name: held[name] for name in kept},
    )


def _pair(held: Mapping[str, Any]) -> PairVerdict:
    values = {name: value for name, value in held.items() if name != "what"}
    return PairVerdict(
        **{
            **values,
            "state": State(values["state"]),
            "bridges": tuple(Bridge(bridge) for bridge in values["bridges"]),
            "reasons": tuple(values["reasons"]),
        }
    )


EXAMPLES = 5
"""Most examples of a finding."""

COUNT_COLUMNS = (SCENARIO, "rows", "users", "items", "density", "history")
"""Columns of :attr:`AuditReport.counts`."""


def verdict_of(findings: tuple[Finding, ...]) -> Verdict:
    """The verdict that follows from the findings about one scenario."""
    for severity, state in ((Severity.BLOCKER, State.BLOCKED), (Severity.WARNING, State.LIMITS)):
        reasons = dict.fromkeys(found.rule for found in findings if found.severity is severity)
        if reasons:
            return Verdict(state, tuple(reasons))
    return Verdict(State.READY)
