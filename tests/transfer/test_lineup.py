"""One table of names: what it makes is what reports, commands and pages call it."""

import subprocess
import sys

import pytest

from crossrec.errors import UnknownId
from crossrec.transfer.lineup import (
    BASELINES,
    CHEAP,
    LINEUP,
    OWN,
    asked,
    baseline,
    key_of,
    simpler,
)


@pytest.mark.parametrize("key", BASELINES)
def test_a_model_has_the_name_of_the_table(key):
    assert baseline(key).name == LINEUP[key].report_name
    assert key_of(LINEUP[key].report_name) == key


def test_what_is_asked_for():
    assert asked("") == ()
    assert asked("ease, user-knn,ease") == ("ease", "user-knn")
    assert asked("transfer,target-only,als") == ("als",)
    assert asked("few") == CHEAP
    assert asked("all") == BASELINES
    assert asked("text,few") == ("text", *CHEAP)
    assert {"user-knn", "item-knn", "ease", "als", "text", "hybrid", "popularity"} <= {*BASELINES}


@pytest.mark.parametrize("ask", [asked, baseline])
def test_a_name_that_is_none_is_answered_with_near_ones(ask):
    with pytest.raises(UnknownId, match="user-knn"):
        ask("userknn")


@pytest.mark.parametrize("key", OWN)
def test_the_runs_own_models_are_no_baselines(key):
    with pytest.raises(UnknownId, match="baseline"):
        baseline(key)


def test_simpler_models_of_a_report():
    names = ["transfer", "target only", "transfer without attributes", "EASE", "Popularity"]
    assert simpler(names) == ["EASE", "Popularity"]


def test_names_cost_no_heavy_import():
    code = (
        "import sys, crossrec.transfer.lineup;"
        "print([m for m in ('torch', 'implicit', 'scipy', 'pandas') if m in sys.modules])"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"
