"""What each row of the handed files says: counts of every kind, and what a run makes of them."""

import json
from pathlib import Path

import pandas as pd
import pytest

from crossrec.cli.main import main
from crossrec.data import audit, read_log
from crossrec.data.reading.report import reading_report

KINDS = ("positive", "exposure", "negative", "rejected", "duplicates")


def counts_of(report):
    """(positive, exposure, negative, rejected, duplicates); their sum is the number of rows."""
    counts = report["counts"]
    numbers = tuple(counts[kind] for kind in KINDS)
    assert sum(numbers) == counts["rows"]
    return numbers


def signals_of(report):
    return {
        (each["column"], each["value"]): (str(each["kind"]), each["rows"])
        for each in report["signals"]
    }


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        # Of 5,680 rows 1,136 are clicks; some exposures stand there twice.
        (("02-recbole-label0", "clicks.inter"), (1136, 4522, 0, 0, 22)),
        (("03-is_click-csv", "feed.csv"), (1136, 4433, 0, 0, 111)),
        (("03-is_click-csv", "feed_clicks_only.csv"), (1136, 0, 0, 0, 0)),
        (("04-kuairand", "log_standard_4_08_to_4_21_pure.csv"), (211, 367, 22, 0, 0)),
        (("26-low-ratings", "ratings.csv"), (1067, 0, 1633, 0, 0)),
        (("26-low-ratings", "outlier.csv"), (1066, 0, 1633, 1, 0)),
        (("27-events", "impression.csv"), (118, 1018, 0, 0, 0)),
        (("27-events", "negative_words.csv"), (53, 184, 899, 0, 0)),
        (("27-events", "codes.csv"), (1136, 0, 0, 0, 0)),
        (("39-gorse", "feedback.csv"), (232, 690, 214, 0, 0)),
        (("41-reesb46-hm", "online_retail.csv"), (862, 0, 76, 190, 8)),
        (("41-reesb46-hm", "transactions_train.csv"), (1136, 0, 0, 0, 0)),
        (("24-json", "ratings_Beauty.csv"), (689, 0, 447, 0, 0)),
        (("08-yelp", "yelp_academic_dataset_review.json"), (311, 0, 189, 0, 0)),
        (("38-movielens", "ml-32m.zip"), (556, 0, 580, 0, 0)),
    ],
)
def test_rows_of_every_kind(case, place, expected, capsys):
    """The same by the Python interface and on the command line."""
    assert counts_of(reading_report(read_log(case(*place)))) == expected
    main(["audit", "--interactions", str(case(*place)), "-q", "--json"])
    assert counts_of(json.loads(capsys.readouterr().out)["reading"]) == expected


def test_clicks_are_the_rows_that_say_so(case):
    """The rows of clicks alone say the same as all rows with what was only shown beside them."""
    folder = case("03-is_click-csv")
    both, alone = read_log(folder / "feed.csv"), read_log(folder / "feed_clicks_only.csv")
    assert both.to_frame().equals(alone.to_frame())
    assert signals_of(reading_report(both)) == {
        ("is_click", "0"): ("exposure", 4544),
        ("is_click", "1"): ("positive", 1136),
    }


def test_hated_videos_are_dislikes(case):
    truth = json.loads(case("04-kuairand", "truth.json").read_text())
    log = read_log(case("04-kuairand", "log_standard_4_08_to_4_21_pure.csv"))
    signals = signals_of(reading_report(log))
    assert signals["is_hate", "1"] == ("negative", truth["hate"])
    assert signals["is_click", "1"] == ("positive", truth["clicked"])
    assert log.rejects.negatives == truth["hate"]
    assert len(log) == truth["clicked"] - truth["hate_and_click"]


def test_the_threshold_of_ratings_is_said_and_can_be_given(case):
    path = case("26-low-ratings", "outlier.csv")
    log = read_log(path)
    assert {(scale.low, scale.high, scale.positive_from) for scale in log.rejects.scales} == {
        (1, 5, 3)
    }
    assert [row.value for row in log.rejects.rows] == ["9999"]
    assert signals_of(reading_report(log))["rating", "1"] == ("negative", 1633)
    assert log.weight.max() == 1
    assert log.weight.min() == pytest.approx(0.8)
    (finding,) = [one for one in audit(log).findings if one.rule == "rating_outliers"]
    assert finding.count == 1
    assert counts_of(reading_report(read_log(path, positive_from=5))) == (545, 0, 2154, 1, 0)


def test_codes_are_asked_about(case):
    path = case("27-events", "codes.csv")
    log = read_log(path)
    (finding,) = [one for one in audit(log).findings if one.rule == "unknown_signals"]
    assert (finding.count, str(finding.severity)) == (1136, "warning")
    assert signals_of(reading_report(log))["event", "0"] == ("unknown", 307)
    given = read_log(path, signals={"event": {"0": "exposure", "3": "negative"}})
    assert counts_of(reading_report(given)) == (554, 307, 275, 0, 0)


def test_what_gorse_calls_read_was_only_shown(case):
    signals = signals_of(reading_report(read_log(case("39-gorse", "feedback.csv"))))
    assert signals == {
        ("feedback_type", "read"): ("exposure", 690),
        ("feedback_type", "star"): ("positive", 232),
        ("feedback_type", "dislike"): ("negative", 214),
    }


def test_a_return_is_no_purchase(case):
    log = read_log(case("41-reesb46-hm", "online_retail.csv"))
    assert signals_of(reading_report(log)) == {("Quantity", "< 0"): ("negative", 114)}
    assert {row.reason for row in log.rejects.rows} == {"no user"}


def test_what_was_only_shown_hides_no_transfer(case, tmp_path):
    """With rows of "not clicked" read as clicks, the lift of cold-start users was 0.00."""
    folder, ndcg = case("03-is_click-csv"), {}
    for name in ("feed", "feed_clicks_only"):
        words = [
            "run", "--interactions", folder / f"{name}.csv", "--items", folder / "items.csv",
            "--out", tmp_path / name, "--encoder", "tfidf", "-q",
        ]  # fmt: skip
        assert main([str(word) for word in words]) == 0
        table = pd.read_parquet(tmp_path / name / "report.parquet")
        cold = table.query("cohort == 'cold' and metric == 'ndcg' and k == 10 and source == ''")
        ndcg[name] = cold.pivot_table(index="scenario", columns="model", values="value")
    pd.testing.assert_frame_equal(ndcg["feed"], ndcg["feed_clicks_only"])
    assert (ndcg["feed"]["transfer"] - ndcg["feed"]["target only"]).mean() > 0.15


def test_no_folder_is_without_a_test(case):
    tests = "".join(path.read_text() for path in Path(__file__).parent.glob("test_*.py"))
    folders = [folder.name for folder in case("").iterdir() if folder.is_dir()]
    assert len(folders) >= 29
    assert not [folder for folder in folders if f'"{folder}' not in tests]
