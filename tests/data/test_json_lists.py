"""JSON as it comes: lists on one line or printed over many, and literals of Python."""

import json

import pytest

from crossrec.data import read_catalog, read_log
from crossrec.data.sources import jsonlist
from tests.data.files import ROWS, told, triples

OBJECTS = [dict(zip(("user_id", "item_id", "scenario"), row, strict=True)) for row in ROWS]
LINES = "".join(f"{one}\n" for one in OBJECTS)


@pytest.mark.parametrize(
    "content",
    [
        json.dumps(OBJECTS),
        json.dumps(OBJECTS, indent=2),
        "\ufeff\n" + json.dumps(OBJECTS, indent="\t").replace("\n", "\r\n"),
        "[\n" + ",\n".join(map(json.dumps, OBJECTS)) + "\n]\n",
        "\n".join(json.dumps(one, indent=1) for one in OBJECTS),
        LINES,
        LINES.replace("'", "u'").replace("u':", "':").replace("u',", "',").replace("u'}", "'}"),
        str(OBJECTS),
    ],
    ids=["one line", "printed", "tabs", "a line each", "no list", "python", "python 2", "literals"],
)
@pytest.mark.parametrize("block", [1 << 20, 7])
def test_every_way_to_write_objects_gives_the_same_log(write, content, block, monkeypatch):
    monkeypatch.setattr(jsonlist, "_BLOCK", block)
    log = read_log(write(content))
    assert triples(log) == ROWS
    assert (log.rejects.read, log.rejects.files[0].kind) == (3, "jsonl")


def test_an_element_that_is_no_json_costs_itself_only(write):
    objects = list(map(json.dumps, OBJECTS * 3))
    objects[4] = '{"user_id": oops}'
    for between in (", ", ",\n"):
        log = read_log(write(f"[{between.join(objects)}]"))
        assert (log.rejects.read, log.rejects.rejected) == (9, 1)
        assert (told(log)[0][0], told(log)[0][3]) == (5, "no JSON")


def test_a_list_that_is_cut_off_keeps_its_whole_objects(write):
    log = read_log(write(json.dumps(OBJECTS)[:-9]))
    assert triples(log) == ROWS[:2]
    assert [reason for *_, reason in told(log)] == ["no JSON"]


def test_python_values_become_text(write):
    text = "{u'user_id': u'u1', u'item_id': 7, u'new': False, u'x': None, u'size': 0.5}\n"
    catalog = read_catalog(write(text))
    assert catalog.items.ids.tolist() == ["7"]
    assert catalog.attributes["new"].tolist() == ["false"]
    assert catalog.attributes["size"].tolist() == [0.5]
