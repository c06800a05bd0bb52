"""Last.fm: how often people listened to artists."""

from crossrec.data.formats.known import Tables
from crossrec.data.formats.shape import ITEMS, LOG, NONE
from crossrec.schema import EVENT, ITEM, QUANTITY, SCENARIO, TITLE, USER

LAST_FM = (
    Tables("Last.fm")
    .headed(
        LOG,
        "userID,artistID,weight",
        {USER: "userID", ITEM: "artistID", QUANTITY: "weight", SCENARIO: "", EVENT: ""},
    )
    .headed(ITEMS, "id,name,url,pictureURL", {ITEM: "id", TITLE: "name", SCENARIO: ""})
    .headed(NONE, "userID,artistID,tagID", {})
    .headed(NONE, "userID,friendID", {})
    .headed(NONE, "tagID,tagValue", {})
    .bare(
        LOG,
        r"[0-9a-f]{40}\t[0-9a-f-]*\t[^\t]+\t\d+",
        "user,artist id,artist,plays",
        {USER: "user", ITEM: "artist", QUANTITY: "plays"},
        delimiter="\t",
        quoting=False,
    )
    .layout()
)
"""The sets of 2,000 users (HetRec) and of 360,000; tags and friends are left out."""
