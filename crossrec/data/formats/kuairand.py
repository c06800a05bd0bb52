"""KuaiRand: short videos of Kuaishou, with the tab of the app they were shown in."""

from crossrec.data.formats.shape import ITEMS, LOG, USERS, Head, Shape
from crossrec.data.phrases import phrase
from crossrec.schema import CATEGORY, EVENT, ITEM, SCENARIO, TIME, USER

_SIGNS = ("is_forward", "is_comment", "is_follow", "is_like", "long_view", "is_click")
_WORDS = ("share", "comment", "follow", "like", "watch", "click")


class KuaiRand:
    """A row is a video that was shown; it is an interaction where the person did something."""

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
        cell = {name: f"c{at}" for at, name in enumerate(columns)}
        signs = [(cell[sign], word) for sign, word in zip(_SIGNS, _WORDS, strict=True)
                 if sign in cell]  # fmt: skip
        events = " ".join(f"WHEN {sign} = '1' THEN '{word}'" for sign, word in signs)
        done = " OR ".join(f"{sign} = '1'" for sign, _ in signs)
        return Shape(
            self.name,
            LOG,
            {USER: "user_id", ITEM: "video_id", SCENARIO: "tab", EVENT: "event", TIME: "time_ms"},
            derived=("user_id", "video_id", "tab", "event", "time_ms"),
            select=(
                f"SELECT line, {cell['user_id']} AS c0, {cell['video_id']} AS c1,"
                f" 'tab ' || {cell['tab']} AS c2, CASE {events} END AS c3, {cell['time_ms']} AS c4"
                f" FROM cells WHERE {done}"
            ),
            note=phrase("kuairand"),
        )
