"""Column names of every table the engine reads or writes, each spelled once.

The upper group names what an analyst's files hold after mapping; the lower group names what the
engine adds. Messages, exports and pages use these names too.
"""

from typing import Final

USER: Final = "user_id"
ITEM: Final = "item_id"
SCENARIO: Final = "scenario"
EVENT: Final = "event"
RATING: Final = "rating"
QUANTITY: Final = "quantity"
TIME: Final = "timestamp"
TITLE: Final = "title"
TEXT: Final = "text"
CATEGORY: Final = "category"
PRICE: Final = "price"

LOG_COLUMNS: Final = (USER, ITEM, SCENARIO, EVENT, RATING, QUANTITY, TIME)
CATALOG_COLUMNS: Final = (ITEM, SCENARIO, TITLE, TEXT, CATEGORY, PRICE)

WEIGHT: Final = "weight"
PART: Final = "part"
RANK: Final = "rank"
SCORE: Final = "score"
SOURCE_SCENARIO: Final = "source_scenario"

PROFILE: Final = "(profile)"
"""Name of the scenario that users' profiles make, see :mod:`crossrec.data.profiles`."""

NO_ATTRIBUTES: Final = "transfer without attributes"
"""Name under which a report holds the model that was fitted without the items' attributes."""
