"""F5 to F10: the figures of a result show its numbers, in order, marked and escaped."""

import json
import math

import numpy as np
import pandas as pd
import pytest

from crossrec import plots
from crossrec.evaluation import Answer, judged, rule
from crossrec.plots.theme import COLOURS, NEUTRAL

SCENARIOS = ["food", "<b>books</b>", "films"]


PAIR = ["source", "target", "lift", "low", "high", "p_holm", "n"]


def pair(source, target, lift, low, high, p=0.01, n=100):
    return dict(zip(PAIR, (source, target, lift, low, high, p, n), strict=True))


@pytest.fixture
def pairs():
    return judged(
        pd.DataFrame(
            [
                pair("food", "films", 0.02, 0.01, 0.03),
                pair("films", "food", -0.01, -0.015, -0.005),
                pair("<b>books</b>", "food", 0.001, -0.01, 0.012, p=math.nan),
            ]
        )
    )


def answer(scenario, cohort, lift, low, high):
    return Answer(
        scenario=scenario, cohort=cohort, value=0.1 + lift, without=0.1, lift=lift, low=low,
        high=high, n=50, p_holm=0.01,
    )  # fmt: skip


def everything(figure) -> str:
    """All of a figure that the browser may render as text."""
    held = figure.to_dict()
    for trace in held["data"]:
        trace.pop("customdata", None)  # ids for whoever reads a selection, never rendered
        trace.pop("legendgroup", None)
    return json.dumps(held, default=str, ensure_ascii=False)


# ------------------------------------------------------------------------------ F6


def test_heat_map_places_source_in_rows_and_target_in_columns(pairs):
    heat, cells = plots.transfer_figure(pairs, SCENARIOS).data
    assert heat.z[0][2] == pytest.approx(0.02)  # food -> films
    assert heat.z[2][0] == pytest.approx(-0.01)
    assert all(heat.z[at][at] is None for at in range(3))
    assert heat.z[1][0] is None  # inconclusive has no colour
    assert list(cells.customdata[0]) == ["food", "films"]
    assert (cells.x[0], cells.y[0]) == (2, 0)


def test_heat_map_limits_are_symmetric(pairs):
    heat = plots.transfer_figure(pairs, SCENARIOS).data[0]
    assert (heat.zmin, heat.zmax) == (-0.02, 0.02)


def test_a_closed_source_is_unchanged_not_inconclusive(pairs):
    closed = pair("films", "food", 0.0, 0.0, 0.0, p=1.0)
    figure = plots.transfer_figure(judged(pd.DataFrame([closed])), SCENARIOS)
    assert figure.data[1].text[0] == "<b>0.000</b><br>unchanged"
    assert figure.data[0].z[2][0] is None
    assert len(figure.layout.shapes) == 1  # the grey box, without hatching


def test_heat_map_tells_value_interval_and_inconclusive(pairs):
    figure = plots.transfer_figure(pairs, SCENARIOS)
    texts = figure.data[1].text
    assert texts[0] == "<b>+0.020</b><br>+0.010 … +0.030"
    assert texts[2].endswith("<br>inconclusive")
    assert "100 users, p 0.010: helps" in figure.data[1].hovertext[0]
    assert "p –: inconclusive: interval holds 0" in figure.data[1].hovertext[2]
    assert len(figure.layout.shapes) == 2  # grey box and hatching of the inconclusive cell


@pytest.mark.parametrize(("p", "n", "why"), [(0.02, 12, "n < 20"), (0.2, 100, "p ≥ 0.05")])
def test_a_cell_whose_interval_is_above_0_says_what_leaves_it_open(p, n, why):
    cell = judged(pd.DataFrame([pair("food", "films", 0.242, 0.097, 0.415, p=p, n=n)]))
    points = plots.transfer_figure(cell, SCENARIOS).data[1]
    assert points.text[0].endswith(f"inconclusive<br>{why}")
    said, *needs = points.hovertext[0].split("<br>")
    assert said.endswith(f"inconclusive: {why}")
    assert " ".join(needs) == rule()
    assert f"inconclusive: {why}" in plots.transfer_alt(cell)


