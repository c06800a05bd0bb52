"""What the audit says about time, scenario by scenario."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from crossrec.data import InteractionLog, Severity, TimeKind, audit, read_log
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
    assert found["old"].key == "time_coverage.ends"
    assert found["new"].key == "time_coverage.begins"
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


NOW = 1_600_000_000 + 200 * DAY


def test_dates_of_1970_and_of_the_future_are_found(apart):
    assert not {"early_times", "future_times", "time_gaps"} & {
        finding.rule for finding in audit(apart, now=NOW).findings
    }
    times = apart.time.copy()
    times[:3] = [90_000, 1_704_070, 63_071_999]
    times[3:5] = [NOW + 3 * DAY, NOW + 50 * 366 * DAY]
    report = audit(replace(apart, time=times), now=NOW)
    (early,), (late,) = _of(report, "early_times"), _of(report, "future_times")
    assert (early.count, late.count) == (3, 2)
    assert early.examples[1]["timestamp"] == "1970-01-20"
    assert late.examples[0]["user_id"] == apart.users.ids[apart.user[3]]
    assert not _of(report, "time_gaps")  # between these rows and the others is no gap of the log
    times[:40] = NOW + 50 * 366 * DAY
    assert not _of(audit(replace(apart, time=times), now=NOW), "time_gaps")
    times[:40] = NOW + DAY  # a clock may be ahead
    assert not _of(audit(replace(apart, time=times), now=NOW), "future_times")
    positions = replace(apart, time=apart.time % 50, time_kind=TimeKind.ORDER)
    assert not _of(audit(positions, now=NOW), "early_times")


@pytest.mark.parametrize(("days", "said"), [(60, False), (400, True), (6 * 366, True)])
def test_a_long_stretch_without_a_row_is_found(apart, days, said):
    late = np.arange(len(apart)) % 2 == 0
    times = np.where(late, apart.time + (100 + days) * DAY, apart.time)
    log = replace(apart, time=times)
    findings = _of(audit(log, now=NOW + 4_000 * DAY), "time_gaps")
    assert bool(findings) is said
    if said:
        assert days - 5 <= findings[0].count <= days + 5
        assert findings[0].examples[0]["last"] < findings[0].examples[0]["first"]


def test_one_lonely_row_makes_no_gap(apart):
    times = apart.time.copy()
    times[0] -= 3_000 * DAY
    assert not _of(audit(replace(apart, time=times), now=NOW), "time_gaps")


@pytest.mark.parametrize(
    ("text", "severity"),
    [("1704070919\n1704070919000", Severity.INFO), ("13/01/2024\n01/13/2024", Severity.WARNING),
     ("1704070919\n1704070920", None)],
)  # fmt: skip
def test_a_mixture_of_forms_is_told(write, text, severity):
    rows = "".join(f"u{at},i{at},{time}\n" for at, time in enumerate(text.split("\n")))
    log = read_log(write("user_id,item_id,timestamp\n" + rows))
    assert [one.severity for one in _of(audit(log), "mixed_times")] == [severity] * bool(severity)
