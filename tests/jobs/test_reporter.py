"""Progress on its way into the job's row."""

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossrec.errors import Cancelled
from crossrec.jobs.reporter import Overall, Reporter
from crossrec.progress import PHASES


class CountingStore:
    """Stands for the database; keeps what was written."""

    def __init__(self):
        self.reports, self.lines = [], []

    def report(self, job_id, token, progress):
        self.reports.append(progress)

    def log(self, job_id, text):
        self.lines.append(text)


def reporter(store, stop=lambda: False, parent=None):
    parent = os.getppid() if parent is None else parent
    return Reporter(store, "j", "t", PHASES, stop=stop, parent=parent)


def test_a_hundred_thousand_calls_write_a_few_rows():
    store = CountingStore()
    report = reporter(store)
    for step in range(100_000):
        report("train", step, 100_000, f"step {step}")
    report("train", 100_000, 100_000)
    assert len(store.reports) < 50
    assert store.reports[0]["done"] == 0
    assert store.reports[-1]["done"] == 100_000
    assert len(store.lines) < 10


def test_every_change_of_phase_is_written_and_timed():
    store = CountingStore()
    report = reporter(store)
    for phase in PHASES:
        report(phase, 0, 1)
    report.end_phase()
    assert [each["phase"] for each in store.reports] == list(PHASES)
    assert [line.split(":")[0] for line in store.lines] == list(PHASES)


def test_a_cancelled_job_stops_at_its_next_report():
    with pytest.raises(Cancelled):
        reporter(CountingStore(), stop=lambda: True)("train", 0, 1)


def test_the_work_stops_when_its_supervisor_is_gone():
    with pytest.raises(Cancelled):
        reporter(CountingStore(), parent=-1)("train", 0, 1)


numbers = st.floats(min_value=-1e9, max_value=1e9) | st.integers(-5, 100)


@given(st.lists(st.tuples(st.sampled_from([*PHASES, "other"]), numbers, numbers)))
def test_the_overall_fraction_never_falls_and_stays_within_bounds(calls):
    overall = Overall(PHASES)
    reached = [overall.at(*call) for call in calls]
    assert reached == sorted(reached)
    assert all(0 <= value <= 1 for value in reached)


def test_the_overall_fraction_ends_at_one():
    overall = Overall(PHASES)
    assert [overall.at(phase, 1, 1) for phase in PHASES][-1] == pytest.approx(1)
