"""RetailRocket: views, additions to the cart and purchases of a shop."""

from crossrec.data.formats.shape import ITEMS, LOG, Head, Shape
from crossrec.data.phrases import phrase
from crossrec.schema import CATEGORY, EVENT, ITEM, TIME, USER


class RetailRocket:
    """``events.csv`` is the log; the item properties become one row per item."""

    name = "RetailRocket"

    def recognise(self, head: Head) -> Shape | None:
        """See :class:`~crossrec.data.formats.shape.Layout`."""
        cell = {column: f"c{at}" for at, column in enumerate(head.columns)}
        if {"timestamp", "visitorid", "event", "itemid"} <= cell.keys():
            return Shape(
                self.name,
                LOG,
                {USER: "visitorid", ITEM: "itemid", EVENT: "event", TIME: "timestamp"},
            )
        if {"timestamp", "itemid", "property", "value"} == cell.keys():
            item, time = cell["itemid"], f"TRY_CAST({cell['timestamp']} AS BIGINT)"
            last = ", ".join(
                f"arg_max({cell['value']}, {time}) FILTER ({cell['property']} = '{name}') AS c{at}"
                for at, name in ((1, "categoryid"), (2, "available"))
            )
            return Shape(
                self.name,
                ITEMS,
                {ITEM: "itemid", CATEGORY: "categoryid"},
                derived=("itemid", "categoryid", "available"),
                select=f"SELECT min(line) AS line, {item} AS c0, {last} FROM cells GROUP BY {item}"
                " ORDER BY 1",
                note=phrase("retailrocket"),
            )
        return None
