"""Seen items: how often users come back, and what lists leave out."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from crossrec.data.audit.findings import AuditReport
from crossrec.data.audit.rules import audit
from crossrec.data.log import InteractionLog, TimeKind
from crossrec.data.seen import (
    DAY,
    EXCLUDE,
    INCLUDE,
    INCLUDED_FROM,
    SeenItems,
    left_out,
    rules,
    seen_items,
)

COLUMNS = ["user_id", "item_id", "scenario", "timestamp"]


def log_of(rows, kind=TimeKind.CLOCK) -> InteractionLog:
    return InteractionLog.from_frame(pd.DataFrame(rows, columns=COLUMNS), time_kind=kind)


def test_rows_of_one_visit_are_no_return():
    """A look, a cart and a purchase on one day; the day after, the same item and another one."""
    rows = [("u", "a", "shop", hour * 3600) for hour in (1, 2, 3)]
    rows += [("u", "a", "shop", DAY), ("u", "b", "shop", DAY), ("v", "a", "shop", 5 * DAY)]
    (found,) = seen_items(log_of(rows))
    assert found == SeenItems("shop", later=2, repeats=1)
    assert found.share == 0.5
    assert found.lists == INCLUDE


def test_positions_and_logs_without_time_count_too():
    rows = [("u", item, "shop", at) for at, item in enumerate("abac")]
    assert seen_items(log_of(rows, TimeKind.ORDER)) == (SeenItems("shop", 3, 1),)
    log = replace(log_of(rows), time=None, time_kind=TimeKind.NONE)
    assert seen_items(log) == (SeenItems("shop", 3, 1),)


def test_every_scenario_has_a_rule_of_its_own_and_a_wish_goes_before_it():
    groceries = [("u", "ab"[at % 2], "groceries", at * DAY) for at in range(6)]
    films = [("u", f"f{at}", "films", at * DAY) for at in range(6)]
    found = seen_items(log_of(groceries + films))
    names = ["films", "groceries", "unheard"]
    assert rules(names, found) == {"films": EXCLUDE, "groceries": INCLUDE, "unheard": EXCLUDE}
    assert set(rules(names, found, EXCLUDE).values()) == {EXCLUDE}
    assert set(rules(names, found, INCLUDE).values()) == {INCLUDE}


@given(
    st.lists(
        st.tuples(st.integers(0, 4), st.integers(0, 4), st.integers(0, 5)), min_size=1, max_size=40
    ),
    st.sampled_from([TimeKind.CLOCK, TimeKind.ORDER]),
)
def test_repeats_are_counted_row_by_row(drawn, kind):
    step = DAY if kind is TimeKind.CLOCK else 1
    rows = [(f"u{u}", f"i{i}", "s", t * step) for u, i, t in drawn]
    (found,) = seen_items(log_of(rows, kind))
    later = [row for row in drawn if any(o[0] == row[0] and o[2] < row[2] for o in drawn)]
    again = [row for row in later if any(o[:2] == row[:2] and o[2] < row[2] for o in drawn)]
    assert (found.later, found.repeats) == (len(later), len(again))
    assert 0 <= found.share <= 1
    assert (found.lists == INCLUDE) == (found.share >= INCLUDED_FROM)
    assert SeenItems.from_json(found.to_json()) == found


def test_a_list_leaves_out_all_entries_or_the_dislikes_alone():
    matrix = sparse.csr_array(np.array([[1, 0, -1], [0, 0, 0], [2, -2, 0]], dtype=np.float32))
    assert left_out(matrix, EXCLUDE) is matrix
    assert left_out(matrix, INCLUDE).toarray().tolist() == [[0, 0, -1], [0, 0, 0], [0, -2, 0]]


@pytest.mark.parametrize(
    ("items", "said", "rule"),
    [("aabb", "may include seen items", INCLUDE), ("abcdefghija", "leave seen items out", EXCLUDE)],
)
def test_the_audit_says_what_lists_do(items, said, rule):
    log = log_of([("u", item, "shop", at * DAY) for at, item in enumerate(items)])
    report = audit(log)
    (finding,) = (one for one in report.findings if one.rule == "repeats")
    assert said in finding.what
    assert f"{report.seen[0].share:.1%} of later rows" in finding.what
    assert AuditReport.from_json(report.to_json()).seen == report.seen
    assert rules(["shop"], report.seen) == {"shop": rule}
