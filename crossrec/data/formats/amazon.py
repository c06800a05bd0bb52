"""Amazon reviews, ratings and metadata: the releases of 2014 and 2018, and that of 2023."""

import re
from collections.abc import Sequence

from crossrec.data.formats.shape import ITEMS, LOG, Head, Shape
from crossrec.data.phrases import phrase
from crossrec.schema import CATEGORY, EVENT, ITEM, PRICE, RATING, SCENARIO, TEXT, TIME, TITLE, USER

_FILE = re.compile(r"(?:reviews_|meta_)?([A-Z][A-Za-z]*(?:_[A-Z&a-z]+)*?)(?:_5|_10)?\.jsonl?")
_RATING = re.compile(r"[A-Z0-9]{3,},[A-Z0-9]{3,},[0-5](\.\d)?,\d{9,10},?")
_FILE_OF_RATINGS = re.compile(r"(?:ratings_)?((?!Ratings\.)[A-Z][A-Za-z_&]*?)\.csv")
_PRODUCT = 10
"""Characters of the id of a product."""
_META = {
    "title", "description", "features", "feature", "categories", "category", "price", "brand",
    "main_category", "main_cat", "imUrl", "also_buy", "related", "salesRank", "store",
}  # fmt: skip


class Amazon:
    """Product reviews collected by McAuley's group; one file per category, which is the scenario.

    The title and the text of a review are not those of the product and are not used.
    """

    name = "Amazon reviews"

    def recognise(self, head: Head) -> Shape | None:
        """See :class:`~crossrec.data.formats.shape.Layout`."""
        if (ratings := self._ratings(head)) is not None:
            return ratings
        keys = set(head.columns)
        found = _FILE.fullmatch(head.name)
        scenario = found[1].replace("_", " ") if found else ""
        unused = {EVENT: "", SCENARIO: ""}
        if {"reviewerID", "asin", "overall"} <= keys:
            mapping = {USER: "reviewerID", ITEM: "asin", RATING: "overall", TIME: "unixReviewTime"}
            return Shape(f"{self.name} 2014/2018", LOG, _there(mapping, keys) | unused,
                         scenario=scenario)  # fmt: skip
        if {"user_id", "parent_asin", "rating", "timestamp"} <= keys:
            mapping = {USER: "user_id", ITEM: "parent_asin", RATING: "rating", TIME: "timestamp"}
            return Shape(f"{self.name} 2023", LOG, mapping | unused, scenario=scenario)
        if "parent_asin" in keys and "user_id" not in keys:
            mapping = {ITEM: "parent_asin", TITLE: "title", TEXT: "description",
                       CATEGORY: "main_category", PRICE: "price"}  # fmt: skip
            return Shape(f"{self.name} 2023", ITEMS, _there(mapping, keys) | {SCENARIO: ""},
                         scenario=scenario)  # fmt: skip
        if "asin" in keys and len(keys & _META) >= 2 and not keys & {"reviewerID", "user_id"}:
            category = next((name for name in ("categories", "category", "main_cat")
                             if name in keys), "categories")  # fmt: skip
            mapping = {ITEM: "asin", TITLE: "title", TEXT: "description", CATEGORY: category,
                       PRICE: "price"}  # fmt: skip
            return Shape(f"{self.name} 2014/2018", ITEMS, _there(mapping, keys) | {SCENARIO: ""},
                         scenario=scenario)  # fmt: skip
        return None

    def _ratings(self, head: Head) -> Shape | None:
        """The tables of ratings alone: user first in 2014, item first in 2018, without a header."""
        lines = [line for line in head.lines if line]
        if not lines or not all(map(_RATING.fullmatch, lines)):
            return None
        first, second = zip(*(line.split(",")[:2] for line in lines), strict=True)
        if not any(map(str.isalpha, "".join([*first, *second]))):
            return None
        names = ("item", "user") if _people(second) > _people(first) else ("user", "item")
        scenario = _FILE_OF_RATINGS.fullmatch(head.name)
        return Shape(
            "Amazon ratings",
            LOG,
            {USER: "user", ITEM: "item", RATING: "rating", TIME: "timestamp"},
            header=(*names, "rating", "timestamp"),
            delimiter=",",
            quoting=False,
            scenario=scenario[1].replace("_", " ") if scenario else "",
            note=phrase("amazon_ratings"),
        )


def _people(ids: Sequence[str]) -> float:
    """How much ids look like those of people, which begin with A.

    Those of products have ten characters and mostly begin with B or a digit.
    """
    return sum(one.startswith("A") for one in ids) - sum(
        len(one) == _PRODUCT and not one.startswith("A") for one in ids
    )


def _there(mapping: dict[str, str], keys: set[str]) -> dict[str, str]:
    return {name: key for name, key in mapping.items() if key in keys}
