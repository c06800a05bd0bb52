"""Ids, columns and names of the handed files: who is who."""

import json

import pandas as pd
import pytest

from crossrec.cli.main import main
from crossrec.data import read_catalog, read_log
from crossrec.data.audit.rules import audit
from crossrec.data.reading.mapping import ColumnMap, ask
from crossrec.intake import RunInputs, read_inputs
from crossrec.schema import ITEM, SCENARIO, USER


def sizes(log):
    return log.rejects.read, log.rejects.rejected, len(log.users), len(log.items)


def rules(report):
    return {(finding.rule, str(finding.severity)): finding for finding in report.findings}


@pytest.mark.parametrize(
    ("name", "word", "rows"),
    [
        ("log_NA.csv", "NA", 467),
        ("log_minus1.csv", "-1", 435),
        ("log_notset.csv", "(not set)", 445),
    ],
)
def test_a_placeholder_is_no_user(case, name, word, rows):
    log = read_log(case("14-na-user-ids", name))
    assert sizes(log) == (1136, rows, 79, 120)
    finding = rules(audit(log))["placeholder_ids", "warning"]
    assert (finding.count, finding.examples[0]["value"]) == (rows, word)


def test_errors_of_a_sheet_are_no_user(case):
    assert sizes(read_log(case("16-xlsx-cells", "hash_na.xlsx"))) == (1136, 379, 79, 120)


@pytest.mark.parametrize(
    ("path", "users"),
    [
        (("16-xlsx-cells", "long_ids.xlsx"), 30),
        (("17-parquet-types", "bigfloat.parquet"), 1),
        (("19-scientific-ids", "log.csv"), 1),
    ],
)
def test_ids_that_lost_digits_block_everything(case, path, users, tmp_path, capsys):
    file = case(*path)
    tables = read_inputs(RunInputs(file))
    finding = rules(tables.audit)["damaged_ids", "blocker"]
    assert (finding.count, finding.scenario) == (users, "")
    assert {str(one.state) for one in tables.audit.verdicts.values()} == {"blocked"}
    assert main(["audit", "--interactions", str(file), "-q", "--json"]) == 3
    assert "damaged_ids" in capsys.readouterr().out
    assert main(["run", "--interactions", str(file), "--out", str(tmp_path / "run"), "-q"]) == 1
    assert "Export the data again with ids as text" in capsys.readouterr().err
    assert not (tmp_path / "run").exists()


def test_whole_numbers_as_floats_are_ids(case):
    log = read_log(case("17-parquet-types", "float.parquet"))
    assert sizes(log) == (1136, 0, 79, 120)
    assert not [user for user in log.users.ids if "." in user]


def test_1001_and_1001_0_are_one_person_in_every_table(case):
    mixed = read_log(case("18-float-ids", "log_mixed.csv"))
    files = [case("18-float-ids", name) for name in ("a_float.csv", "b_int.csv")]
    apart = read_log(files)
    assert sizes(mixed) == sizes(apart) == (1136, 0, 79, 120)
    catalog = read_catalog(case("18-float-ids", "items.csv"))
    assert ("not_in_catalog", "warning") not in rules(audit(mixed, catalog))


def test_one_id_with_two_titles_is_found(case):
    tables = read_inputs(
        RunInputs(case("28-ids", "collide.csv"), case("28-ids", "collide_items.csv"))
    )
    finding = rules(tables.audit)["two_titles", "warning"]
    assert finding.count == 58
    assert "Tea Brew Green 0" in finding.examples[0]["titles"]


def test_lost_zeros_are_found_and_nothing_is_joined(case):
    tables = read_inputs(
        RunInputs(case("28-ids", "zeros_log.csv"), case("28-ids", "zeros_items.csv"))
    )
    finding = rules(tables.audit)["lost_zeros", "warning"]
    assert finding.count == 120
    assert finding.examples[0] == {"log_id": "0000000100", "other_id": "100"}
    assert ("not_in_catalog", "warning") in rules(tables.audit)


@pytest.mark.parametrize("items", ["items.csv", "items_pk.csv"])
def test_a_primary_key_is_no_item(case, items):
    tables = read_inputs(RunInputs(case("31-pk-id", "log.csv"), case("31-pk-id", items)))
    assert sizes(tables.log) == (1136, 0, 79, 120)
    assert tables.log.rejects.files[0].columns[ITEM] == "venue_id"
    assert len(tables.catalog) == 120
    assert not [one for one in tables.audit.findings if one.rule == "not_in_catalog"]


def test_the_buyer_is_the_user_and_not_the_author(case):
    log = read_log(case("31-pk-id", "log_author.csv"))
    assert sizes(log) == (1136, 0, 79, 120)
    assert log.rejects.files[0].columns[USER] == "buyer_name"


