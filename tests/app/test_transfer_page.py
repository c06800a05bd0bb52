"""The Transfer page: what the link says is shown, for the users somebody chose too."""

import json
from dataclasses import replace

import numpy as np
import pytest

from crossrec import plots
from crossrec.ui import kept, state
from crossrec.ui.i18n import wording
from crossrec.workspace import save_selection
from tests.app.fabricate import make_run
from tests.app.test_pages import go, open_page, shown

WORDS = wording("en")


def keep_users(workspace, run, users, kind="users") -> str:
    ids = np.array(users, dtype=object)
    where = np.full(len(ids), run.info["scenarios"][0], dtype=object)
    return save_selection(workspace, run=run.id, kind=kind, ids=ids, scenarios=where).id


def test_the_link_says_metric_cohort_and_view(trained):
    query = {"target": "1", "metric": "recall", "cohort": "all", "view": "forced"}
    app = open_page("transfer", **query, winners_cohort="warm")
    assert app.selectbox(key="winners_target").value == "1"
    assert app.selectbox(key="cohort").value == "all"
    assert app.selectbox(key="winners_cohort").value == "warm"
    assert WORDS["transfer.map.caption_forced"] in shown(app)
    assert any("Change of Recall" in one.value for one in app.dataframe)
    assert not app.error


def test_learnt_coefficients_are_those_of_the_chosen_users(trained):
    app = open_page("transfer", view="coefficient", cohort="warm")
    app.toggle(key="pairs_as_table").set_value(True)
    counted = {}
    for cohort in ("warm", "cold"):
        app.selectbox(key="cohort").set_value(cohort)
        go(app)
        table = next(
            one.value for one in app.dataframe if WORDS["transfer.column.coefficient"] in one.value
        )
        counted[cohort] = table[WORDS["transfer.column.coefficient"]].tolist()
    assert not app.selectbox(key="cohort").disabled
    found = plots.coefficient_pairs(trained.report().coefficients_of("cold"))
    assert counted["cold"] == pytest.approx(found["coefficient"].tolist())
    assert counted["cold"] != pytest.approx(counted["warm"])


def test_selected_users_are_one_more_cohort(trained, workspace):
    judged = trained.report().per_user["user_id"].drop_duplicates().tolist()[:60]
    kept = keep_users(workspace, trained, judged)
    app = open_page("transfer", sel=kept)
    assert "60 users selected on the map" in shown(app)
    app.toggle(key="forest_as_table").set_value(True)
    go(app)
    forest = next(
        one.value for one in app.dataframe if WORDS["transfer.column.cohort"] in one.value
    )
    assert "selection" in set(forest[WORDS["transfer.column.cohort"]])
    app.selectbox(key="winners_cohort").set_value("selection")
    go(app)
    assert not app.error
    app.button(key="selection_clear").click()
    go(app)
    assert "sel" not in app.query_params


def test_a_selection_that_is_gone_or_of_items_does_no_harm(trained, workspace):
    assert "on the map again" in open_page("transfer", sel="0" * 12).error[0].value
    items = keep_users(workspace, trained, ["i1"], kind="items")
    app = open_page("transfer", sel=items)
    assert not app.error
    assert "selected on the map;" not in shown(app)


def test_most_helped_and_most_harmed_are_named(trained):
    app = open_page("transfer")
    assert WORDS["transfer.winners.helped"] in shown(app)
    tables = [one.value for one in app.dataframe]
    changes = [one["Change of NDCG"] for one in tables if "Change of NDCG" in one]
    assert len(changes) >= 2


def test_what_validation_users_chose_is_a_line_each(trained):
    text = shown(open_page("transfer"))
    assert WORDS["transfer.simpler.title"] in text
    assert WORDS["transfer.chosen.note"] in text
    chosen = trained.report().config["chosen"]
    decisions = {one["decision"] for one in chosen}
    assert {"text", "penalty", "reach"} <= decisions
    assert all(f"decision.{name}" in WORDS for name in decisions)


def test_one_scenario_needs_two(workspace):
    run = make_run(workspace)
    file = run.path / "run.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), "scenarios": ["books"]}))
    report = run.report()
    own = report.table.loc[~report.table["metric"].str.startswith("lift_")]
    replace(report, table=own).save(run.path)
    app = open_page("transfer")
    assert WORDS["transfer.one.title"] in shown(app)
    assert not app.error


@pytest.mark.parametrize("pair", ["9-9", "x", "0-0"])
def test_a_broken_pair_in_the_link_shows_the_strongest(trained, pair):
    assert not open_page("transfer", pair=pair).error


def touched(run, **facts) -> None:
    """Write facts into ``run.json`` and let the run count as made anew."""
    file = run.path / "run.json"
    held = {**json.loads(file.read_text()), **facts, "created": "2030-01-01T00:00:00+00:00"}
    file.write_text(json.dumps(held))


def test_winners_of_too_few_users_are_withheld(trained, workspace):
    report = trained.report()
    scenario = trained.info["scenarios"][0]
    here = report.per_user.loc[report.per_user["scenario"] == scenario, "user_id"]
    few = keep_users(workspace, trained, here.drop_duplicates().tolist()[:4])
    query = {"sel": few, "winners_cohort": "selection"}
    withheld = WORDS["data.privacy.withheld"].format(n=5)
    assert withheld not in shown(open_page("transfer", **query))
    touched(trained, privacy={"least": 5})
    app = open_page("transfer", **query)
    assert withheld in shown(app)
    assert WORDS["transfer.winners.helped"] not in shown(app)
    everybody = open_page("transfer")
    assert withheld not in shown(everybody)
    assert WORDS["transfer.winners.helped"] in shown(everybody)


def test_figures_are_drawn_once_per_language_and_theme(trained, monkeypatch):
    drawn = []
    monkeypatch.setattr(plots, "forest_figure", counted(plots.forest_figure, drawn))
    app = open_page("transfer")
    go(app)
    open_page("transfer")
    assert len(drawn) == 1
    open_page("transfer", metric="recall")
    assert len(drawn) == 2
    monkeypatch.setattr(kept, "language", lambda: "zh")
    go(app)
    assert len(drawn) == 3
    monkeypatch.setattr(state, "theme", lambda: "dark")
    go(app)
    assert len(drawn) == 4


def counted(draw, calls: list):
    """The same function, which notes its calls."""

    def noting(*args, **kwargs):
        calls.append(args)
        return draw(*args, **kwargs)

    return noting


def test_runs_made_before_choices_were_kept_are_shown_without_them(trained):
    report = trained.report()
    config = {name: value for name, value in report.config.items() if name != "chosen"}
    replace(report, config=config).save(trained.path)
    touched(trained)
    app = open_page("transfer")
    assert WORDS["transfer.chosen.title"] not in shown(app)
    assert not app.error
