"""A cell is run once for what decides it, and every model is judged on the same users."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from bench.quality import lineup as lines
from bench.quality.cells import (
    describe,
    described_cell,
    read_cell,
    read_record,
    run_cell,
    sources,
)
from bench.quality.exchange import export
from bench.quality.lineup import lineup
from bench.quality.plan import CellFailed, Plan, carry_out
from bench.quality.sets import ROOT, present
from bench.quality.source import code_hash, with_imports
from crossrec.errors import SplitError


@pytest.fixture
def plan(tiny, home) -> Plan:
    return Plan([tiny], seeds=[0, 1], home=home, models=["Popularity", "EASE"], max_warm=60)


@pytest.fixture
def ran() -> list:
    """The cells that were run, in order."""
    return []


@pytest.fixture
def run(ran):
    def run(cell, home):
        ran.append((cell.recipe.name, cell.seed, cell.reuse))
        run_cell(cell, home)

    return run


def test_everything_wanted_is_run_once(plan, run, ran):
    said = []
    assert carry_out(plan, run, said.append) == []
    names = {"Popularity", "EASE", "EASE (pooled)", "EASE (pooled, tuned for cold)"}
    assert {name for name, _, _ in ran} == names  # hybrids need text, and there is none
    assert len(ran) == 2 * len(names) == len(plan.finished())
    assert all("left)" in line for line in said[:-1])
    ran.clear()
    assert carry_out(plan, run, said.append) == []
    assert ran == []


def test_later_seeds_keep_the_settings_of_the_first(plan, run, ran):
    carry_out(plan, run, lambda _: None)
    chosen = {name: reuse for name, seed, reuse in ran if seed == 1}
    assert chosen["Popularity"] == ()
    assert len(chosen["EASE"]) == 2  # one lambda per scenario
    assert len(chosen["EASE (pooled)"]) == 1
    first = {name: reuse for name, seed, reuse in ran if seed == 0}
    assert set(first.values()) == {()}


def test_a_changed_setting_runs_its_cells_again(plan, run, ran, monkeypatch):
    carry_out(plan, run, lambda _: None)
    ran.clear()
    monkeypatch.setattr(lines, "STRONG_LAMBDA", (5.0, 50.0))
    carry_out(plan, run, lambda _: None)
    cold = "EASE (pooled, tuned for cold)"
    assert [(name, seed) for name, seed, _ in ran] == [(cold, 0), (cold, 1)]


def test_an_interrupted_cell_is_run_again(plan, run, ran):
    carry_out(plan, run, lambda _: None)
    plan.finished()[0].unlink()  # the JSON file is written last
    ran.clear()
    carry_out(plan, run, lambda _: None)
    assert len(ran) == 1


def test_a_failed_cell_is_told_and_the_others_go_on(plan, run):
    def fragile(cell, home):
        if cell.recipe.name == "EASE":
            raise CellFailed("MemoryError: too large")
        run(cell, home)

    failed = carry_out(plan, fragile, lambda _: None)
    assert failed[0] == "tiny, seed 0, EASE: MemoryError: too large"
    assert failed[1] == "tiny, seed 1, EASE: needs EASE on tiny under seed 0"
    assert len(plan.finished()) == 6


def test_models_are_judged_on_the_same_users(plan, run):
    carry_out(plan, run, lambda _: None)
    keys = ["scenario", "user_id", "warm", "warm_few", "cold", "cold_items"]
    by_seed: dict[int, list[pd.DataFrame]] = {}
    for path in plan.finished():
        by_seed.setdefault(read_record(path)["seed"], []).append(read_cell(path))
    for frames in by_seed.values():
        for frame in frames[1:]:
            pd.testing.assert_frame_equal(frame[keys], frames[0][keys])
        judged = frames[0]
        assert judged.groupby("scenario")["warm"].sum().max() == 60
        assert judged["cold"].any()
        assert not (judged["warm"] & judged["cold"]).any()
        assert judged["ndcg"].between(0, 1).all()


def test_a_cell_survives_the_way_to_the_child(plan):
    one, _, recipe = next(iter(plan.wanted()))
    cell = plan.cell(one, 1, recipe)
    again = described_cell(describe(cell))
    assert again.path(plan.home) == cell.path(plan.home)
    other = replace(cell, max_warm=61)
    assert other.path(plan.home) != cell.path(plan.home)


def test_lists_from_outside_are_judged_alike(plan, run, home):
    (folder,) = export(replace(plan, seeds=[0]))
    users = pd.read_parquet(folder / "users.parquet")
    rows = pd.read_parquet(folder / "rows.parquet")
    assert set(rows["part"]) == {"train", "valid"}
    counts = rows.groupby(["scenario", "item_id"])["user_id"].nunique().reset_index(name="users")
    counts = counts.sort_values(["users"], ascending=False, kind="stable")
    lists = users.merge(counts, on="scenario")
    lists["rank"] = lists.groupby(["scenario", "user_id"])["users"].rank(
        method="first", ascending=False
    )
    lists.to_parquet(folder / "lists" / "Popular.parquet", index=False)
    about = json.loads((folder / "about.json").read_text())
    (folder / "lists" / "Popular.json").write_text(json.dumps(about))
    carry_out(replace(plan, seeds=[0], models=["Popularity"]), run, lambda _: None)
    means = {
        read_record(path)["recipe"]: read_cell(path)["ndcg"].mean()
        for path in replace(plan, seeds=[0], models=["Popularity"]).finished()
    }
    assert means["Popular"] == pytest.approx(means["Popularity"], rel=0.1)  # ties differ


def test_code_is_compared_without_comments_and_docstrings(tmp_path):
    texts = (
        "def f(x):\n    return x + 1\n",
        '"""What it does."""\ndef f(x):\n    """Add."""\n    # one\n    return (x + 1)\n',
        "def f(x):\n    return x + 2\n",
    )
    found = []
    for at, text in enumerate(texts):
        path = tmp_path / str(at) / "same.py"
        path.parent.mkdir()
        path.write_text(text)
        found.append(code_hash([path]))
    assert found[0] == found[1] != found[2]


def test_absent_sets_are_skipped_with_a_line(home, capsys, monkeypatch, tmp_path):
    from bench.quality import sets

    monkeypatch.setattr(sets, "SHARED", tmp_path)
    assert [one.name for one in present(["ciao", "sample"], home)] == ["sample"]
    assert "skipped ciao" in capsys.readouterr().out


def test_records_are_json_and_say_what_it_cost(plan, run):
    carry_out(plan, run, lambda _: None)
    for path in plan.finished():
        record = json.loads(path.read_text())
        assert record["fit_seconds"] >= 0
        assert record["peak_gb"] > 0
        assert np.isfinite(record["judge_seconds"])


def test_code_counts_with_all_it_imports():
    names = {path.name for path in with_imports([ROOT / "crossrec" / "transfer" / "model.py"])}
    assert {"model.py", "history.py", "ids.py", "errors.py"} <= names
    assert not {"__init__.py", "als.py", "audit.py"} & names


def test_a_baseline_rests_on_its_own_code_alone():
    by_name = {recipe.name: recipe for recipe in lineup()}

    def named(recipe: str) -> set[str]:
        return {path.name for path in sources(by_name[recipe])}

    assert {"ease.py", "hybrid.py", "text.py"} <= named("Hybrid, EASE")
    assert not {"als.py", "decisions.py", "model.py"} & named("Hybrid, EASE")
    assert {"model.py", "decisions.py"} <= named("transfer")


def test_lists_of_another_split_are_refused(plan, run, tmp_path):
    (folder,) = export(replace(plan, seeds=[0]))
    nothing = pd.DataFrame(columns=["scenario", "user_id", "item_id", "rank"])
    nothing.to_parquet(folder / "lists" / "Old.parquet", index=False)
    (folder / "lists" / "Old.json").write_text(json.dumps({"split": "0" * 64}))
    with pytest.raises(SplitError, match="Old"):
        carry_out(replace(plan, seeds=[0], models=["Popularity"]), run, lambda _: None)
