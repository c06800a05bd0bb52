"""The Map page: colours, search, marks and selections, over all points and in the link."""

import json
import shutil

import numpy as np
import pytest

from crossrec.ui import i18n
from crossrec.ui.i18n import wording
from crossrec.workspace import load_selection, lookup, save_selection
from tests.app.fabricate import make_run
from tests.app.test_pages import go, open_page, shown

WORDS = wording("en")
EVERYTHING = {"x": [-1e6, 1e6, 1e6, -1e6], "y": [-1e6, -1e6, 1e6, 1e6]}


def select(app, key: str = "map_items_2d", **parts):
    """What the chart sends when somebody draws on it."""
    app.session_state[key] = {
        "selection": {"points": [], "point_indices": [], "lasso": [], "box": [], **parts}
    }
    return go(app)


def linked(app, name: str) -> str:
    value = app.query_params[name]
    return value if isinstance(value, str) else value[0]


def table(app, column: str):
    return next(one.value for one in app.dataframe if column in one.value)


def test_every_colour_draws(trained):
    app = open_page("map")
    options = app.selectbox(key="colour_items").options
    assert WORDS["map.colour.cluster"] in options
    assert WORDS["map.colour.category"] in options
    for at in range(len(options)):
        app.selectbox(key="colour_items").select_index(at)
        go(app)
        assert not app.error
    assert linked(app, "colour")


def test_the_link_says_what_is_drawn_in_any_language(trained, monkeypatch):
    monkeypatch.setattr(i18n, "FALLBACK", "zh")  # AppTest asks for labels outside the page
    app = open_page("map", what="users", colour="cohort", dim="3d", lang="zh")
    assert app.button_group(key="what").value == "users"
    assert app.selectbox(key="colour_users").value == "cohort"
    assert app.button_group(key="dim").value == "3d"
    assert wording("zh")["map.caption_space"] in shown(app)
    assert linked(app, "what") == "users"


def test_users_are_found_by_id(trained):
    app = open_page("map", what="users")
    app.text_input(key="q").set_value("U00")
    go(app)
    assert "found" in shown(app)
    assert set(table(app, WORDS["map.count.users"])[WORDS["column.user_id"]].str[:3]) == {"u00"}


def test_a_lasso_counts_all_points_and_goes_into_the_link(trained, workspace):
    app = select(open_page("map"), lasso=[EVERYTHING])
    points = trained.map_items()
    assert f"{len(points):,} selected" in shown(app)
    kept = load_selection(workspace, linked(app, "sel"))
    assert (kept.kind, kept.run, len(kept)) == ("items", trained.id, len(points))
    shown_rows = table(app, WORDS["map.count.items"])
    assert shown_rows[WORDS["map.count.items"]].is_monotonic_decreasing
    assert WORDS["column.title"] in shown_rows


def test_a_kept_selection_opens_in_a_fresh_browser(trained, workspace):
    points = trained.map_items().iloc[:7]
    ids = (points[name].to_numpy(dtype=object) for name in ("item_id", "scenario"))
    kept = save_selection(
        workspace, run=trained.id, kind="items", **dict(zip(("ids", "scenarios"), ids, strict=True))
    )
    app = open_page("map", sel=kept.id)
    assert "7 selected (from the link)" in shown(app)
    assert len(table(app, WORDS["map.count.items"])) == 7
    app.button(key="map_clear").click()
    go(app)
    assert "sel" not in app.query_params
    assert "selected" not in shown(app)


def test_a_long_selection_has_pages(trained):
    app = select(open_page("map"), box=[{"x": [-1e6, 1e6], "y": [-1e6, 1e6]}])
    first = table(app, WORDS["map.count.items"])
    if len(trained.map_items()) <= 100:
        pytest.skip("the sample has one page of items")
    assert len(first) == 100


def test_a_user_is_joined_with_its_points_elsewhere(trained):
    users = trained.map_users()
    user = users["user_id"].value_counts().index[0]
    app = open_page("map", what="users", at=user)
    said = f"{(users['user_id'] == user).sum()} scenarios"
    assert said in shown(app)
    app.button(key="map_mark").click()
    go(app)
    assert "at" not in app.query_params


def test_a_clicked_item_shows_its_nearest_in_the_original_space(trained):
    app = select(open_page("map"), points=[{"customdata": [0]}])
    near = table(app, WORDS["features.similarity"])
    assert len(near) == 10
    assert near[WORDS["features.similarity"]].is_monotonic_decreasing


def test_all_points_as_a_table(trained):
    app = open_page("map")
    app.toggle(key="map_items_2d_as_table").set_value(True)
    go(app)
    assert {"x", "y", "cluster"} <= set(table(app, "x"))


def test_a_run_made_before_clusters_and_space(workspace, trained):
    from crossrec.workspace import RunWriter

    old = trained.map_items().drop(columns=["x3", "y3", "z3", "cluster"])
    RunWriter(trained.path).map(items=old)
    file = trained.path / "run.json"
    record = json.loads(file.read_text())
    record["map"] = {name: value for name, value in record["map"].items() if "users" not in name}
    file.write_text(json.dumps(record))
    app = open_page("map", dim="3d", colour="cluster")
    assert not app.error
    assert WORDS["map.colour.cluster"] not in app.selectbox(key="colour_items").options


def test_before_and_after_an_encoder_was_adapted(trained, workspace):
    path = workspace.new_run_path("shop", "after")
    shutil.copytree(trained.path, path)
    record = json.loads((path / "run.json").read_text())
    record["features"] |= {"encoder": "adapted", "fingerprint": "1" * 64}
    record["map"]["mixing"] = 0.5
    (path / "run.json").write_text(json.dumps(record))
    app = open_page("map")
    lens = app.selectbox(key="lens")
    assert sorted(lens.options) == ["adapted", "tfidf"]
    before = app.header[0].value
    other = ({trained.id, path.name} - {lens.value}).pop()
    lens.set_value(other)
    go(app)
    assert linked(app, "lens") == other
    assert {before[:3], app.header[0].value[:3]} >= {"50%"}
    assert app.header[0].value != before


def test_a_selection_that_is_gone_is_said(trained):
    assert "on the map again" in open_page("map", sel="0" * 12).error[0].value


# ------------------------------------------------------------------------------ lookups


def test_lookups_say_what_the_catalogue_says(workspace):
    run = make_run(workspace)
    catalog = run.catalog()
    ids = np.array([*catalog.items.ids[:3], "nothing"], dtype=object)
    assert lookup.titles_of(run, ids).tolist() == [*catalog.title[:3], "nothing"]
    assert lookup.find_items(run, "TITLE of b05", 10) == ["b05"]
    assert lookup.find_items(run, "b05", 10)[0] == "b05"
    assert lookup.find_items(run, " b05\u00a0", 10)[0] == "b05"
    assert lookup.find_items(run, "'; drop table x; --", 10) == []
    assert len(lookup.find_items(run, "title", 4)) == 4
    assert lookup.attributes(run, "items") == {"category": False}
    import pandas as pd

    found = lookup.attribute_of(run, "items", "category", pd.Series(ids))
    assert found.tolist()[:3] == ["b", "b", "b"]
    assert pd.isna(found.iloc[3])


def test_lookups_in_a_catalogue_whose_ids_are_no_utf8(workspace, monkeypatch):
    run = make_run(workspace)
    monkeypatch.setattr(lookup, "_plain_text", lambda path: False)
    ids = run.catalog().items.ids[:2]
    assert lookup.titles_of(run, ids).tolist() == run.catalog().title[:2].tolist()
    assert lookup.find_items(run, "of b05", 10) == ["b05"]
