"""MIND: Microsoft news, lists of articles that were shown and clicked."""

import re

from crossrec.data.formats.shape import ITEMS, LOG, Head, Shape
from crossrec.data.phrases import phrase
from crossrec.schema import CATEGORY, EVENT, ITEM, TEXT, TIME, TITLE, USER

_SHOWN = re.compile(r"\d+\t[^\t]+\t\d+/\d+/\d{4} \d+:\d+:\d+ [AP]M\t[^\t]*\t[^\t]*")
_NEWS = re.compile(r"N\d+(\t[^\t]*){5,7}")


class Mind:
    """One row per news of ``behaviors.tsv``, clicked or not; ``news.tsv`` tells what it is."""

    name = "MIND"

    def recognise(self, head: Head) -> Shape | None:
        """See :class:`~crossrec.data.formats.shape.Layout`."""
        lines = [line for line in head.lines if line]
        if lines and all(map(_SHOWN.fullmatch, lines)):
            return Shape(
                self.name,
                LOG,
                {USER: "user", ITEM: "news", TIME: "time", EVENT: "event"},
                header=("impression", "user", "time", "history", "impressions"),
                delimiter="\t",
                quoting=False,
                derived=("user", "news", "time", "event"),
                # Month first, as the makers write it: few days would tell it from day first.
                select=(
                    "SELECT line, c1 AS c0, regexp_replace(shown, '-[01]$', '') AS c1, COALESCE("
                    "strftime(try_strptime(c2, '%m/%d/%Y %I:%M:%S %p'), '%Y-%m-%d %H:%M:%S'), c2)"
                    " AS c2, CASE WHEN shown LIKE '%-1' THEN 'click' ELSE 'impression' END AS c3"
                    " FROM (SELECT line, c1, c2, unnest(string_split(c4, ' ')) AS shown FROM cells)"
                    " WHERE shown LIKE '%-_'"
                ),
                note=phrase("mind"),
            )
        if lines and all(map(_NEWS.fullmatch, lines)):
            header = ("news", "category", "subcategory", "title", "abstract", "url",
                      "title_entities", "abstract_entities")  # fmt: skip
            return Shape(
                self.name,
                ITEMS,
                {ITEM: "news", CATEGORY: "category", TITLE: "title", TEXT: "abstract"},
                header=header[: lines[0].count("\t") + 1],
                delimiter="\t",
                quoting=False,
            )
        return None
