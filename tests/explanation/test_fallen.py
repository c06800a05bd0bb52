"""What transfer pushed out of a list, what passed it, and from where."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from crossrec.data.history import Histories
from crossrec.explanation import contributions, fallen, rank, what_if
from tests.explanation.conftest import histories


@settings(max_examples=40, deadline=None)
@given(data=st.data(), k=st.integers(1, 8))
def test_what_fell_out_was_listed_before_and_what_passed_it_is_listed_now(small_model, data, k):
    one = Histories.from_items(data.draw(histories(small_model.space_)), small_model.space_, "me")
    answer = what_if(small_model, one, "films")
    ranking, without = answer.ranking, answer.target_only
    told = fallen(small_model, one, ranking, without, k)
    before, after = set(without.item_ids[:k]), set(ranking.item_ids[:k])
    assert {item.item_id for item in told} == before - after
    for item in told:
        assert list(ranking.item_ids).index(item.item_id) + 1 == item.rank > k
        assert list(without.item_ids).index(item.item_id) + 1 == item.rank_without <= k
        assert item.pushers
        for pusher, source in item.pushers:
            assert pusher in after
            assert list(without.item_ids).index(pusher) >= item.rank_without
            assert source == "books"  # the only other scenario
            gained = [
                contributions(small_model, one, "me", "films", each).by_source().get(source, 0)
                for each in (pusher, item.item_id)
            ]
            assert gained[0] > gained[1] - 1e-6


def test_only_what_is_asked_for_is_told(small_model, reader):
    answer = what_if(small_model, reader, "films")
    args = (small_model, reader, answer.ranking, answer.target_only, 5)
    every = fallen(*args)
    assert every
    assert fallen(*args, among=[every[-1].item_id]) == [every[-1]]
    assert fallen(*args, among=[]) == []
    same = rank(small_model, reader, "films", coefficients=np.array([0.0, 1.0]))
    assert fallen(small_model, reader, same, same, 5) == []
