"""F1 to F4, selections, and what all figures share."""

import string

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from crossrec import plots
from crossrec.data.audit.activity import popularity_curves
from crossrec.plots.density import GRID, density
from crossrec.plots.labels import MOST_LABELS
from crossrec.plots.theme import COLOURS, DASHES, SYMBOLS, limit, marks, short, signed
from crossrec.ui import i18n

SCENARIOS = ["books", "films"]


# ------------------------------------------------------------------------------ shared


def test_a_scenario_keeps_its_mark_whatever_is_shown():
    names = [f"s{at}" for at in range(20)]
    look = marks(names)
    assert marks(names[:3])["s2"] == look["s2"]
    assert look["s0"].colour == look["s8"].colour  # colours come again after eight ...
    assert len({(one.colour, one.symbol) for one in look.values()}) == 20  # ... with other shapes
    assert {one.dash for one in look.values()} <= set(DASHES)


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0.0114, "+0.011"), (-0.004, "−0.004"), (-0.0001, "0.000"), (float("nan"), "–")],
)
def test_signed_numbers(value, shown):
    assert signed(value) == shown


def test_long_and_hostile_names_are_cut_before_they_are_escaped():
    assert short("<b>" * 30, 10) == "&lt;b&gt;" * 3 + "…"
    assert short("a\n b") == "a b"


def test_limit_ignores_what_is_missing():
    assert limit([0.2, -0.5, float("nan")]) == 0.5
    assert limit([]) > 0


def test_every_sentence_of_a_figure_is_translated():
    """The face's wording says the same as the figures' own English, key by key."""
    wording = i18n.wording("en")
    held = {key.removeprefix("plot."): wording[key] for key in wording if key.startswith("plot.")}
    assert held == plots.ENGLISH


def test_english_fills_every_placeholder():
    for key, sentence in plots.ENGLISH.items():
        names = {name for _, name, _, _ in string.Formatter().parse(sentence) if name}
        assert "{" not in plots.english(key, **dict.fromkeys(names, "x"))


# ------------------------------------------------------------------------------ F1, F2, F3


def test_overlap_is_of_the_row():
    common = pd.DataFrame([[200, 50], [50, 100]], index=SCENARIOS, columns=SCENARIOS)
    rows = plots.overlap_rows(common)
    assert rows["share"].tolist() == [0.25, 0.5]
    figure = plots.overlap_figure(rows, SCENARIOS)
    assert list(figure.data[0].z[0]) == [None, 0.25]
    assert figure.data[0].text[1][0] == "50 %"
    assert "50 of 100 users of films are also in books (50 %)" in figure.data[0].hovertext[1][0]
    assert "books → films 25 %; films → books 50 %" in plots.overlap_alt(rows)


def test_overlap_of_one_empty_scenario():
    rows = plots.overlap_rows(pd.DataFrame([[0]], index=["a"], columns=["a"]))
    assert rows.empty
    assert plots.overlap_alt(rows).endswith("–.")
    plots.overlap_figure(rows, ["a"])


def test_overlap_of_groups_too_small_to_be_told():
    common = pd.DataFrame([[200, None], [None, 100]], SCENARIOS, SCENARIOS, dtype=object)
    rows = plots.overlap_rows(common)
    figure = plots.overlap_figure(rows, SCENARIOS)
    assert figure.data[0].text[0][1] == "–"
    assert figure.data[0].hovertext[0][1] == "too few users to be shown"
    assert plots.overlap_alt(rows).endswith("–.")


def test_overlap_of_items_says_items():
    common = pd.DataFrame([[20, 5], [5, 10]], index=SCENARIOS, columns=SCENARIOS)
    figure = plots.overlap_figure(plots.overlap_rows(common), SCENARIOS, of="items")
    assert "5 of 10 items of films" in figure.data[0].hovertext[1][0]
    assert figure.layout.yaxis.title.text == "Of the items of"


def test_popularity_is_of_items(small_log):
    rows = popularity_curves(small_log)
    figure = plots.activity_figure(rows, SCENARIOS, of="items")
    assert "items" in figure.layout.xaxis.title.text.lower()
    alt = plots.activity_alt(rows, SCENARIOS, of="items")
    assert f"books {rows.loc[rows['scenario'] == 'books', 'rank'].max()} items" in alt


def test_activity_curve_ends_at_the_last_user(small_log):
    rows = plots.activity_rows(small_log)
    films = rows[rows["scenario"] == "films"]
    assert films["rank"].iloc[-1] == 120
    assert set(films["count"]) == {6}
    assert len(films) <= 200
    figure = plots.activity_figure(rows, SCENARIOS)
    assert figure.layout.xaxis.type == figure.layout.yaxis.type == "log"
    assert [trace.name for trace in figure.data if trace.mode == "lines"] == SCENARIOS
    assert "films 120 users, median 6, most active 6" in plots.activity_alt(rows, SCENARIOS)


