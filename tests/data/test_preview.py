"""The first look at a file: which values its columns have, and what they may say."""

from crossrec.data.meaning.ratings import Scale
from crossrec.data.reading.preview import look, sampled_signals

HEADER = "user_id,item_id,event,is_click,time"


def write(path, rows):
    path.write_text("\n".join([HEADER, *rows]) + "\n")
    return path


def one_look(tmp_path):
    rows = [
        f"u{at % 7},i{at % 5},{'view' if at % 3 else ' 4 '},{at % 2},{1_700_000_000 + at}"
        for at in range(60)
    ]
    (one,) = look(write(tmp_path / "log.csv", rows))
    return one


def test_values_are_counted_the_most_frequent_first(tmp_path):
    assert one_look(tmp_path).values("event") == {"view": 40, "4": 20}


def test_values_of_another_column_beside_one(tmp_path):
    one = one_look(tmp_path)
    assert one.beside("event", "4", "item_id") == ["i0", "i3", "i1"]
    assert one.beside("event", "4", "item_id", 1) == ["i0"]
    assert one.beside("event", "nothing", "item_id") == []


def test_the_sample_says_what_values_say(tmp_path):
    one = one_look(tmp_path)
    facts = sampled_signals(one, one.mapping, {"event": {"4": "negative"}})
    assert {(fact.column, fact.value): (str(fact.kind), fact.rows) for fact in facts} == {
        ("event", "view"): ("positive", 40),
        ("event", "4"): ("negative", 20),
        ("is_click", "0"): ("exposure", 30),
        ("is_click", "1"): ("positive", 30),
    }


def test_the_sample_of_a_long_file_is_small_but_no_mere_first_rows(tmp_path):
    rows = [f"u{at % 90},i{at % 50},view,1,{1_700_000_000 + at}" for at in range(30_000)]
    (one,) = look(write(tmp_path / "log.csv", rows))
    times = [int(time) for time in one.sample["time"].to_pylist()]
    assert 1_000 <= len(times) <= 2_000
    assert max(times) - min(times) > 2 * len(times)


def test_the_middle_of_a_scale():
    assert Scale("a", 1, 5, 4, given=True).middle == 3
    assert Scale("a", -1, 1, 0.01).middle == 0.01
    assert Scale("a", 0, None, 0.01).middle == Scale("a", 0, 100, 0.01, mixed=True).middle == 0.01
