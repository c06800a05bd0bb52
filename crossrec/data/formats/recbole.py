"""RecBole atomic files: tab-separated, every header typed (``user_id:token``)."""

from crossrec.data.formats.shape import ITEMS, LOG, USERS, Head, Shape
from crossrec.schema import CATEGORY, ITEM, PRICE, RATING, TEXT, TIME, TITLE, USER

_TYPES = {"token", "token_seq", "float", "float_seq"}
_NAMES = {
    "user_id": USER, "item_id": ITEM, "rating": RATING, "timestamp": TIME, "title": TITLE,
    "movie_title": TITLE, "description": TEXT, "categories": CATEGORY, "category": CATEGORY,
    "class": CATEGORY, "genre": CATEGORY, "price": PRICE,
}  # fmt: skip


class RecBole:
    """The exchange format of the RecBole library: ``.inter``, ``.item`` and ``.user``."""

    name = "RecBole"

    def recognise(self, head: Head) -> Shape | None:
        """See :class:`~crossrec.data.formats.shape.Layout`."""
        headers = head.lines[0].lstrip("\ufeff").split("\t") if head.lines else []
        pairs = [header.rpartition(":") for header in headers]
        if not pairs or any(kind not in _TYPES for _, _, kind in pairs):
            return None
        mapping: dict[str, str] = {}
        for header, (name, _, _) in zip(headers, pairs, strict=True):
            if name in _NAMES:
                mapping.setdefault(_NAMES[name], header)
        is_log = USER in mapping and ITEM in mapping
        role = LOG if is_log else ITEMS if ITEM in mapping else USERS
        return Shape(self.name, role, mapping, delimiter="\t", quoting=False)
