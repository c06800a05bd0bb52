"""What a row says: an interaction, a mere exposure, or a no."""

import numpy as np
import pytest

from crossrec.data import audit, read_log
from crossrec.data.meaning.ratings import scales_of
from crossrec.data.meaning.vocabulary import Kind, column_word, event_word, vocabulary
from crossrec.data.reading.readers import ReadOptions
from crossrec.errors import DataError, UnknownId


def counts(log):
    """Rows by kind, as the summary counts them."""
    return len(log), log.rejects.exposures, log.rejects.negatives


def facts(log):
    return {(one.column, one.value): (one.kind, one.rows) for one in log.rejects.signals}


@pytest.mark.parametrize(
    "header",
    ["is_click", "click", "Clicked", "label", "label:float", "is_like", "has_liked", "isPurchased",
     "是否点击", "点击", "是否购买", "标签", "long_view", "is_favorite", "conversion"],
)  # fmt: skip
@pytest.mark.parametrize(
    ("no", "yes"), [("0", "1"), ("False", "True"), ("0.0", "1.0"), ("否", "是")]
)
def test_a_column_of_yes_and_no_says_what_was_only_shown(write, header, no, yes):
    delimiter = "\t" if ":" in header else ","
    head = ["user_id", "item_id", "scenario", header]
    body = [["u1", "i1", "a", no], ["u1", "i2", "a", yes], ["u2", "i1", "b", no]]
    log = read_log(write("\n".join(delimiter.join(row) for row in [head, *body]) + "\n"))
    assert counts(log) == (1, 2, 0)
    assert log.items.ids.tolist() == ["i2"]
    assert facts(log)[header, no] == ("exposure", 2)
    assert facts(log)[header, yes] == ("positive", 1)


@pytest.mark.parametrize("header", ["is_hate", "dislike", "不喜欢", "是否踩"])
def test_a_no_outweighs_a_yes_and_says_nothing_where_it_is_not_said(write, header):
    head = f"user_id,item_id,scenario,is_click,{header}\n"
    log = read_log(write(head + "u,i1,a,1,1\nu,i2,a,1,0\nu,i3,a,0,1\nu,i4,a,0,0\n"))
    assert counts(log) == (1, 1, 2)
    assert log.negatives is not None
    assert log.negatives.items.ids.tolist() == ["i1", "i3"]


@pytest.mark.parametrize("header", ["recommend", "voted_up", "推荐"])
def test_a_column_of_opinions_speaks_against_where_it_is_no(write, header):
    log = read_log(write(f"user_id,item_id,scenario,{header}\nu,i,a,True\nu,j,a,False\n"))
    assert counts(log) == (1, 0, 1)


def test_columns_of_other_words_or_values_say_nothing(write):
    head = "user_id,item_id,scenario,is_rand,click,early_access\n"
    log = read_log(write(head + "u,i,a,0,some text,True\nu,j,a,1,other,False\n"))
    assert counts(log) == (2, 0, 0)
    assert log.rejects.files[0].binary == ("is_rand", "click", "early_access")


def column(write, header, values):
    """A log of two items, a column of these values beside them."""
    rows = [f"u{at},i{at % 2},a,{value}\n" for at, value in enumerate(values)]
    return read_log(write(f"user_id,item_id,scenario,{header}\n" + "".join(rows)))


@pytest.mark.parametrize(
    ("header", "values", "expected"),
    [
        ("click_flag", "0 1 1", (2, 1, 0)), ("点击标志", "0 1 1", (2, 1, 0)),
        ("label_click", "0 1 1", (2, 1, 0)), ("clickLabel", "0 1 1", (2, 1, 0)),
        ("is_click", "00 01 01", (2, 1, 0)), ("is_click", "off on on", (2, 1, 0)),
        ("clicks", "0 1 0 3", (2, 2, 0)), ("点击次数", "0 1 5 0", (2, 2, 0)),
        ("clicked", "CLICK NO_CLICK CLICK", (2, 1, 0)),
        ("clicked", ["clicked", "not clicked", "clicked"], (2, 1, 0)),
        ("thumbs", "1 0 1", (2, 0, 1)), ("thumbs", "up down up", (2, 0, 1)),
        ("vote", "1 -1 1", (2, 0, 1)), ("thumb", "👍 👎 👍", (2, 0, 1)),
        ("reaction", "like dislike like", (2, 0, 1)), ("反馈", "喜欢 不喜欢 点赞", (2, 0, 1)),
        ("would_recommend", "0 1 1", (2, 0, 1)), ("returned_qty", "0 2 0 1", (2, 0, 2)),
    ],
)  # fmt: skip
def test_columns_say_it_in_many_ways(write, header, values, expected):
    assert counts(column(write, header, values.split() if isinstance(values, str) else values)) == (
        expected
    )