def test_token_lengths_mark_what_is_cut_off():
    bins = pd.DataFrame({"low": [1, 101, 201], "high": [100, 200, 300], "items": [70, 20, 10]})
    figure = plots.token_figure(bins, limit=200, truncated=10)
    assert list(figure.data[0].marker.pattern.shape) == ["", "", "/"]
    assert figure.layout.shapes[0].x0 == 200.5
    assert figure.layout.annotations[0].text == "limit 200: 10.0 % cut off"
    text = plots.token_alt(bins, limit=200, truncated=10, median=80)
    assert "100 items, median 80 tokens, 10.0 % above the limit of 200" in text


# ------------------------------------------------------------------------------ F4


@pytest.fixture
def cloud():
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(2, 30_000)).astype(np.float32)
    return x, y, plots.labels_of(rng.choice(["big", "small"], 30_000, p=[0.99, 0.01]))


def test_map_draws_few_points_in_full():
    x = y = np.arange(5, dtype=np.float32)
    labels = plots.labels_of(np.array(["a", "b", "a", None, ""], dtype=object), ["b", "a"])
    figure = plots.map_figure(x, y, labels)
    assert not figure.layout.images
    assert {trace.name: sorted(trace.customdata) for trace in figure.data} == {
        "a": [0, 2], "b": [1], "other": [3, 4],
    }  # fmt: skip
    assert next(t for t in figure.data if t.name == "b").marker.color == COLOURS[0]
    assert next(t for t in figure.data if t.name == "a").marker.symbol == SYMBOLS[1]


def test_map_of_many_points_is_an_image_and_a_sample(cloud):
    x, y, labels = cloud
    drawn = plots.drawn_rows(labels, always=[7, 29_999])
    assert len(drawn) <= 20_000
    assert {7, 29_999} <= set(drawn)
    small = labels.code == labels.names.index("small")
    assert small[drawn].sum() == small.sum()  # the small label is not thinned
    figure = plots.map_figure(x, y, labels, drawn=drawn)
    assert figure.layout.images[0].source.startswith("data:image/png;base64,")
    assert sum(len(trace.x) for trace in figure.data) == len(drawn)
    assert all(trace.x.dtype == np.float32 for trace in figure.data)
    assert len(figure.to_json()) < 1_500_000
    assert "customdata" in figure.to_json()


def test_map_hides_numbers_keeps_the_scale_and_rings_what_was_found(cloud):
    x, y, labels = cloud
    figure = plots.map_figure(x, y, labels, found=[3])
    assert figure.layout.xaxis.visible is False
    assert figure.layout.yaxis.scaleanchor == "x"
    assert figure.data[-1].name == "found"
    assert list(figure.data[-1].customdata) == [3]
    assert any(3 in trace.customdata for trace in figure.data[:-1])


def test_density_image_stands_where_the_points_are(cloud):
    x, y, labels = cloud
    image = plots.map_figure(x, y, labels).layout.images[0]
    assert image.x == pytest.approx(float(x.min()))
    assert image.y == pytest.approx(float(y.max()))
    assert image.sizex == pytest.approx(float(np.ptp(x)), rel=1e-5)
    assert GRID == 256


def test_labels_without_an_order_are_the_most_frequent():
    values = np.repeat([f"c{at}" for at in range(12)], np.arange(12, 0, -1))
    labels = plots.labels_of(values)
    assert labels.names == tuple(f"c{at}" for at in range(MOST_LABELS))
    assert (labels.code == -1).sum() == 4 + 3 + 2 + 1


def test_labels_take_series_with_gaps_and_keep_the_order_asked_for():
    values = pd.Series(["b", None, "a", "", "b", "z"], dtype="str")
    labels = plots.labels_of(values, ["a", "b"])
    assert labels.names == ("a", "b")
    assert labels.code.tolist() == [1, -1, 0, -1, 1, -1]
    assert labels.counts().tolist() == [1, 2]
    assert plots.labels_of(values).names == ("b", "a", "z")


def test_bands_of_a_number_go_from_little_to_much():
    values = np.array([*range(100), np.nan])
    labels = plots.bands_of(values)
    assert len(labels.names) == 5
    assert labels.names[0] == "0 – 19.8"
    assert labels.counts().tolist() == [20] * 5
    assert labels.code[-1] == -1
    assert (np.diff(labels.code[:-1]) >= 0).all()
    colours = [labels.marks("light")[name].colour for name in labels.names]
    assert len(set(colours)) == 5
    assert not set(colours) & set(COLOURS)


@pytest.mark.parametrize("values", [[], [np.nan], [3.0, 3.0], [1.0, 2.0], [np.inf, 1.0, 2.0]])
def test_bands_of_little(values):
    labels = plots.bands_of(np.array(values))
    assert len(labels) == len(values)
    assert labels.code.max(initial=-1) < max(len(labels.names), 1)


