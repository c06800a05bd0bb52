"""Douban: ratings of books, movies and music by the same people."""

from crossrec.data.formats.shape import LOG, Head, Shape
from crossrec.schema import ITEM, RATING, TIME, USER

_KINDS = ("book", "movie", "music")


class Douban:
    """Cleaned review files, one per kind (the scenario), and the movie crawl of 2019."""

    name = "Douban"

    def recognise(self, head: Head) -> Shape | None:
        """See :class:`~crossrec.data.formats.shape.Layout`."""
        by_word = {column.casefold(): column for column in head.columns}
        for kind in _KINDS:
            if {"user_id", f"{kind}_id", "rating"} <= by_word.keys():
                names = {USER: "user_id", ITEM: f"{kind}_id", RATING: "rating", TIME: "time"}
                return self._shape(names, by_word, kind)
        if {"user_md5", "movie_id", "rating", "rating_time"} <= by_word.keys():
            names = {USER: "user_md5", ITEM: "movie_id", RATING: "rating", TIME: "rating_time"}
            return self._shape(names, by_word, "movie")
        return None

    def _shape(self, names: dict[str, str], by_word: dict[str, str], kind: str) -> Shape:
        mapping = {name: by_word[word] for name, word in names.items() if word in by_word}
        return Shape(self.name, LOG, mapping, scenario=kind)