def test_where_no_cell_says_no_the_empty_ones_do(write):
    log = column(write, "clicked", ["1", "", "NULL", "1"])
    assert counts(log) == (2, 2, 0)
    assert facts(log)["clicked", ""] == ("exposure", 1)
    assert counts(column(write, "disliked", ["1", "", "1", ""])) == (2, 0, 2)


@pytest.mark.parametrize(("header", "empty"), [("is_click", "NULL"), ("is_click", "unknown")])
def test_a_cell_of_a_sure_column_that_says_nothing_is_asked_about(write, header, empty):
    """Some words among the 0 and 1 do not make clicks of all rows."""
    log = column(write, header, ["1", "0", empty, ""])
    assert counts(log) == (3, 1, 0)
    assert facts(log)[header, empty] == ("unknown", 1)
    assert "unknown_signals" in [finding.rule for finding in audit(log).findings]


@pytest.mark.parametrize(
    ("header", "values"),
    [
        ("views", "120 33 5 0"), ("favorite", "blue red blue"), ("label", "1 4 5 3"),
        ("status", "completed returned completed"), ("source", "search push search"),
    ],
)  # fmt: skip
def test_a_column_that_may_say_something_else_is_named_and_not_used(write, header, values):
    log = column(write, header, values.split())
    assert counts(log) == (len(values.split()), 0, 0)
    assert log.rejects.files[0].binary == (header,)


def test_what_was_only_shown_is_no_place(write):
    """Without a scenario column, behaviours are scenarios; exposures and dislikes are not."""
    head = "user_id,item_id,behavior\n"
    log = read_log(write(head + "u,i,view\nu,j,buy\n"))
    assert log.scenarios.ids.tolist() == ["buy", "view"]
    log = read_log(write(head + "u,i,impression\nu,j,buy\nv,j,dislike\n"))
    assert counts(log) == (1, 1, 1)
    assert log.scenarios.ids.tolist() == ["all"]


@pytest.mark.parametrize(
    ("phrase", "kind"),
    [
        ("view_item", "positive"), ("Order Completed", "positive"), ("加入收藏", "positive"),
        ("Product Viewed", "positive"), ("swipe right", "positive"), ("email_open", "positive"),
        ("video-skip", "negative"), ("order_cancelled", "negative"), ("订单取消", "negative"),
        ("like_cancel", "negative"), ("Product Removed", "negative"), ("取关", "negative"),
        ("Ad Impression", "exposure"), ("shown_not_clicked", "exposure"), ("未购买", "exposure"),
        ("商品曝光", "exposure"), ("banner_impression", "exposure"), ("view_item_list", "exposure"),
        ("payment_failed", None), ("rated_1", None), ("1 star", None), ("login", None),
    ],
)  # fmt: skip
def test_phrases_are_read_by_their_words(phrase, kind):
    word = event_word(phrase)
    assert (word and word.kind) == kind


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("impression", Kind.EXPOSURE), ("Skip", Kind.NEGATIVE), ("thumbs_down", Kind.NEGATIVE),
        ("Add to cart", Kind.POSITIVE), ("曝光", Kind.EXPOSURE), ("不感兴趣", Kind.NEGATIVE),
        ("购买", Kind.POSITIVE), ("bounce", Kind.NEGATIVE), ("wobble", Kind.UNKNOWN),
        ("3", Kind.UNKNOWN),
    ],
)  # fmt: skip
def test_event_words_are_of_a_kind(write, word, expected):
    log = read_log(write(f"user_id,item_id,scenario,event\nu,i,a,{word}\nu,j,a,buy\n"))
    assert facts(log)["event", word] == (expected, 1)
    interactions = expected in (Kind.POSITIVE, Kind.UNKNOWN)
    assert counts(log) == (
        1 + interactions, int(expected is Kind.EXPOSURE), int(expected is Kind.NEGATIVE)
    )  # fmt: skip


def test_what_a_person_says_goes_first(write):
    text = write("user_id,item_id,scenario,event,flag\nu,i,a,0,x\nu,j,a,3,y\nu,k,a,view,x\n")
    signals = {"event": {"0": "exposure", "3": "negative", "VIEW": "exposure"}}
    with pytest.raises(DataError, match="2 that were only shown, 1 that speak against"):
        read_log(text, signals=signals)
    log = read_log(text, signals={"flag": {"x": "exposure"}})
    assert counts(log) == (2, 1, 0)
    with pytest.raises(DataError, match=r"positive, exposure, negative.*'maybe'"):
        ReadOptions(signals={"event": {"0": "maybe"}})


def test_a_quantity_below_nothing_is_a_return(write):
    log = read_log(write("user_id,item_id,scenario,quantity\nu,i,a,2\nu,j,a,-1\nu,k,a,0\n"))
    assert counts(log) == (2, 0, 1)
    assert facts(log)["quantity", "< 0"] == ("negative", 1)


