"""The plain shop export of the source documents: ``users.csv``, ``items.csv``, user behaviour."""

from crossrec.data.formats.shape import ITEMS, LOG, USERS, Head, Shape
from crossrec.data.phrases import phrase
from crossrec.schema import CATEGORY, EVENT, ITEM, PRICE, SCENARIO, USER

_USERS, _ITEMS = ("user_id", "用户ID", "id"), ("item_id", "商品ID", "id")


class Shop:
    """The tables of the examples there, with English or Chinese headers.

    English as in 001 §5.2 (age, gender, occupation; category, price, sales, rating), Chinese as in
    000 §5.2 (用户ID, 商品ID, 行为).
    """

    name = "Shop export"

    def recognise(self, head: Head) -> Shape | None:
        """See :class:`~crossrec.data.formats.shape.Layout`."""
        columns = set(head.columns)
        if columns == {"用户ID", "商品ID", "行为"}:
            mapping = {USER: "用户ID", ITEM: "商品ID", EVENT: "行为", SCENARIO: ""}
            return Shape(self.name, LOG, mapping, note=phrase("shop"))
        if {"age", "gender", "occupation"} <= columns and (key := _first(_USERS, columns)):
            return Shape(self.name, USERS, {USER: key})
        if {"category", "price", "sales", "rating"} <= columns and (key := _first(_ITEMS, columns)):
            return Shape(self.name, ITEMS, {ITEM: key, CATEGORY: "category", PRICE: "price"})
        return None


def _first(names: tuple[str, ...], columns: set[str]) -> str:
    return next((name for name in names if name in columns), "")
