"""Taobao: what people of a shop did, without a header."""

from crossrec.data.formats.known import Tables
from crossrec.data.formats.shape import LOG
from crossrec.data.phrases import phrase
from crossrec.schema import CATEGORY, EVENT, ITEM, SCENARIO, TIME, USER

TAOBAO = (
    Tables("Taobao user behaviour")
    .bare(
        LOG,
        r"\d+,\d+,\d+,(pv|cart|fav|buy),\d{9,10},?",
        "user,item,category,behavior,timestamp",
        {USER: "user", ITEM: "item", EVENT: "behavior", TIME: "timestamp", SCENARIO: "",
         CATEGORY: "category"},
        delimiter=",",
        quoting=False,
        note=phrase("taobao"),
    )
    .layout()
)  # fmt: skip
"""``UserBehavior.csv``: the behaviour is the event; the category is that of the item."""
