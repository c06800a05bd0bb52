"""Yelp: reviews of places, as JSON lines."""

from crossrec.data.formats.known import Tables
from crossrec.data.formats.shape import ITEMS, LOG, NONE, USERS
from crossrec.schema import CATEGORY, EVENT, ITEM, RATING, SCENARIO, TIME, TITLE, USER

YELP = (
    Tables("Yelp")
    .headed(
        LOG,
        "review_id,user_id,business_id,stars",
        {USER: "user_id", ITEM: "business_id", RATING: "stars", TIME: "date", SCENARIO: "",
         EVENT: ""},
    )
    .headed(NONE, "user_id,business_id,text,compliment_count", {})
    .headed(
        ITEMS,
        "business_id,name,categories",
        {ITEM: "business_id", TITLE: "name", CATEGORY: "categories", SCENARIO: ""},
        without="user_id",
        marks={"categories": ", "},
    )
    .headed(USERS, "user_id,yelping_since,review_count", {USER: "user_id"})
    .headed(NONE, "business_id,date", {}, without="user_id,name,stars")
    .layout()
)  # fmt: skip
"""A business is the item; a review has an id of its own. Tips and check-ins are left out."""
