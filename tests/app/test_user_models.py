"""The picker of recommenders on Try a user, and what pages say of those that beat transfer."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from crossrec import jobs
from crossrec.data.history import Histories
from crossrec.explanation.whatif import WhatIf
from crossrec.pipeline import load_recommender
from crossrec.transfer.lineup import BASELINES, CHEAP, LINEUP
from crossrec.ui import i18n
from crossrec.ui.i18n import wording
from crossrec.workspace import Run, RunWriter
from crossrec.workspace.kept_models import kept_models
from tests.app.test_pages import go, open_page, shown

WORDS = wording("en")


def user_of(run: Run) -> str:
    return str(run.report().per_user["user_id"].iloc[3])


def lists_of(app) -> list[list[str]]:
    """Titles of the lists on the page, without their marks."""
    title = WORDS["column.title"]
    tables = [one.value for one in app.dataframe]
    lists = [table for table in tables if {title, WORDS["user.score"]} <= set(table.columns)]
    return [table[title].str.removeprefix("● ").tolist() for table in lists]


def expected(run: Run, name: str, user: str, k: int = 10) -> list[str]:
    model, known = load_recommender(run, name), run.split().histories(dislikes=True)
    found = model.recommend(user, run.info["scenarios"][0], k, histories=known)
    return run.catalog().titles_of(found.item_ids).tolist()


def test_at_first_it_is_transfer(trained):
    app = open_page("user", user=user_of(trained))
    assert app.selectbox(key="model").value == "transfer"
    assert "model" not in app.query_params
    assert app.button_group(key="user_view")


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("name", ["item-knn", "target-only"])
def test_another_model_is_shown_beside_transfer(name, lang, trained, monkeypatch):
    monkeypatch.setattr(i18n, "FALLBACK", lang)
    user, target = user_of(trained), trained.info["scenarios"][0]
    app = open_page("user", user=user, scenario=target, lang=lang)
    app.selectbox(key="model").set_value(name)
    go(app)
    assert not app.error
    assert app.query_params["model"] in (name, [name])
    words = wording(lang)
    note = "user.model_note_own" if name == "target-only" else "user.model_note"
    assert words[note].format(model=words[f"lineup.{name}"]) in shown(app)
    assert f"--model {name}" in shown(app)
    if lang == "en":
        assert lists_of(app) == [expected(trained, one, user) for one in ("transfer", name)]


def test_the_link_opens_a_model_and_a_strange_one_is_dropped(trained):
    app = open_page("user", user=user_of(trained), model="popularity")
    assert app.selectbox(key="model").value == "popularity"
    app = open_page("user", user=user_of(trained), model="![x](y)")
    assert app.selectbox(key="model").value == "transfer"
    assert not app.error


def test_changes_reach_another_model(trained):
    """An item that is put into the history is not offered, and moves the neighbours."""
    user, target = user_of(trained), trained.info["scenarios"][0]
    app = open_page("user", user=user, scenario=target, model="item-knn")
    before = lists_of(app)[1]
    known = trained.split().histories(dislikes=True)
    first = load_recommender(trained, "item-knn").recommend(user, target, histories=known)
    changed = WhatIf().with_added(target, str(first.item_ids[0])).to_text()
    app = open_page("user", user=user, scenario=target, model="item-knn", what=changed)
    assert before[0] not in lists_of(app)[1]
    one = known.take(np.array([known.users.code(user)]))
    told = one.with_rows([(user, target, str(first.item_ids[0]), 1.0)], known_space(trained))
    again = load_recommender(trained, "item-knn").recommend(user, target, histories=told)
    assert lists_of(app)[1] == trained.catalog().titles_of(again.item_ids).tolist()


def known_space(run: Run):
    return run.split().space


def test_a_newcomer_is_served_too(trained):
    item = str(known_space(trained).ids(0)[0])
    target = trained.info["scenarios"][0]
    made = WhatIf().with_added(target, item).to_text()
    app = open_page("user", made=made, scenario=target, model="item-knn")
    assert not app.error
    one = Histories.of([("made-up", target, item, 1.0)], known_space(trained))
    model = load_recommender(trained, "item-knn")
    found = model.recommend("made-up", target, histories=one).item_ids
    assert lists_of(app)[1] == trained.catalog().titles_of(found).tolist()


def test_a_model_that_is_not_kept_is_offered_and_then_shown(trained, workspace):
    user = user_of(trained)
    app = open_page("user", user=user, scenario=trained.info["scenarios"][0], model="user-knn")
    assert set(kept_models(trained)) == set(CHEAP)
    kept = ", ".join(WORDS[f"lineup.{name}"] for name in BASELINES if name in CHEAP)
    assert f"keeps: {kept}" in shown(app)
    assert lists_of(app) == []
    app.button(key="model_fit").click()
    go(app)
    (job,) = jobs.list_jobs(workspace.jobs_db)
    assert (job.verb, job.arguments["name"]) == ("fit_model", "user-knn")
    assert jobs.wait(workspace.jobs_db, job.id, timeout=90).state == "done"
    assert lists_of(go(app))[1] == expected(trained, "user-knn", user)


def test_every_model_has_a_name_in_both_languages():
    for key in LINEUP:
        for lang in ("en", "zh"):
            assert f"lineup.{key.removesuffix('-pooled')}" in wording(lang)


def test_pages_say_where_a_simpler_model_is_better(trained):
    text = WORDS["report.simpler_none"].format(models="Popularity, Item kNN")
    for page in ("transfer", "compare"):
        assert text in shown(open_page(page))
    report = trained.report()
    rows = report.per_user
    best = rows.loc[rows["model"] == "transfer"].assign(model="Item kNN")
    best["ndcg"] += 0.1
    rest = rows.loc[rows["model"] != "Item kNN"]
    better = replace(report, per_user=pd.concat([rest, best], ignore_index=True))
    RunWriter(trained.path).report(better)
    RunWriter(trained.path).info({**trained.info, "created": "2020-01-01T00:00:00+00:00"})
    for page in ("transfer", "compare"):
        told = shown(open_page(page))
        assert "Clearly better than transfer: **Item kNN** for" in told
        assert text not in told
