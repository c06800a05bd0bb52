"""The Data page on attributes that connect scenarios."""

import json

import numpy as np
import pandas as pd

from crossrec.ui.i18n import wording
from crossrec.workspace import Run
from tests.app.fabricate import interactions, make_run
from tests.app.test_data_page import files as files
from tests.app.test_data_page import finish, tables
from tests.app.test_knowledge_panels import attributes_of
from tests.app.test_pages import go, open_page, shown

WORDS = wording("en")


def test_attributes_that_connect_scenarios(workspace, files):
    log = interactions()
    tastes = (log[name].str[1:].astype(int) % 2 for name in ("user_id", "item_id"))
    log[np.equal(*tastes)].to_csv(files["log"], index=False)  # nobody chooses across the tones
    items = pd.read_csv(files["items"])
    odd = items["item_id"].str[1:].astype(int) % 2
    items.assign(tone=odd.map({0: "**even**", 1: "odd"})).to_csv(files["items"], index=False)
    app = open_page("data", **files)
    app.button(key="check").click()
    go(app)
    finish(workspace)
    app = open_page("data", part="verdicts", **files)
    text = shown(app)
    assert WORDS["data.attributes.stated"] in text
    assert "connects books and films most: 59 users" in text
    assert "**even**" not in text.replace("\\", "|")
    table = next(one for one in tables(app) if WORDS["bridges.column.expected"] in one)
    assert set(table[WORDS["bridges.column.value"]]) == {"**even**", "odd"}
    (checked,) = (workspace.root / "checks").iterdir()
    run = make_run(workspace)
    same = {**run.info, "inputs": Run(checked).info["inputs"]}
    (run.path / "run.json").write_text(json.dumps(same))
    attributes_of(Run(run.path))
    text = shown(open_page("data", part="verdicts", **files))
    assert WORDS["data.attributes.stated"] not in text
    assert "As read by encoder" in text
    assert "between books and films: " in text  # in the run users choose at random


def test_without_attributes_the_verdicts_say_how_to_get_them(workspace, files):
    items = pd.read_csv(files["items"]).drop(columns="kind")
    items.to_csv(files["items"], index=False)
    app = open_page("data", **files)
    app.button(key="check").click()
    go(app)
    finish(workspace)
    assert WORDS["data.attributes.none"] in shown(open_page("data", **files))
