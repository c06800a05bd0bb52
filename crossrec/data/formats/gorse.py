"""Gorse: the exports of this recommender system."""

from crossrec.data.formats.known import Tables
from crossrec.data.formats.shape import ITEMS, LOG
from crossrec.schema import CATEGORY, EVENT, ITEM, SCENARIO, TEXT, TIME, USER

GORSE = (
    Tables("Gorse")
    .headed(
        LOG,
        "feedback_type,user_id,item_id",
        {USER: "user_id", ITEM: "item_id", EVENT: "feedback_type", TIME: "time_stamp",
         SCENARIO: ""},
    )
    .headed(
        ITEMS,
        "item_id,is_hidden,categories",
        {ITEM: "item_id", CATEGORY: "categories", TEXT: "description", SCENARIO: ""},
    )
    .layout()
)  # fmt: skip
"""The type of a feedback is the event."""