def rated(write, ratings, **options):
    head = "user_id,item_id,scenario,rating\n"
    rows = [f"u{at},i{at % 7},a,{rating}\n" for at, rating in enumerate(ratings)]
    return read_log(write(head + "".join(rows)), max_rejects=0.9, **options)


def test_low_ratings_are_dislikes_by_the_middle_of_the_scale(write):
    log = rated(write, [1, 2, 3, 4, 5])
    assert counts(log) == (3, 0, 2)
    (scale,) = log.rejects.scales
    assert (scale.low, scale.high, scale.positive_from, scale.given) == (1, 5, 3, False)
    assert log.negatives is not None
    assert log.negatives.weight.tolist() == [1, 0.5]
    assert facts(log)["rating", "2"] == ("negative", 1)
    assert counts(rated(write, [1, 2, 3, 4, 5], positive_from=4)) == (2, 0, 3)


@pytest.mark.parametrize(
    ("header", "values", "expected"),
    [
        ("rating", ["4 stars", "1 star", "5 Stars"], (2, 0, 1)),
        ("rating", ["4/5", "1/5", "5/5"], (2, 0, 1)),
        ("rating", ["★★★★☆", "★", "★★★★½"], (2, 0, 1)),
        ("stars", ["4 out of 5 stars", "1 out of 5 stars"], (1, 0, 1)),
        ("评分", ["五星", "一星"], (1, 0, 1)), ("评分", ["5分", "1分"], (1, 0, 1)),
        ("rating", ["80%", "20 %"], (1, 0, 1)), ("rating", ["５", "１"], (1, 0, 1)),
        ("rating", ["NA", "5", "1", "not rated"], (3, 0, 1)),
        ("rating", ["good", "bad"], (1, 0, 1)), ("rating", ["True", "False"], (1, 0, 1)),
        ("评价", ["好评", "差评"], (1, 0, 1)),
        ("user_rating", ["5", "1"], (1, 0, 1)), ("review/score", ["5.0", "1.0"], (1, 0, 1)),
        ("quantity", ["2", "(1)"], (1, 0, 1)), ("quantity", ["2", "1-"], (1, 0, 1)),
        ("quantity", ["2", '"-1,000"'], (1, 0, 1)), ("quantity", ["2", "−3"], (1, 0, 1)),
        ("units_sold", ["2", "-2"], (1, 0, 1)), ("net_sales", ["12.50", "-12.50"], (1, 0, 1)),
    ],
)  # fmt: skip
def test_ratings_and_quantities_are_written_in_many_ways(write, header, values, expected):
    log = column(write, header, values)
    assert (counts(log), log.rejects.rejected) == (expected, 0)


def test_a_word_that_is_no_rating_is_rejected_with_its_reason(write):
    log = rated(write, [*"12345" * 3, "lukewarm"])
    (reject,) = log.rejects.rows
    assert (reject.column, reject.value, reject.reason) == ("rating", "lukewarm", "not a number")


def test_ratings_of_rejected_rows_alone_have_no_scale(write):
    text = "user_id,item_id,scenario,rating\nu,i,a,\n,i,a,5\n"
    assert read_log(write(text)).rejects.scales == ()


def test_a_scenario_with_ratings_too_much_alike_has_the_scale_of_all(write):
    """Where all ratings of a scenario are 1 of 5, they are dislikes, not all there is."""
    head = "user_id,item_id,scenario,rating\n"
    rows = [f"u{at},i,shop,{1 + at % 5}\nu{at},j,video,1\n" for at in range(50)]
    log = read_log(write(head + "".join(rows)))
    assert {(scale.low, scale.high) for scale in log.rejects.scales} == {(1, 5)}
    assert log.rejects.negatives == 50 + 20


@pytest.mark.parametrize("code", [99, 999, -99, 9999])
def test_a_number_far_beyond_all_ratings_says_not_rated(write, code):
    log = rated(write, [1, 2, 4, 5, code] * 10)
    assert (counts(log), log.rejects.rejected) == ((20, 0, 20), 10)
    assert [finding.count for finding in audit(log).findings if "outliers" in finding.rule] == [10]


