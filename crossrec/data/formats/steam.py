"""Steam: reviews of games with hours played, the games, and the table of 200,000 rows."""

from crossrec.data.formats.known import Tables
from crossrec.data.formats.shape import ITEMS, LOG
from crossrec.schema import CATEGORY, EVENT, ITEM, PRICE, QUANTITY, SCENARIO, TIME, TITLE, USER

STEAM = (
    Tables("Steam")
    .headed(
        LOG,
        "username,product_id,hours",
        {USER: "username", ITEM: "product_id", QUANTITY: "hours", TIME: "date", SCENARIO: "",
         EVENT: ""},
    )
    .headed(
        ITEMS,
        "id,app_name,genres,developer",
        {ITEM: "id", TITLE: "app_name", CATEGORY: "genres", PRICE: "price", SCENARIO: ""},
    )
    .bare(
        LOG,
        r'\d+,("[^"]*"|[^,]*),(purchase|play),[\d.]+,0',
        "user,game,behavior,hours,none",
        {USER: "user", ITEM: "game", EVENT: "behavior", QUANTITY: "hours", SCENARIO: ""},
        delimiter=",",
    )
    .layout()
)  # fmt: skip
