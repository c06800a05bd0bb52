"""What a row weighs: its event, its rating, and what becomes of rows that stand twice."""

import numpy as np
import pytest

from crossrec.data import read_log
from crossrec.data.reading.readers import ReadOptions
from crossrec.errors import DataError, UnknownId


def test_weights_from_events_and_ratings(write):
    head = "user_id,item_id,scenario,event,rating\n"
    log = read_log(write(head + "u1,i1,a,View,\nu1,i2,a,add_to_cart,5\nu1,i3,a,??,3\n"))
    np.testing.assert_allclose(log.weight, [1 / 3, 1, 0.8])
    log = read_log(write(head + "u1,i1,a,view,\nu1,i2,a,view,\n"))
    assert log.weight.tolist() == [1, 1]
    log = read_log(write(head + "u1,i1,a,view,1e-300\nu1,i2,a,view,1e300\n"))
    assert np.all(log.weight > 0)
    log = read_log(write(head + "u1,i1,a,buy,\nu1,i2,a,退货,\nu1,i2,a,buy,\n"))
    assert (len(log), log.rejects.duplicates) == (2, 0)
    assert log.negatives is not None
    assert log.negatives.items.ids.tolist() == ["i2"]


def test_exact_repeats_are_dropped_and_counted(write):
    head = "user_id,item_id,scenario,event,timestamp\n"
    row, later = "u1,i1,a,buy,2024-01-01\n", "u1,i1,a,buy,2024-01-02\n"
    log = read_log(write(head + row + later + row + row))
    assert len(log) == 2
    assert (log.rejects.read, log.rejects.duplicates) == (4, 2)
    log = read_log(write(head + row + later), {"timestamp": ""})
    assert (len(log), log.rejects.duplicates) == (1, 1)


def test_policies_for_repeats(write):
    text = "user_id,item_id,event,rating\nu,i,buy,3\nu,j,buy,5\nu,i,buy,4\n"
    found = {policy: read_log(write(text), repeats=policy) for policy in ("first", "last", "sum")}
    weights = {policy: log.weight.round(6).tolist() for policy, log in found.items()}
    expected = {"first": [0.6, 1], "last": [1, 0.8], "sum": [1.4, 1]}
    assert weights == {policy: pytest.approx(values) for policy, values in expected.items()}
    assert {log.rejects.duplicates for log in found.values()} == {1}


EVENTS = (
    "user_id,item_id,scenario,event\nu1,i1,a,View\nu1,i2,a,Add to cart\nu2,i1,a,purchase\n"
    "u2,i2,a,return\nu3,i1,a,\nu3,i2,a,view\n"
)


def test_a_person_says_what_each_event_weighs(write):
    usual = read_log(write(EVENTS))
    assert usual.weight.tolist() == [0.25, 0.75, 1, 1, 0.25]
    given = {"view": 1, "add_to_cart": 3, "purchase": 5}
    log = read_log(write(EVENTS), event_weights=given)
    np.testing.assert_allclose(log.weight, [0.2, 0.6, 1, 0.2, 0.2])
    signals = log.rejects.signals
    assert [(one.column, one.value, one.kind, one.rows, one.weight) for one in signals] == [
        ("event", "View", "positive", 2, 1.0),
        ("event", "Add to cart", "positive", 1, 3.0),
        ("event", "purchase", "positive", 1, 5.0),
        ("event", "return", "negative", 1, 1.0),
    ]
    # The files stay as they are: without the weights the log is the same as before.
    np.testing.assert_array_equal(read_log(write(EVENTS)).weight, usual.weight)


def test_rows_of_an_event_that_weighs_nothing_are_exposures(write):
    log = read_log(write(EVENTS), event_weights={"VIEW": 0, "return": 0.1})
    assert log.exposures is not None
    assert log.exposures.users.ids.tolist() == ["u1", "u3"]
    assert log.negatives is None
    assert log.rejects.read == len(log) + len(log.exposures)


def test_a_header_in_the_middle_is_no_event(write):
    log = read_log(write(EVENTS + EVENTS.replace("u1", "w1")))
    assert [row.reason for row in log.rejects.rows].count("the header once more") == 1
    assert "event" not in {one.value for one in log.rejects.signals}


def test_codes_without_letters_are_events_too(write):
    text = "user_id,item_id,scenario,behavior_type\nu,i,a,1\nu,j,a,4\n"
    log = read_log(write(text), {"event": "behavior_type"}, event_weights={"1": 1, "4": 4})
    assert log.weight.tolist() == [0.25, 1]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"purchse": 5}, r"kind of event of this data; found 'purchse'.*purchase"),
        ({"view": -1}, r"at least 0 for the event 'view'; found -1"),
        ({"view": float("nan")}, r"at least 0 for the event 'view'; found nan"),
        ({"view": 1, "VIEW": 2}, r"one weight for the event 'VIEW'; found 1 and 2"),
        ({"view": "much"}, r"a number as the weight of an event"),
    ],
)
def test_weights_that_make_no_sense_are_refused(write, given, said):
    with pytest.raises((DataError, UnknownId), match=said):
        read_log(write(EVENTS), event_weights=given)


def test_how_a_log_is_read_is_told_where_it_is_not_the_usual_way():
    assert ReadOptions().to_json() == {}
    options = ReadOptions(0.2, "sum", "Asia/Shanghai", {"view": 2})
    assert ReadOptions(**options.to_json()) == options
    with pytest.raises(DataError, match="at least 0"):
        ReadOptions(event_weights={"view": -2})
