"""Why a coefficient is what it is: the effects of the gate's inputs are complete."""

import numpy as np
import pytest

from crossrec.data.history import Histories
from crossrec.explanation import GATE_COLUMNS, gate_effects, gate_reference
from crossrec.transfer.coefficients import INPUTS


def with_both(histories) -> np.ndarray:
    """Rows of users with history in both scenarios."""
    return np.flatnonzero((histories.counts() > 0).all(axis=1))


@pytest.mark.parametrize("row", [0, 7, 55])
@pytest.mark.parametrize("cold", [False, True])
def test_effects_add_up_to_the_difference(lively_model, row, cold):
    known = lively_model.histories_
    one = known.take(with_both(known)[[row]])
    films = lively_model.space_.scenarios.code("films")
    one = one.without(films) if cold else one
    reference = gate_reference(lively_model, known, "films", most=60)
    (found,) = gate_effects(lively_model, one, reference)
    assert (found.source, found.target) == ("books", "films")
    assert list(found.table.columns) == list(GATE_COLUMNS)
    assert set(found.table["input"]) == set(INPUTS)
    assert found.coefficient == pytest.approx(float(lively_model.coefficients(one, films)[0, 0]))
    assert found.coefficient != pytest.approx(found.reference, abs=1e-3)
    gap = found.coefficient - found.reference
    assert found.table["effect"].sum() == pytest.approx(gap, abs=1e-5)
    assert found.table["effect"].abs().is_monotonic_decreasing
    assert found.low <= found.coefficient <= found.high
    assert found.judged > 0
    assert 0 <= found.percentile <= 1
    assert not found.closed


def test_the_typical_user_is_the_middle_of_all(small_model):
    known = small_model.histories_
    reference = gate_reference(small_model, known, "films", most=50, seed=1)
    assert reference.users == 50
    spread = reference.coefficients[small_model.space_.scenarios.code("books")]
    assert (np.diff(spread) >= 0).all()
    assert len(reference.coefficients[small_model.space_.scenarios.code("films")]) == 0
    low = [
        gate_effects(small_model, known.take(np.array([row])), reference)[0].percentile
        for row in with_both(known)[:60:3]
    ]
    assert 0.2 < np.mean(low) < 0.8


def test_without_history_or_transfer_there_is_nothing_to_explain(small_model):
    known = small_model.histories_
    reference = gate_reference(small_model, known, "films", most=20)
    nobody = Histories.from_items({}, small_model.space_, "new")
    assert gate_effects(small_model, nobody, reference) == ()
    alone = small_model.target_only()
    assert gate_effects(alone, known.take(slice(0, 1)), reference) == ()


def test_without_slopes_only_the_target_history_matters(small_model):
    known = small_model.histories_
    one = known.take(with_both(known)[[7]])
    reference = gate_reference(small_model, known, "films", most=60)
    (found,) = gate_effects(small_model, one.without(1), reference)
    effect = found.table.set_index("input")["effect"]
    assert not found.personal
    assert effect["target_items"] > 0  # a cold-start user leans on the source
    assert not effect.drop("target_items").any()
