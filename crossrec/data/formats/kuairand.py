"""KuaiRand: short videos of Kuaishou, with the tab of the app they were shown in."""

from crossrec.data.formats.shape import ITEMS, LOG, USERS, Head, Shape
from crossrec.data.phrases import phrase
from crossrec.schema import CATEGORY, EVENT, ITEM, SCENARIO, TIME, USER


class KuaiRand:
    """A row is a video that was shown; columns of 0 and 1 say what the person did."""

    name = "KuaiRand"

    def recognise(self, head: Head) -> Shape | None:
        """See :class:`~crossrec.data.formats.shape.Layout`."""
        columns = set(head.columns)
        if {"user_id", "video_id", "time_ms", "is_click", "tab"} <= columns:
            return self._log(head.columns)
        if {"video_id", "author_id", "video_type"} <= columns:
            category = {CATEGORY: "tag"} if "tag" in columns else {}
            return Shape(self.name, ITEMS, {ITEM: "video_id", **category}, marks={"tag": ","})
        if {"user_id", "user_active_degree"} <= columns:
            return Shape(self.name, USERS, {USER: "user_id"})
        return None

    def _log(self, columns: tuple[str, ...]) -> Shape:
        cells = ", ".join(
            f"'tab ' || c{at}" if name == "tab" else f"c{at}" for at, name in enumerate(columns)
        )
        named = ", ".join(f"c{at}" for at in range(len(columns)))
        return Shape(
            self.name,
            LOG,
            {USER: "user_id", ITEM: "video_id", SCENARIO: "tab", EVENT: "", TIME: "time_ms"},
            derived=columns,
            select=f"SELECT * FROM (SELECT line, {cells} FROM cells) AS rows(line, {named})",
            note=phrase("kuairand"),
        )