@pytest.mark.parametrize(
    ("path", "column", "counts"),
    [
        (("08-yelp", "yelp_academic_dataset_review.json"), "business_id", (500, 0, 79, 119)),
        (("37-recbole-atomic", "yelp.inter"), "business_id:token", (1136, 0, 79, 120)),
    ],
)
def test_a_business_is_the_item_and_not_the_review(case, path, column, counts):
    log = read_log(case(*path), positive_from=0)  # all of them, liked or not
    assert log.rejects.files[0].columns[ITEM] == column
    assert sizes(log) == counts


def test_the_page_of_a_list_is_no_scenario(case):
    log = read_log(case("37-recbole-atomic", "steam.inter"))
    assert log.scenarios.ids.tolist() == ["all"]
    assert SCENARIO not in log.rejects.files[0].columns


def test_a_hint_names_no_time(case):
    """Without a header line the first row is taken for one; hints then go by the values."""
    rows = pd.read_csv(case("07-taobao-noheader", "UserBehavior.csv"), dtype=str)
    columns = list(rows.columns)
    hints = ask(columns, {name: rows[name].tolist() for name in columns}, ColumnMap())
    assert (hints.get(USER), hints.get(ITEM)) == ("80", "2268006")


def test_film_18_is_not_book_18(case):
    folder = case("42-douban-kuairec-epinions")
    log = read_log(
        [folder / "bookreviews_cleaned.txt", folder / "moviereviews_cleaned.txt"], positive_from=0
    )
    assert (len(log.users), len(log.items)) == (59, 120)
    assert {item.partition(":")[0] for item in log.items.ids} == {"book", "movie"}
    report = audit(log)
    assert ("separate_items", "info") in rules(report)
    assert int(report.item_overlap.loc["book", "movie"]) == 0


# ------------------------------------------------------------------------- a finished run


@pytest.fixture(scope="module")
def run_folder(tmp_path_factory):
    """A run of a log like that of case 18, whose users are 1001 ..., and one whose are u0001 ..."""
    from tests.data.cases.conftest import CASES

    if not CASES.is_dir():
        pytest.skip("no cases here (set CROSSREC_TEST_CASES to their folder)")
    folder = tmp_path_factory.mktemp("runs")
    log = pd.read_csv(CASES / "18-float-ids" / "log_mixed.csv", dtype=str)
    named = log.assign(
        user_id="u0" + log["user_id"].str.removesuffix(".0").str[1:],
        item_id=log["scenario"].str[0] + log["item_id"].str.removesuffix(".0").str[1:],
    )
    for name, frame in (("numbers", log), ("names", named)):
        frame.to_csv(folder / f"{name}.csv", index=False)
        arguments = ["run", "--interactions", folder / f"{name}.csv", "--out", folder / name]
        assert main([*map(str, arguments), "--encoder", "tfidf", "-q"]) == 0
    return folder


def _recommended(run, users, tmp_path, *more):
    out = tmp_path / "recs.csv"
    words = ["recommend", "--run", run, "--users", users, "--out", out, "-q", *more]
    assert main([str(word) for word in words]) == 0
    return pd.read_csv(out, dtype=str)


def test_a_list_of_users_may_be_written_by_a_table_program(case, run_folder, tmp_path, capsys):
    found = _recommended(
        run_folder / "numbers", case("33-recommend-users", "float_ids.csv"), tmp_path
    )
    assert set(found[USER]) == {"1001", "1002"}
    assert "not in the log" not in capsys.readouterr().err
    whole = tmp_path / "whole.csv"
    whole.write_text("user_id,scenario\n1001,shop\n1002,shop\n")
    pd.testing.assert_frame_equal(found, _recommended(run_folder / "numbers", whole, tmp_path))


def test_space_around_ids_and_scenarios_does_not_count(case, run_folder, tmp_path, capsys):
    found = _recommended(run_folder / "names", case("33-recommend-users", "spaces.csv"), tmp_path)
    assert set(zip(found[USER], found[SCENARIO], strict=True)) == {("u0001", "shop")}
    assert "not in the log" not in capsys.readouterr().err


def test_a_row_without_a_weight_weighs_1(case, run_folder, tmp_path):
    users = tmp_path / "users.csv"
    users.write_text("user_id,scenario\nnewbie,shop\n")
    given = pd.read_csv(case("33-recommend-users", "rows_nan.csv"), dtype=str)
    rows, ones = tmp_path / "rows.csv", tmp_path / "ones.csv"
    given.to_csv(rows, index=False)
    text = case("33-recommend-users", "rows_nan.csv").read_text()
    rows.write_text(text)
    given.assign(weight="1").to_csv(ones, index=False)
    lists = [
        _recommended(run_folder / "names", users, tmp_path, "--rows", path) for path in (rows, ones)
    ]
    pd.testing.assert_frame_equal(*lists)


def test_explain_takes_an_id_as_a_table_program_writes_it(run_folder, capsys):
    words = ["explain", "--run", str(run_folder / "numbers"), "--scenario", " Shop", "--json"]
    told = []
    for user in ("1001", "1001.0", " 1001 "):
        assert main([*words, "--user", user]) == 0
        told.append(json.loads(capsys.readouterr().out))
    assert told[0] == told[1] == told[2]
