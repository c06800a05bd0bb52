"""Over which bridge knowledge can move, for every ordered pair; scenario rules of the log."""

import json

import numpy as np
import pandas as pd
import pytest

from crossrec.data import AuditReport, Catalog, IdMap, InteractionLog, Severity, State, audit
from crossrec.data.audit.findings import Bridge


def _frame(
    users: str, items: str, scenario: str, *, n_users=120, n_items=40, seed=0
) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    rows = [
        (f"{users}{u}", f"{items}{i}", scenario)
        for u in range(n_users)
        for i in rng.choice(n_items, 6, replace=False)
    ]
    return pd.DataFrame(rows, columns=["user_id", "item_id", "scenario"])


def _catalog(ids, told=lambda name: True) -> Catalog:
    titles = [f"A thing called {name}" if told(name) else "" for name in ids]
    return Catalog(IdMap(ids), np.array(titles, dtype=object), np.full(len(ids), "", dtype=object))


@pytest.fixture
def report() -> AuditReport:
    """a-b share users; a-c share items; d shares nothing; all but d have texts."""
    frame = pd.concat(
        [
            _frame("u", "a", "a", seed=1),
            _frame("u", "b", "b", seed=2),
            _frame("v", "a", "c", seed=3),
            _frame("w", "d", "d", seed=4),
        ]
    )
    log = InteractionLog.from_frame(frame)
    return audit(log, _catalog(log.items.ids, lambda name: not name.startswith("d")))


def _pair(report, source, target):
    return next(pair for pair in report.pairs if (pair.source, pair.target) == (source, target))


def test_bridges(report):
    assert len(report.pairs) == 12
    users = _pair(report, "a", "b")
    assert (users.bridges, users.state) == ((Bridge.USERS, Bridge.TEXT), State.READY)
    assert users.shared_users == 120
    assert "120 shared users" in users.what
    items = _pair(report, "a", "c")
    assert items.bridges == (Bridge.ITEMS, Bridge.TEXT)
    assert (items.state, items.reasons) == (State.LIMITS, ("overlap",))
    assert (items.shared_items, items.cold_users) == (40, 120)
    text = _pair(report, "b", "c")
    assert text.bridges == (Bridge.TEXT,)
    assert text.what == "b can transfer to c by text only"
    assert report.item_overlap.loc["a", "c"] == 40


def test_no_bridge_at_all(report):
    pair = _pair(report, "a", "d")
    assert (pair.bridges, pair.state) == ((), State.BLOCKED)
    assert "a cannot transfer to d" in pair.what


def test_a_blocked_end_blocks_the_pair():
    tiny = pd.DataFrame([("u1", "t1", "tiny")], columns=["user_id", "item_id", "scenario"])
    log = InteractionLog.from_frame(
        pd.concat([_frame("u", "a", "a"), _frame("u", "b", "b", seed=1), tiny])
    )
    report = audit(log)
    assert _pair(report, "a", "tiny").state is State.BLOCKED
    assert "blocked" in _pair(report, "tiny", "a").reasons
    assert _pair(report, "a", "b").state is State.READY


def test_few_shared_users_are_hardly_a_bridge():
    few = _frame("u", "b", "b", n_users=7)
    log = InteractionLog.from_frame(pd.concat([_frame("u", "a", "a"), few, _frame("x", "b", "b")]))
    pair = _pair(audit(log), "a", "b")
    assert (pair.shared_users, pair.bridges, pair.state) == (7, (), State.LIMITS)
    assert pair.what == "a can barely transfer to b: only 7 shared users, 0 shared items"


def test_json_keeps_pairs_twins_and_tables(report):
    held = json.loads(json.dumps(report.to_json(), allow_nan=False))
    again = AuditReport.from_json(held)
    assert again == report
    pd.testing.assert_frame_equal(again.item_overlap, report.item_overlap)
    assert held["pairs"][0]["what"]
    old = {name: held[name] for name in ("findings", "verdicts", "overlap", "counts")}
    assert AuditReport.from_json(old).pairs == ()


def _of(report, rule):
    return [finding for finding in report.findings if finding.rule == rule]


def test_saturated_scenarios_say_so():
    full = [(f"u{u}", f"{s}{i}", s) for u in range(60) for s in "ab" for i in range(12)]
    full = [row for n, row in enumerate(full) if n % 25]
    report = audit(
        InteractionLog.from_frame(pd.DataFrame(full, columns=["user_id", "item_id", "scenario"]))
    )
    assert {found.scenario for found in _of(report, "saturated")} == {"a", "b"}
    assert not report.twins
    assert not _of(report, "train_test_leak")


def test_ids_counted_anew_in_every_scenario():
    def numbered(n_users: int, scenario: str) -> pd.DataFrame:
        return _frame("", f"{scenario}", scenario, n_users=n_users)

    apart = pd.concat([numbered(100, "a"), numbered(140, "b")])
    (found,) = _of(audit(InteractionLog.from_frame(apart)), "id_collision")
    assert (found.count, found.severity) == (100, Severity.WARNING)
    same = pd.concat([numbered(100, "a"), numbered(100, "b")])
    assert not _of(audit(InteractionLog.from_frame(same)), "id_collision")
    assert not _of(
        audit(InteractionLog.from_frame(apart.assign(user_id="u" + apart["user_id"]))),
        "id_collision",
    )


def test_shared_items_are_counted(report):
    (found,) = _of(report, "shared_items")
    assert found.count == 40
    assert found.examples == ({"scenario": "a", "other": "c", "items": 40},)


def test_listed_items_without_rows_are_cold():
    log = InteractionLog.from_frame(pd.concat([_frame("u", "a", "a"), _frame("u", "b", "b")]))
    ids = [*log.items.ids, "new1", "new2"]
    titles = np.array([f"Thing {name}" for name in ids], dtype=object)
    titles[-1] = ""
    listed = {"a": np.flatnonzero([not name.startswith("b") for name in ids]).astype(np.int32)}
    catalog = Catalog(IdMap(ids), titles, np.full(len(ids), "", dtype=object), listed)
    (found,) = _of(audit(log, catalog), "cold_items")
    assert (found.scenario, found.count) == ("a", 2)
    assert "2 of 42 items listed in a have no interactions; 1 of them has a text" in found.what


@pytest.mark.parametrize(
    ("other", "severity"),
    [
        ("中文标题", Severity.WARNING),
        ("ひらがなの題", Severity.WARNING),
        ("Русское слово", Severity.WARNING),
    ],
)
def test_scripts_that_differ_by_scenario(other, severity):
    log = InteractionLog.from_frame(
        pd.concat([_frame("u", "a", "a"), _frame("u", "b", "b", n_items=30)])
    )
    titles = [
        f"Title {name}" if name.startswith("a") else f"{other}{name}" for name in log.items.ids
    ]
    catalog = Catalog(
        log.items, np.array(titles, dtype=object), np.full(len(titles), "", dtype=object)
    )
    (found,) = _of(audit(log, catalog), "language_mix")
    assert (found.count, found.severity) == (30, severity)
    plain = Catalog(
        log.items, np.array([f"Tïtle {n}" for n in log.items.ids], dtype=object), catalog.text
    )
    assert not _of(audit(log, plain), "language_mix")
