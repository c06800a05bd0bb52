"""Each rule of the audit finds its planted fault, and stays silent on clean data."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from crossrec.data import (
    AuditReport,
    Catalog,
    IdMap,
    InteractionLog,
    Reject,
    RejectSummary,
    Severity,
    State,
    TimeKind,
    UserTable,
    audit,
)


def _log(rows, *, time_kind=TimeKind.NONE, **more) -> InteractionLog:
    columns = ["user_id", "item_id", "scenario", "timestamp"]
    frame = pd.DataFrame(rows, columns=columns[: len(rows[0])])
    return InteractionLog.from_frame(frame, time_kind=time_kind, **more)


def _catalog(ids, titles=None, **attributes) -> Catalog:
    titles = [f"A title of {name}" for name in ids] if titles is None else titles
    title = np.array(titles, dtype=object)
    text = np.full(len(title), "", dtype=object)
    return Catalog(IdMap(ids), title, text, {}, attributes)


def _of(report, rule, scenario=None):
    return [
        finding
        for finding in report.findings
        if finding.rule == rule and scenario in (None, finding.scenario)
    ]


def test_clean_data_is_ready(small_log):
    small_log = small_log.select(np.argsort(small_log.time))
    report = audit(small_log, _catalog(small_log.items.ids))
    assert report.findings == ()
    assert {name: verdict.state for name, verdict in report.verdicts.items()} == {
        "books": State.READY,
        "films": State.READY,
    }
    assert report.overlap.to_numpy().tolist() == [[120, 120], [120, 120]]
    assert report.counts.to_dict("records")[0] == {
        "scenario": "books",
        "rows": 960,
        "users": 120,
        "items": 30,
        "density": pytest.approx(960 / 3600),
        "history": 8.0,
    }
    assert not report.blocked


def test_one_scenario_needs_two(small_log):
    books = small_log.select(small_log.scenario == 0)
    report = audit(_log(books.to_frame()[["user_id", "item_id", "scenario"]].to_numpy()))
    (finding,) = _of(report, "overlap")
    assert finding.severity is Severity.BLOCKER
    assert finding.key == "overlap.one_scenario"
    assert report.blocked
    assert report.findings[0] == finding
    assert "overlap" in report.verdicts["books"].reasons


def _apart(log: InteractionLog, shared: int = 0) -> InteractionLog:
    frame = log.to_frame()
    own = frame["user_id"].str[1:].astype(int) >= shared
    frame["user_id"] += np.where(own, frame["scenario"], "")
    return _log(frame[["user_id", "item_id", "scenario"]].to_numpy())


def test_no_overlap_leaves_only_text(small_log):
    log = _apart(small_log)
    for catalog, severity in ((None, "blocker"), (_catalog(log.items.ids), "warning")):
        report = audit(log, catalog)
        assert [(found.scenario, found.severity) for found in _of(report, "overlap")] == [
            ("books", severity),
            ("films", severity),
        ]
        assert report.overlap.to_numpy().tolist() == [[120, 0], [0, 120]]


def test_little_overlap_is_counted(small_log):
    (books, _films) = _of(audit(_apart(small_log, shared=7)), "overlap")
    assert (books.count, books.severity) == (7, Severity.WARNING)


def test_rejects_and_duplicates(small_log):
    row = Reject("log.csv", 7, "rating", "x", "not a number")
    log = replace(small_log, rejects=RejectSummary(1683, (row,), duplicates=2))
    report = audit(log)
    (found,) = _of(report, "rejected_rows")
    assert (found.count, found.severity, found.examples[0]["line"]) == (1, Severity.INFO, 7)
    assert _of(report, "duplicates")[0].count == 2
    log = replace(small_log, rejects=RejectSummary(1690, (row,) * 100))
    assert _of(audit(log), "rejected_rows")[0].severity is Severity.WARNING


def test_missing_columns_of_both_tables(small_log):
    ids = small_log.items.ids
    catalog = _catalog(
        ids,
        brand=np.full(len(ids), "", dtype=object),
        price=np.where(np.arange(len(ids)) < 10, 1.0, np.nan),
        good=np.ones(len(ids)),
    )
    users = UserTable(IdMap(["u000", "u001"]), {"age": np.array([np.nan, np.nan])})
    found = _of(audit(small_log, catalog, users), "missing")
    assert [[example["column"] for example in finding.examples] for finding in found] == [
        ["brand"],
        ["age"],
        ["price"],
    ]
    assert _of(audit(small_log, catalog, users), "no_profile")[0].count == 118


def test_items_without_text_and_unknown_items(small_log):
    assert _of(audit(small_log), "no_text")[0].scenario == ""
    ids = small_log.items.ids
    books = [name.startswith("b") for name in ids]
    titles = ["" if book else f"Film {name}" for name, book in zip(ids, books, strict=True)]
    report = audit(small_log, _catalog(ids, titles))
    (found,) = _of(report, "no_text")
    assert (found.scenario, found.count, found.severity) == ("books", 30, Severity.WARNING)
    assert report.verdicts["films"].state is State.READY
    (found,) = _of(audit(small_log, _catalog(ids[1:])), "not_in_catalog")
    assert (found.count, found.examples) == (1, ({"item_id": ids[0]},))


def test_identical_texts(small_log):
    ids = small_log.items.ids
    titles = ["Same" if i < 20 else f"Title {i}" for i in range(len(ids))]
    (found,) = _of(audit(small_log, _catalog(ids, titles)), "same_text")
    assert (found.count, found.examples[0]) == (20, {"title": "Same", "items": 20})


@pytest.mark.parametrize(("step", "word"), [(1, "higher"), (-1, "lower")])
def test_ids_shifted_by_one(step, word):
    items = np.arange(1, 41)
    rows = [(f"u{n % 30}", f"i{n % 40 + 1}", "ab"[n % 2]) for n in range(600)]
    report = audit(_log(rows), _catalog([f"i{n + step}" for n in items]))
    (found,) = _of(report, "id_shift")
    assert found.key == f"id_shift.{word}"
    assert not _of(audit(_log(rows), _catalog([f"i{n}" for n in items])), "id_shift")
    assert not _of(audit(_log(rows), _catalog([f"i{n}" for n in items[5:-5]])), "id_shift")


def test_too_little_data():
    report = audit(_log([("u1", "i1", "a"), ("u1", "i2", "b"), ("u2", "i2", "b")]))
    assert {found.severity for found in _of(report, "sparse")} == {Severity.BLOCKER}
    rows = [(f"u{n}", f"i{n}", "ab"[n % 2]) for n in range(100)]
    (found, _) = _of(audit(_log(rows)), "sparse")
    assert (found.severity, found.count) == (Severity.WARNING, 50)


def test_repeats_are_counted_and_only_told(small_log):
    twice = np.concatenate([np.arange(len(small_log)), np.flatnonzero(small_log.scenario == 1)])
    report = audit(small_log.select(twice), _catalog(small_log.items.ids))
    (found,) = _of(report, "repeats")
    assert (found.scenario, found.count, found.severity) == ("films", 720, Severity.INFO)


def test_time_kinds(small_log):
    assert _of(audit(replace(small_log, time=None, time_kind=TimeKind.NONE)), "no_time")
    assert _of(audit(replace(small_log, time_kind=TimeKind.ORDER)), "time_order")
    assert _of(audit(small_log), "time_order")[0].key == "time_order.disorder"
    flat = replace(small_log, time=np.full(len(small_log), 1_700_000_000))
    assert _of(audit(flat), "coarse_time")[0].count == len(small_log)


def test_nested_behaviour(small_log):
    frame = small_log.to_frame()[["user_id", "item_id", "scenario"]]
    frame = frame[frame["scenario"] == "books"]
    inside = frame.iloc[::2].assign(scenario="read")
    report = audit(_log(pd.concat([frame, inside]).to_numpy()))
    (found,) = _of(report, "nested_behaviour")
    assert found.scenario == "read"
    assert found.examples == ({"scenario": "read", "inside": "books"},)
    assert "nested_behaviour" in report.verdicts["read"].reasons
    assert "nested_behaviour" not in report.verdicts["books"].reasons


def test_twins_have_one_title_and_two_ids(small_log):
    titles = {"b03": "The Long Walk", "f05": "The long   walk!", "f06": "a-b", "b04": "A b"}
    ids = small_log.items.ids
    catalog = _catalog(ids, [titles.get(name, f"Title {name}") for name in ids])
    books, films = _of(audit(small_log, catalog), "twins")
    assert (books.scenario, books.count, films.count) == ("books", 1, 1)
    assert books.examples == (
        {"title": "The Long Walk", "item_id": "b03", "twin": "f05", "twin_scenario": "films"}
        | {"same_users": books.examples[0]["same_users"]},
    )


def test_one_item_in_two_scenarios_is_no_twin():
    rows = [(f"u{n % 30}", f"i{n % 40}", "ab"[n % 2]) for n in range(600)]
    rows += [(f"u{n % 30}", f"i{n % 40}", "ba"[n % 2]) for n in range(600)]
    ids = [f"i{n}" for n in range(40)]
    assert not _of(audit(_log(rows), _catalog(ids)), "twins")


def test_many_scenarios():
    rows = [(f"u{n % 20}", f"i{n}", f"s{n % 40:02d}") for n in range(2000)]
    assert _of(audit(_log(rows)), "many_scenarios")[0].count == 40


def test_an_empty_log_is_blocked_not_an_exception(small_log):
    report = audit(small_log.select(np.array([], dtype=int)), _catalog([]))
    assert report.blocked


def test_json_round_trip(small_log):
    report = audit(_apart(small_log), _catalog(small_log.items.ids[1:]))
    again = AuditReport.from_json(json.loads(json.dumps(report.to_json(), allow_nan=False)))
    assert again == report
    pd.testing.assert_frame_equal(again.overlap, report.overlap)
    pd.testing.assert_frame_equal(again.counts, report.counts)


def test_every_finding_says_what_to_do(small_log):
    for finding in audit(_apart(small_log)).findings:
        assert finding.what
        assert finding.action
        assert not finding.what.endswith(".")
