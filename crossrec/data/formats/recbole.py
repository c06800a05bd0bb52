"""RecBole atomic files: tab-separated, every header typed (``user_id:token``)."""

from crossrec.data.formats.shape import ITEMS, LOG, USERS, Head, Shape
from crossrec.schema import (
    CATEGORY,
    EVENT,
    ITEM,
    PRICE,
    RATING,
    SCENARIO,
    TEXT,
    TIME,
    TITLE,
    USER,
)  # fmt: skip

_TYPES = {"token", "token_seq", "float", "float_seq"}
_NAMES = {
    "user_id": USER, "session_id": USER, "item_id": ITEM, "product_id": ITEM, "business_id": ITEM,
    "movie_id": ITEM, "book_id": ITEM, "video_id": ITEM, "news_id": ITEM, "artist_id": ITEM,
    "track_id": ITEM, "song_id": ITEM, "game_id": ITEM, "recipe_id": ITEM, "venue_id": ITEM,
    "rating": RATING, "stars": RATING, "timestamp": TIME, "time": TIME, "date": TIME,
    "behavior": EVENT, "behaviour": EVENT, "event": EVENT, "event_type": EVENT, "action": EVENT,
    "scenario": SCENARIO, "domain": SCENARIO, "title": TITLE, "movie_title": TITLE,
    "item_name": TITLE, "app_name": TITLE, "name": TITLE, "description": TEXT,
    "categories": CATEGORY, "category": CATEGORY, "class": CATEGORY, "genre": CATEGORY,
    "genres": CATEGORY, "price": PRICE,
}  # fmt: skip
"""What columns are called in its data sets, the usual name of each first. No other is a scenario:
``page`` is the page of a list."""


class RecBole:
    """The exchange format of the RecBole library: ``.inter``, ``.item`` and ``.user``."""

    name = "RecBole"

    def recognise(self, head: Head) -> Shape | None:
        """See :class:`~crossrec.data.formats.shape.Layout`."""
        headers = head.lines[0].lstrip("\ufeff").split("\t") if head.lines else head.columns
        pairs = [header.rpartition(":") for header in headers]
        if not pairs or any(kind not in _TYPES for _, _, kind in pairs):
            return None
        mapping: dict[str, str] = {}
        written = {name: header for header, (name, _, _) in zip(headers, pairs, strict=True)}
        for name, meaning in _NAMES.items():
            if name in written:
                mapping.setdefault(meaning, written[name])
        mapping.setdefault(SCENARIO, "")
        is_log = USER in mapping and ITEM in mapping
        role = LOG if is_log else ITEMS if ITEM in mapping else USERS
        several = {
            header: " "
            for header, (_, _, kind) in zip(headers, pairs, strict=True)
            if kind == "token_seq"
        }
        return Shape(self.name, role, mapping, delimiter="\t", quoting=False, marks=several)