@pytest.mark.parametrize(
    ("ratings", "expected"),
    [
        ([0, 1], (0, 1, 0.5)),
        ([1], (0, 1, 0.5)),
        ([-1, 1], (-1, 1, 0.01)),
        ([0.5, 3, 5], (0.5, 5, 2.75)),
        ([1, 7, 10], (1, 10, 5.5)),
        ([0, 1, 2, 3, 4], (0, 4, 2)),
        ([0, 35, 90], (0, 100, 50)),
        ([1, 2, 3] * 40, (1, 3, 2)),
        ([1, 4, 7] * 40, (1, 7, 4)),
        ([12, 3000, 250.5], (0, None, 0.01)),
        ([-9.5, 3, 8], (-10, 10, 0.01)),
        ([-9.5, 3, 8, 99], (-10, 10, 0.01)),
    ],
)
def test_the_scale_is_the_smallest_that_the_ratings_fit(ratings, expected):
    values, number = np.unique(np.array(ratings, dtype=float), return_counts=True)
    (scale,) = scales_of(["a"], values, number[None]).values()
    assert (scale.low, scale.high, scale.positive_from) == expected


def test_ratings_beyond_the_scale_are_rejected_and_flatten_nobody(write):
    log = rated(write, [*([1, 2, 3, 4, 5] * 20), 9999])
    assert log.rejects.scales[0].outside == 1
    assert [(row.value, row.reason) for row in log.rejects.rows] == [
        ("9999", "is not on the scale 1 to 5 of the other ratings")
    ]
    assert log.weight.max() == 1
    assert log.weight.min() == pytest.approx(0.6)


def test_each_scenario_has_a_scale_of_its_own(write):
    head = "user_id,item_id,scenario,rating\n"
    rows = [f"u{at},i,shop,{1 + at % 5}\nu{at},j,video,{at % 101}\n" for at in range(101)]
    log = read_log(write(head + "".join(rows)))
    assert [(one.scenario, one.high) for one in log.rejects.scales] == [("shop", 5), ("video", 100)]
    assert log.rejects.negatives == 41 + 50


def test_two_scales_in_one_column_make_no_dislikes(write):
    log = rated(write, [1, 2, 3, 4, 5] * 10 + [50, 60, 85, 90, 100] * 10)
    assert log.rejects.scales[0].mixed
    assert counts(log) == (100, 0, 0)


def test_no_word_is_of_two_kinds_and_headers_find_theirs():
    words = vocabulary()
    assert {word.kind for word in words.events.values()} == {
        Kind.POSITIVE, Kind.EXPOSURE, Kind.NEGATIVE
    }  # fmt: skip
    assert all(0 < word.weight <= 1 for word in words.events.values() if word.kind != "exposure")
    assert column_word("user_id") is None
    assert column_word("timestamp") is None


def test_layouts_tell_what_was_only_shown(tmp_path):
    kuairand = (
        "user_id,video_id,time_ms,is_click,is_hate,long_view,tab\n"
        "1,10,1649674800000,1,0,0,1\n1,11,1649674800001,0,0,0,1\n1,12,1649674800002,1,1,0,2\n"
    )
    (tmp_path / "log.csv").write_text(kuairand)
    log = read_log(tmp_path / "log.csv")
    assert counts(log) == (1, 1, 1)
    assert log.rejects.files[0].layout == "KuaiRand"
    mind = "1\tU1\t11/11/2019 9:05:58 AM\tN7 N8\tN1-0 N2-1 N3-1\n"
    (tmp_path / "behaviors.tsv").write_text(mind)
    log = read_log(tmp_path / "behaviors.tsv")
    assert counts(log) == (2, 1, 0)
    assert log.exposures is not None
    assert log.exposures.items.ids.tolist() == ["N1"]
    gorse = "feedback_type,user_id,item_id,time_stamp\nread,u,i,2024-01-01\nstar,u,j,2024-01-02\n"
    (tmp_path / "feedback.csv").write_text(gorse)
    assert counts(read_log(tmp_path / "feedback.csv")) == (1, 1, 0)
    read = {"event": {"read": "positive"}}
    assert counts(read_log(tmp_path / "feedback.csv", signals=read)) == (2, 0, 0)


def test_the_event_column_may_be_called_as_in_the_file(write):
    text = "user_id,item_id,scenario,behavior,rating\nu,i,a,1,5\nu,j,a,2,5\n"
    log = read_log(write(text), {"event": "behavior"}, signals={"behavior": {"2": "negative"}})
    assert counts(log) == (1, 0, 1)
    with pytest.raises(UnknownId, match=r"behavour.*behavior"):
        read_log(write(text), {"event": "behavior"}, signals={"behavour": {"2": "negative"}})
    with pytest.raises(DataError, match=r"not 'rating'.*--positive-from"):
        read_log(write(text), {"event": "behavior"}, signals={"rating": {"5": "negative"}})


def test_a_separator_inside_a_signal_cell_is_only_text(write):
    rows = "".join(f"u{at},i{at},a,{at % 2}\n" for at in range(400))
    log = read_log(write("user_id,item_id,scenario,is_click\n" + rows + "v,j,a,1\x1f1\n"))
    assert log.rejects.read == 401
    assert log.rejects.exposures == 200