def test_heat_map_of_coefficients_has_no_verdict():
    coefficients = pd.DataFrame(
        [("u1", "food", "films", 0.2, 0.1, 0.5, 80), ("u2", "food", "films", 0.4, 0.3, 0.65, 80),
         ("u3", "food", "films", 0.9, 0.8, 1.0, 80), ("u1", "films", "films", 1.0, 1.0, 1.0, 80)],
        columns=["user_id", "source", "target", "coefficient", "low", "high", "judged"],
    )  # fmt: skip
    rows = plots.coefficient_pairs(coefficients)
    assert rows.to_dict("records") == [
        {"source": "food", "target": "films", "coefficient": 0.4, "low": pytest.approx(0.3),
         "high": pytest.approx(0.65), "n": 80}
    ]  # fmt: skip
    heat, cells = plots.transfer_figure(rows, SCENARIOS, coefficient=True).data
    assert (heat.zmin, heat.zmax) == (0, 1)
    assert cells.text == ("<b>0.40</b><br>0.30 … 0.65",)
    assert "helps" not in cells.hovertext[0]
    assert "food to films 0.40" in plots.transfer_alt(rows, coefficient=True)


def test_coefficients_of_nobody_have_no_pairs():
    columns = ["user_id", "source", "target", "coefficient", "low", "high", "judged"]
    none = pd.DataFrame({name: pd.Series(dtype=object) for name in columns})
    found = plots.coefficient_pairs(none)
    assert found.empty
    assert list(found) == ["source", "target", "coefficient", "low", "high", "n"]
    assert found["coefficient"].dtype == float


def test_heat_map_of_many_scenarios_keeps_the_largest_values():
    names = [f"s{at}" for at in range(40)]
    rows = [pair("s0", name, at / 1000, 0.0001, 1) for at, name in enumerate(names) if at]
    heat = plots.transfer_figure(judged(pd.DataFrame(rows)), names).data[0]
    assert len(heat.z) == 30
    assert heat.zmax == pytest.approx(0.039)


def test_narrow_cells_break_their_interval(pairs):
    names = [*SCENARIOS, "games", "music", "art"]
    texts = plots.transfer_figure(pairs, names).data[1].text
    assert texts[0] == "<b>+0.020</b><br>+0.010 …<br> +0.030"


def test_heat_map_of_nothing(pairs):
    figure = plots.transfer_figure(pairs.iloc[:0], SCENARIOS)
    assert not figure.data[1].x
    assert plots.transfer_alt(pairs.iloc[:0]).endswith("–.")


# ------------------------------------------------------------------------------ F7


def test_forest_is_ordered_by_scenario_then_cohort_and_marks_uncertainty():
    answers = [
        answer("films", "cold", 0.03, 0.01, 0.05),
        answer("food", "warm", 0.001, -0.01, 0.012),
        answer("food", "all", -0.02, -0.03, -0.01),
    ]
    rows = plots.forest_rows(answers, SCENARIOS)
    assert list(zip(rows["scenario"], rows["cohort"], strict=True)) == [
        ("food", "all"), ("food", "warm"), ("films", "cold"),
    ]  # fmt: skip
    figure = plots.forest_figure(rows, SCENARIOS)
    first, second, third = figure.data
    assert first.x[0] == pytest.approx(-0.02)
    assert first.error_x.array[0] == pytest.approx(0.01)
    assert first.error_x.arrayminus[0] == pytest.approx(0.01)
    assert first.marker.color == COLOURS[0]
    assert third.marker.color == COLOURS[2]
    assert second.marker.color not in COLOURS  # hollow
    low, high = figure.layout.xaxis.range
    assert low == -high
    assert high >= 0.05
    assert "films, cold-start users: +0.030 [+0.010, +0.050], helps" in plots.forest_alt(rows)