def test_a_linked_selection_dims_the_drawn_points_outside_it():
    x = y = np.arange(4, dtype=np.float32)
    labels = plots.labels_of(np.array(["a", "b", "a", "b"], dtype=object), ["a", "b"])
    figure = plots.map_figure(x, y, labels, chosen=np.array([0, 3]))
    picked = {trace.name: list(trace.selectedpoints) for trace in figure.data}
    assert picked == {"a": [0], "b": [1]}
    assert all(t.selectedpoints is None for t in plots.map_figure(x, y, labels).data)


def test_points_of_one_user_are_joined_with_gaps_between_users():
    x = np.arange(6, dtype=np.float32)
    labels = plots.labels_of(np.array(["a"] * 6, dtype=object))
    groups = [np.array([0, 2]), np.array([5]), np.array([1, 3, 4])]
    lines = plots.map_figure(x, x, labels, joined=groups).data[-1]
    assert lines.mode == "lines"
    assert [None if np.isnan(v) else int(v) for v in lines.x] == [0, 2, None, 1, 3, 4, None]
    xyz = np.stack([x, x, x], axis=1)
    assert plots.space_figure(xyz, labels, joined=groups).data[-1].mode == "lines"


def test_space_draws_what_the_plane_draws():
    rng = np.random.default_rng(1)
    xyz = rng.normal(size=(25_000, 3)).astype(np.float32)
    labels = plots.labels_of(rng.choice(["big", "small"], 25_000, p=[0.9, 0.1]))
    figure = plots.space_figure(xyz, labels, found=[17])
    drawn = np.concatenate([trace.customdata for trace in figure.data[:-1]])
    assert len(drawn) <= 20_000
    assert 17 in drawn
    assert figure.data[-1].name == "found"
    assert figure.layout.scene.aspectmode == "data"
    assert len(figure.to_json()) < 1_500_000


def test_density_counts_every_point_once():
    rng = np.random.default_rng(2)
    x, y = rng.normal(size=(2, 5_000)).astype(np.float32)
    found = density(x, y)
    assert found.count.sum() == 5_000
    expected = np.histogram2d(y, x, bins=GRID)[0]
    assert np.abs(found.count - expected).sum() < 50  # points on a border may fall either way
    assert density(np.ones(3, np.float32), np.ones(3, np.float32)).count.sum() == 3


def test_a_figure_stands_alone_offline_with_hostile_words():
    x = np.arange(3, dtype=np.float32)
    labels = plots.labels_of(np.array(["<script>alert(1)</script>"] * 3, dtype=object))
    figure = plots.map_figure(x, x, labels)
    page = plots.standalone(figure, "</title><script>evil()</script>", theme="dark", lang="zh")
    assert "<script>evil()" not in page
    assert "<script>alert(1)" not in page
    assert "src=" not in page.split("<body", 1)[1].split("Plotly.newPlot")[-1]
    assert 'lang="zh"' in page
    assert figure.layout.paper_bgcolor == "rgba(0,0,0,0)"  # the page's own figure is as it was


def test_map_sentence(cloud):
    assert plots.map_alt(cloud[2], 20_000, by="size").startswith("20,000 of 30,000 points")


# ------------------------------------------------------------------------------ selections

coordinates = st.floats(-5, 5, width=32)


@given(arrays(np.float32, (20, 2), elements=coordinates))
def test_a_lasso_around_a_box_selects_what_the_box_selects(points):
    x, y = points.T
    # corners off the float32 grid of the points, so that no point lies on the border
    left, right, down, up = -1.0000001, 2.0000003, -0.5000001, 3.0000003
    box = {"box": [{"x": [left, right], "y": [down, up]}]}
    lasso = {"lasso": [{"x": [left, right, right, left], "y": [down, down, up, up]}]}
    assert plots.selected_rows(x, y, box).tolist() == plots.selected_rows(x, y, lasso).tolist()


def test_a_lasso_with_a_dent_leaves_out_what_is_in_the_dent():
    x, y = np.array([0.5, 2.0, 3.5, 2.0]), np.array([2.0, 2.0, 2.0, 0.5])
    u_shape = {"x": [0, 4, 4, 3, 3, 1, 1, 0], "y": [0, 0, 4, 4, 1, 1, 4, 4]}
    assert plots.selected_rows(x, y, {"lasso": [u_shape]}).tolist() == [0, 2, 3]


@pytest.mark.parametrize(
    "selection", [{}, {"lasso": [], "box": []}, {"lasso": [{"x": [1, 2], "y": [0, 1]}]}]
)
def test_nothing_is_selected_by_nothing(selection):
    assert plots.selected_rows(np.ones(3), np.ones(3), selection).size == 0
