"""The Transfer page: what the link says is shown, for the users somebody chose too."""

import json
from dataclasses import replace

import numpy as np
import pytest

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


def test_the_page_does_not_claim_what_the_run_did_not_try(trained):
    text = shown(open_page("transfer"))
    assert WORDS["transfer.personal.none"] in text
    assert WORDS["transfer.simpler.title"] in text


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