def test_selected_users_come_last_in_their_scenario():
    answers = [
        answer("food", "selection", 0.1, 0.05, 0.15),
        answer("food", "cold", 0.0, -0.1, 0.1),
    ]
    rows = plots.forest_rows(answers, SCENARIOS)
    assert rows["cohort"].tolist() == ["cold", "selection"]
    assert "selected users" in plots.forest_alt(rows)


def test_forest_of_nothing():
    rows = plots.forest_rows([], SCENARIOS)
    assert rows.empty
    assert not plots.forest_figure(rows, SCENARIOS).data


# ------------------------------------------------------------------------------ F8


def per_user(without, with_transfer, cohort=None):
    n = len(without)
    sides = [
        pd.DataFrame({"model": model, "scenario": "food", "user_id": [f"u{i}" for i in range(n)],
                      "cohort": cohort or ["warm"] * n, "target_items": 3, "ndcg": values})
        for model, values in (("target only", without), ("transfer", with_transfer))
    ]  # fmt: skip
    return pd.concat(sides)


def test_winners_are_counted_and_no_bar_mixes_gain_and_loss():
    before = np.full(100, 0.5)
    after = before + np.repeat([0.0, 0.2, -0.1, 0.001, -0.001], 20)
    counted = plots.winners(plots.user_changes(per_user(before, after), scenario="food"))
    assert (counted.n, counted.helped, counted.harmed, counted.tied) == (100, 40, 40, 20)
    assert counted.bins["users"].sum() == 80
    assert not ((counted.bins["low"] < 0) & (counted.bins["high"] > 0)).any()
    assert counted.bins.loc[counted.bins["low"] >= 0, "users"].sum() == 40
    assert counted.bins["high"].max() == pytest.approx(0.2)
    text = plots.winners_alt(counted)
    assert "40 % helped, 40 % harmed, 20 % tied" in text


def test_winners_figure_tells_shares_and_patterns_losses():
    counted = plots.winners(
        plots.user_changes(per_user([0.1, 0.1, 0.1], [0.2, 0.0, 0.1]), scenario="food")
    )
    figure = plots.winners_figure(counted)
    bars = figure.data[0]
    assert list(bars.y) == [1, 1]
    assert list(bars.marker.pattern.shape) == ["/", ""]
    texts = [note.text for note in figure.layout.annotations]
    assert "<b>33 %</b> harmed (1)" in texts
    assert "33 % tied (1)" in texts


def test_winners_leave_out_bins_of_too_few_users():
    before = np.full(100, 0.5)
    after = before + np.repeat([0.2, 0.1, -0.1], [50, 47, 3])
    changes = plots.user_changes(per_user(before, after), scenario="food")
    assert plots.winners(changes).bins["users"].tolist() == [3, 47, 50]
    counted = plots.winners(changes, least=5)
    assert counted.bins["users"].tolist() == [47, 50]
    assert (counted.helped, counted.harmed) == (97, 3)


def test_winners_by_cohort_and_of_nobody():
    table = per_user([0.1, 0.2], [0.3, 0.1], cohort=["warm", "cold"])
    cold = plots.user_changes(table, scenario="food", cohort="cold")
    assert cold["change"].tolist() == [pytest.approx(-0.1)]
    nobody = plots.winners(plots.user_changes(table, scenario="films"))
    assert nobody.n == 0
    assert plots.winners_figure(nobody).data[0].x == ()
    assert "0 users: – helped" in plots.winners_alt(nobody)


# ------------------------------------------------------------------------------ F9


@pytest.fixture
def contributions():
    amounts = [0.5, -0.4, 0.3, 0.2, 0.1, 0.05, 0.04, 0.03, 0.02, 0.015, 0.01, -0.005]
    return pd.DataFrame(
        {
            "source_scenario": [SCENARIOS[at % 3] for at in range(12)],
            "item_id": [f"i{at}" for at in range(12)],
            "amount": amounts,
            "learnt": [a * 0.7 for a in amounts],
            "text": [a * 0.3 for a in amounts],
        }
    )


