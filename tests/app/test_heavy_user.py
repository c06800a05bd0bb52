"""Try a user with 10,000 history items: everything still answers. Nothing is trained for it."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from bench.foldin import model_of
from crossrec.data.catalog import Catalog
from crossrec.data.ids import IdMap
from crossrec.data.log import InteractionLog, TimeKind
from crossrec.data.split.cutting import no_holdout
from crossrec.transfer.model import TransferModel
from crossrec.workspace import Run, RunWriter, Workspace, staged_folder
from tests.app.fabricate import features, report
from tests.app.test_pages import go, open_page, shown
from tests.app.test_user_page import ITEM_VIEWS, USER_VIEWS

ITEMS, HAS = 5_200, 5_000
SCENARIOS = ("books", "films")


@pytest.fixture
def heavy(workspace: Workspace) -> Run:
    """A run of weights that are made up, with one user of 10,000 items and a few others."""
    ids = {name: [f"{name[0]}{at:05d}" for at in range(ITEMS)] for name in SCENARIOS}
    rows = [("heavy", name, item) for name in SCENARIOS for item in ids[name][:HAS]]
    rows += [(f"u{user}", name, item) for user in range(9) for name in SCENARIOS
             for item in ids[name][user::1_000]]  # fmt: skip
    frame = pd.DataFrame(rows, columns=["user_id", "scenario", "item_id"])
    frame["timestamp"] = 1_600_000_000 + 60 * np.arange(len(frame))
    log = InteractionLog.from_frame(frame, time_kind=TimeKind.CLOCK)
    everything = IdMap([*ids["books"], *ids["films"]])
    kinds = np.array([f"kind {at % 40}" for at in range(len(everything))], dtype=object)
    items = Catalog(
        everything,
        title=np.array([f"Title of {item}" for item in everything.ids], dtype=object),
        text=np.array([""] * len(everything), dtype=object),
        listed={name: everything.codes(ids[name]) for name in SCENARIOS},
        attributes={"category": kinds, "price": np.arange(len(everything), dtype=float)},
    )
    split = no_holdout(log, items, seed=0)
    assert split.space.sizes == (ITEMS, ITEMS)
    model = model_of(ITEMS, len(SCENARIOS))
    fitted = replace(model.fitted_, space=split.space)
    model = TransferModel.of(model.config, fitted)
    path: Path = workspace.new_run_path(workspace.create_project("Shop"))
    with staged_folder(path) as folder:
        writer = RunWriter(folder)
        writer.log(log)
        writer.catalog(items)
        writer.split(split)
        writer.features(features(everything))
        writer.model_folder.mkdir(parents=True, exist_ok=True)
        model.save(writer.model_folder)
        writer.report(report())
        writer.info({"config": {"k": 10}, "scenarios": list(SCENARIOS)})
    return Run(path)


@pytest.mark.timeout(240)
def test_a_user_of_ten_thousand_items_is_answered(heavy):
    app = open_page("user", user="heavy", scenario="films")
    assert "heavy has 5,000 items in films and 5,000 elsewhere" in app.header[0].value
    for key, views in (("user_view", ITEM_VIEWS), ("user_more", USER_VIEWS)):
        for view in views:
            app.button_group(key=key).set_value(view)
            go(app)
            assert not app.error, view

    row = heavy.split().histories().users.code("heavy")
    app.session_state[f"past_{row}"] = True
    go(app)
    assert len(app.dataframe[0].value) == 2 * HAS

    app.toggle(key="on_books_0").set_value(False)
    go(app)
    assert "Changed: books off" in shown(app)
    app.button_group(key="user_view").set_value("why")
    assert "Checked: base" in shown(go(app))
