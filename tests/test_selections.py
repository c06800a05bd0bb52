"""Selections: what was chosen comes back, under an id fit for a link."""

import numpy as np
import pytest

from crossrec.errors import UnknownId
from crossrec.workspace import Workspace, load_selection, save_selection
from crossrec.workspace import selections as module


@pytest.fixture
def workspace(tmp_path):
    return Workspace(tmp_path / "workspace")


def keep(workspace, ids=("b", "a", "b"), scenarios=("x", "x", "y"), kind="users"):
    ids, scenarios = (np.array(one, dtype=object) for one in (ids, scenarios))
    return save_selection(workspace, run="r1", kind=kind, ids=ids, scenarios=scenarios)


def test_a_selection_comes_back(workspace):
    found = load_selection(workspace, keep(workspace).id)
    assert (found.run, found.kind, len(found)) == ("r1", "users", 3)
    assert found.ids.tolist() == ["b", "a", "b"]
    assert found.scenarios.tolist() == ["x", "x", "y"]
    assert found.distinct().tolist() == ["b", "a"]


def test_the_same_choice_has_the_same_id_and_another_has_another(workspace):
    assert keep(workspace).id == keep(workspace).id
    others = {keep(workspace, ids=("b", "a", "c")).id, keep(workspace, kind="items").id}
    assert len({keep(workspace).id, *others}) == 3


@pytest.mark.parametrize("named", ["0" * 12, "../../etc", "", "0" * 12 + "/../x"])
def test_an_unknown_selection_says_what_to_do(workspace, named):
    with pytest.raises(UnknownId, match="on the map again"):
        load_selection(workspace, named)


def test_hostile_ids_and_empty_choices_are_kept_as_they_are(workspace):
    ids = ("=1+1", "<b>", "\ud800", "")
    found = load_selection(workspace, keep(workspace, ids, ("s",) * 4, "items").id)
    assert found.ids.tolist() == list(ids)
    assert len(load_selection(workspace, keep(workspace, (), ()).id)) == 0


def test_only_the_newest_are_kept(workspace, monkeypatch):
    monkeypatch.setattr(module, "MOST_KEPT", 2)
    kept = [keep(workspace, ids=(f"u{at}", "a", "b")).id for at in range(4)]
    files = {path.stem for path in (workspace.root / "selections").glob("*.parquet")}
    assert len(files) == 2
    assert kept[-1] in files