def test_waterfall_adds_up_exactly(contributions):
    rows = plots.why_rows(contributions, 0.25, {"i0": "Tea"})
    steps = rows[rows["kind"] != "score"]
    total = rows.iloc[-1]
    assert total["amount"] == pytest.approx(0.25 + contributions["amount"].sum(), abs=1e-12)
    assert steps["amount"].sum() == pytest.approx(total["amount"], abs=1e-12)
    assert steps["end"].iloc[-1] == pytest.approx(total["end"], abs=1e-12)
    assert steps["start"].iloc[1:].tolist() == steps["end"].iloc[:-1].tolist()
    assert (rows["kind"] == "item").sum() == 9
    assert rows.loc[rows["kind"] == "other", "items"].tolist() == [3]
    assert rows["title"].iloc[1] == "Tea"
    assert rows["title"].iloc[2] == "i1"


def test_waterfall_names_a_single_rest(contributions):
    rows = plots.why_rows(contributions.head(10), 0.0, {})
    assert (rows["kind"] == "item").sum() == 10
    assert "other" not in set(rows["kind"])


def test_waterfall_bars_go_on_where_the_last_ended(contributions):
    figure = plots.why_figure(plots.why_rows(contributions, 0.25, {}), SCENARIOS)
    base, first, second = figure.data[:3]
    assert (base.base[0], base.x[0]) == (0, 0.25)
    assert (first.base[0], first.x[0]) == (0.25, 0.5)
    assert second.x[0] == pytest.approx(-0.4)
    assert second.marker.pattern.shape == "/"
    assert base.marker.color == NEUTRAL
    assert [first.marker.color, second.marker.color] == list(COLOURS[:2])
    assert sum(bar.showlegend for bar in figure.data) == 3


def test_waterfall_of_no_history():
    empty = pd.DataFrame(columns=["source_scenario", "item_id", "amount", "learnt", "text"])
    rows = plots.why_rows(empty, 0.4, {})
    assert rows["kind"].tolist() == ["base", "score"]
    assert "Base +0.400 plus 0 contributions makes the score +0.400" in plots.why_alt(rows)


# ------------------------------------------------------------------------------ F10


def test_trade_off_points_intervals_and_baseline():
    runs = pd.DataFrame(
        {"run": ["quick", "<i>x</i>"], "cost": [60.0, 600.0], "value": [0.08, 0.09],
         "low": [0.07, 0.085], "high": [0.09, 0.095], "baseline": [0.075, 0.075]}
    )  # fmt: skip
    figure = plots.tradeoff_figure(runs)
    points = figure.data[0]
    assert list(points.x) == [60, 600]
    assert list(points.error_y.array) == pytest.approx([0.01, 0.005])
    assert len(figure.layout.shapes) == 1  # one baseline, though two runs have it
    assert "&lt;i&gt;" in points.text[1]
    assert "best NDCG 0.090 at 600 s (<i>x</i>)" in plots.tradeoff_alt(runs)
    assert plots.tradeoff_figure(runs.iloc[:0]).data[0].x == ()


# ------------------------------------------------------------------------------ all


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_user_text_is_escaped_and_backgrounds_are_transparent(theme, pairs, contributions):
    hostile = '<a href="http://evil.example">x</a>'
    figures = [
        plots.transfer_figure(pairs, SCENARIOS, theme=theme),
        plots.forest_figure(
            plots.forest_rows([answer("<b>books</b>", "all", 0.1, 0.0, 0.2)], SCENARIOS),
            SCENARIOS,
            theme=theme,
        ),
        plots.why_figure(
            plots.why_rows(contributions, 0.1, {"i0": hostile}), SCENARIOS, theme=theme
        ),
    ]
    for figure in figures:
        text = everything(figure)
        assert "<b>books" not in text
        assert "<a href" not in text
        assert "&lt;b&gt;books" in text
        assert figure.layout.paper_bgcolor == "rgba(0,0,0,0)"
