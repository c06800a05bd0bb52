"""Figures of small groups are withheld everywhere, and cannot be told from their totals."""

import json

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from crossrec.data.audit.findings import AuditReport
from crossrec.data.audit.rules import audit
from crossrec.data.log import InteractionLog
from crossrec.data.privacy.withheld import withheld, withheld_bridges


def log_of(groups: dict[str, range]) -> InteractionLog:
    rows = [(f"u{user}", f"i{user % 7}", name) for name, users in groups.items() for user in users]
    return InteractionLog.from_frame(pd.DataFrame(rows, columns=["user_id", "item_id", "scenario"]))


def test_small_scenarios_and_small_overlaps_are_withheld():
    found = audit(log_of({"big": range(50), "near": range(47, 90), "tiny": range(200, 203)}))
    shown = withheld(found, 5)
    assert shown.overlap.loc["big", "near"] is None
    assert shown.overlap.loc["big", "big"] == 50
    counts = shown.counts.set_index("scenario")
    assert counts.loc["tiny"].isna().all()
    assert counts.loc["big", "users"] == 50
    pair = next(one for one in shown.pairs if (one.source, one.target) == ("big", "near"))
    assert (pair.shared_users, pair.cold_users) == (None, None)
    assert "number withheld" in pair.what
    assert found.overlap.loc["big", "near"] == 3  # the report itself is not changed
    few = [one for one in shown.findings if one.rule == "overlap" and one.withheld]
    assert few
    assert all("fewer than 5" in one.what and not one.examples for one in few)
    assert AuditReport.from_json(json.loads(json.dumps(shown.to_json()))) is not None


def test_a_rest_that_would_tell_the_group_is_withheld_too():
    shown = withheld(audit(log_of({"big": range(50), "most": range(48)})), 5)
    assert shown.overlap.loc["big", "most"] is None


@given(st.integers(2, 12), st.integers(0, 30))
def test_attributes_by_which_few_cross_or_all_but_few_are_withheld(least, users):
    table = pd.DataFrame([("one", "other", users)], columns=["source", "target", "users"])
    shown = withheld_bridges(table, {("one", "other"): 30}, least)
    assert len(shown) == (users >= least and not 0 < 30 - users < least)
    assert withheld_bridges(table, {("one", "other"): None}, least).empty
    assert withheld_bridges(None, {}, least) is None


@given(st.integers(1, 12), st.integers(0, 40), st.integers(1, 40))
def test_no_number_of_users_below_the_least_is_shown(least, start, size):
    found = audit(log_of({"one": range(30), "other": range(start, start + size)}))
    shown = withheld(found, least)
    values = [value for value in shown.overlap.to_numpy().ravel().tolist() if value is not None]
    values += [n for pair in shown.pairs for n in (pair.shared_users, pair.cold_users)
               if n is not None]  # fmt: skip
    assert all(value == 0 or value >= least for value in values)
