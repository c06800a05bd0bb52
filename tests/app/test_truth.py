"""The planted truth of the sample data beside what a run found."""

from itertools import permutations

import pandas as pd
import pytest

from crossrec.data.sample.truth import SCENARIOS
from crossrec.evaluation import HELPS, HURTS, INCONCLUSIVE
from crossrec.ui import truth

FOUND = {("music", "groceries"): HURTS, ("films", "books"): HELPS}


@pytest.fixture
def table(monkeypatch) -> pd.DataFrame:
    """Of a run that found one harm and one help, and nothing else."""
    rows = [
        {"source": s, "target": t, "lift": 0.0, "low": -0.1, "high": 0.1,
         "verdict": FOUND.get((s, t), INCONCLUSIVE)}
        for s, t in permutations(SCENARIOS, 2)
    ]  # fmt: skip
    monkeypatch.setattr(truth.state, "read", lambda *_: None)
    monkeypatch.setattr(truth.evaluation, "verdicts", lambda *_, **__: pd.DataFrame(rows))
    return truth.compared(None).set_index(["source", "target"])


def test_a_pair_tells_whom_it_is_planted_for(table):
    regions = {"column": "region", "values": ["south", "east", "west"]}
    assert table.loc[("music", "groceries"), "segment"] == regions
    assert table.loc[("films", "books"), "segment"] == {"column": "plan", "values": ["member"]}
    assert table.loc[("books", "music"), "segment"] is None


def test_clear_pairs_agree_or_not_and_others_are_not_judged(table):
    assert table.loc[("music", "groceries"), "agrees"]
    assert table.loc[("films", "books"), "agrees"]
    assert not table.loc[("books", "films"), "agrees"]
    assert table.loc[("groceries", "music"), "agrees"] is None  # too weak to be seen
    assert table.loc[("films", "music"), "agrees"] is None  # nothing planted
