"""What the audit says about time, scenario by scenario."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from crossrec.data import InteractionLog, Severity, TimeKind, audit
from crossrec.data.audit.facts import Facts
from crossrec.data.audit.time_checks import time_coverage

DAY = 86_400


def _of(report, rule):
    return [finding for finding in report.findings if finding.rule == rule]


@pytest.fixture
def apart() -> InteractionLog:
    """Scenario "old" ends before "new" begins; "all" covers both."""
    rng = np.random.default_rng(0)
    rows = []
    for name, first, last, n in (("old", 0, 40, 400), ("all", 0, 100, 400), ("new", 97, 100, 60)):
        for day in rng.integers(first, last, n):
            user, item = rng.integers(0, 60), rng.integers(0, 40)
            rows.append((f"u{user}", f"{name}{item}", name, 1_600_000_000 + int(day) * DAY))
    frame = pd.DataFrame(rows, columns=["user_id", "item_id", "scenario", "timestamp"])
    return InteractionLog.from_frame(frame, time_kind=TimeKind.CLOCK)


def test_a_scenario_outside_the_cut_is_told(apart):
    report = audit(apart)
    found = {finding.scenario: finding for finding in _of(report, "time_coverage")}
    assert set(found) == {"old", "new"}
    assert "judge" in found["old"].what
    assert "learnt" in found["new"].what
    assert found["old"].severity is Severity.WARNING
    assert "time_coverage" in report.verdicts["old"].reasons
    table = report.coverage.set_index("scenario")
    assert table.loc["old", "late"] == 0
    assert table.loc["new", "late"] == 1
    assert table.loc["old", "days"] <= 40
    assert table.loc["all", "first"].startswith("2020-")
    assert table.loc["old", "last"] < table.loc["new", "first"]


def test_coverage_needs_clock_times(apart):
    ordered = replace(apart, time_kind=TimeKind.ORDER)
    assert time_coverage(Facts(ordered)).empty
    assert not _of(audit(ordered), "time_coverage")
    assert audit(replace(apart, time=None, time_kind=TimeKind.NONE)).coverage.empty


def test_times_that_no_calendar_reaches_do_not_stop_the_audit(apart):
    far = replace(apart, time=apart.time * 1_000_000)
    assert len(audit(far).coverage) == 3


def test_disorder_shows_where_and_sorted_backwards_is_an_order(apart):
    (found,) = _of(audit(apart), "time_order")
    for example in found.examples:
        assert example["timestamp"] < example["after"]
    backwards = apart.select(np.argsort(-apart.time, kind="stable"))
    assert not _of(audit(backwards), "time_order")
