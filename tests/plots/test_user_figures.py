"""Figures of one user: attribute paths, own coefficients, what variety costs."""

import pandas as pd
import pytest

from crossrec import plots

SCENARIOS = ["books", "films"]
HOSTILE = "<b>x</b>[l](http://evil.example)"


@pytest.fixture
def paths() -> pd.DataFrame:
    rows = [
        ("books", "b1", "genre", "space", "f1", 0.5, 0.6, 0.4, 3, "catalogue", "catalogue"),
        ("books", "b2", "genre", "space", "f1", 0.2, 0.3, 0.2, 3, HOSTILE, "catalogue"),
        ("films", "f9", "mood", HOSTILE, "f1", 0.1, 0.1, 0.1, 9, "words", "words"),
    ]
    columns = ["source_scenario", "item_id", "attribute", "value", "target_item_id", "amount",
               "share", "strength", "holders", "evidence", "target_evidence"]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def test_the_path_graph_shows_each_node_once_and_each_edge_with_evidence(paths):
    titles = {"b1": "One", "f1": HOSTILE}
    figure = plots.paths_figure(paths, titles, SCENARIOS, target="films")
    labels = [note.text for note in figure.layout.annotations]
    assert len(labels) == 1 + 3 + 2 + 1  # the user, history items, values, the item
    assert not [label for label in labels if "<b>" in label]
    lines = [trace for trace in figure.data if trace.mode == "lines"]
    assert len(lines) == 3 + 3 + 2  # user-item, item-value, value-item: none twice
    assert not [line for line in lines if "<b>" in line.hovertext]
    widths = [line.line.width for line in lines if "One" in line.hovertext]
    assert max(widths) == max(line.line.width for line in lines)
    assert "One through space +0.500" in plots.paths_alt(paths, titles)


def test_own_coefficients_stand_among_all_users():
    rows = pd.DataFrame(
        [(HOSTILE, 0.7, 0.1, 0.3, 0.8, 0.9, 120), ("films", 0.2, float("nan"), float("nan"),
          float("nan"), float("nan"), 0)],
        columns=["source", "coefficient", "low", "median", "high", "share_below", "n"],
    )  # fmt: skip
    figure = plots.own_figure(rows, SCENARIOS, theme="dark")
    diamonds = figure.data[2]
    assert list(diamonds.x) == [0.7, 0.2]
    assert "<b>" not in diamonds.hovertext[0]
    assert "90%" in diamonds.hovertext[0]
    assert "films 0.20, median –" in plots.own_alt(rows)


def test_the_price_of_variety_marks_the_chosen_setting():
    rows = pd.DataFrame(
        {
            "variety": [0.0, 0.3, 0.7],
            "ndcg": [0.2, 0.19, 0.1],
            "diversity": [0.5, 0.6, 0.8],
            "users": [50, 50, 50],
        }
    )
    figure = plots.variety_figure(rows, 0.35, k=10)
    assert list(figure.data[1].x) == [0.6]
    assert "from 0.200 to 0.100" in plots.variety_alt(rows)
