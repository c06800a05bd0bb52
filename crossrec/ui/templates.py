"""Small example files an analyst can fill in: which columns are read, and what stands in them."""

from typing import Final

import pandas as pd

from crossrec.schema import (
    CATEGORY,
    EVENT,
    ITEM,
    PRICE,
    QUANTITY,
    RATING,
    SCENARIO,
    TEXT,
    TIME,
    TITLE,
    USER,
)

_INTERACTIONS: Final = (
    ("u001", "b17", "books", "purchase", 5, 1, "2026-03-01T18:20:00Z"),
    ("u001", "f03", "films", "view", "", 1, "2026-03-02T20:05:00Z"),
    ("u002", "b17", "books", "cart", "", 2, "2026-03-02T09:40:00Z"),
    ("u002", "f11", "films", "rate", 4, 1, "2026-03-05T21:15:00Z"),
)
_ITEMS: Final = (
    ("b17", "books", "The Long Harbour", "A quiet novel about a port in winter.", "novel", 12.5),
    ("b21", "books", "茶的故事", "一本关于茶叶历史的书。", "history", 9.9),
    ("f03", "films", "Harbour Lights", "A drama set in a fishing town.", "drama", 3.0),
    ("f11", "films", "The Tea Road", "A documentary along the tea road.", "documentary", 3.0),
)
_USERS: Final = (("u001", 34, "Lyon"), ("u002", 27, "成都"))

TEMPLATES: Final = {
    "interactions": (_INTERACTIONS, (USER, ITEM, SCENARIO, EVENT, RATING, QUANTITY, TIME)),
    "items": (_ITEMS, (ITEM, SCENARIO, TITLE, TEXT, CATEGORY, PRICE)),
    "users": (_USERS, (USER, "age", "city")),
}


def template(name: str) -> pd.DataFrame:
    """The rows of one template: "interactions", "items" or "users"."""
    rows, columns = TEMPLATES[name]
    return pd.DataFrame(rows, columns=columns)
