"""MovieLens: 100K (``u.data``), 1M and 10M (``ratings.dat``), and the later ones with headers."""

import re

from crossrec.data.formats.shape import ITEMS, LOG, NONE, USERS, Head, Shape
from crossrec.schema import CATEGORY, ITEM, RATING, TIME, TITLE, USER

_LOG = {USER: "user", ITEM: "item", RATING: "rating", TIME: "timestamp"}
_HEADED_LOG = {USER: "userid", ITEM: "movieid", RATING: "rating", TIME: "timestamp"}
_HEADED_ITEMS = {ITEM: "movieid", TITLE: "title", CATEGORY: "genres"}
_FURTHER = (
    {"userid", "movieid", "tag", "timestamp"},
    {"movieid", "imdbid", "tmdbid"},
    {"movieid", "tagid", "relevance"},
    {"tagid", "tag"},
)
"""Tags and links: words about movies, and their ids elsewhere."""
_GENRES = (
    "unknown", "Action", "Adventure", "Animation", "Children's", "Comedy", "Crime", "Documentary",
    "Drama", "Fantasy", "Film-Noir", "Horror", "Musical", "Mystery", "Romance", "Sci-Fi",
    "Thriller", "War", "Western",
)  # fmt: skip
_OLD = "latin-1"
_BARE = (
    # (first line, layout, role, header, delimiter, mapping)
    (r"\d+\t\d+\t[0-5]\t\d{9}", "MovieLens 100K", LOG, tuple(_LOG.values()), "\t", _LOG),
    (
        r"\d+\|[^|]+\|.*(\|[01]){19}", "MovieLens 100K", ITEMS,
        ("movie", "title", "released", "video released", "link", *_GENRES), "|",
        {ITEM: "movie", TITLE: "title"},
    ),
    (
        r"\d+\|\d+\|[MF]\|[^|]+\|[^|]+", "MovieLens 100K", USERS,
        ("user", "age", "gender", "occupation", "postcode"), "|", {USER: "user"},
    ),
    (
        r"\d+::\d+::[\d.]+::\d{9,10}", "MovieLens 1M or 10M", LOG,
        tuple(_LOG.values()), "::", _LOG,
    ),
    (
        r"\d+::[MF]::\d+::\d+::[^:]+", "MovieLens 1M", USERS,
        ("user", "gender", "age", "occupation", "postcode"), "::", {USER: "user"},
    ),
    (
        r"\d+::.+\(\d{4}\)::[^:]+", "MovieLens 1M or 10M", ITEMS,
        ("movie", "title", "genres"), "::",
        {ITEM: "movie", TITLE: "title", CATEGORY: "genres"},
    ),
)  # fmt: skip


class MovieLens:
    """Ratings of movies by GroupLens; the older sets have no header and are in Latin-1."""

    name = "MovieLens"

    def recognise(self, head: Head) -> Shape | None:
        """See :class:`~crossrec.data.formats.shape.Layout`."""
        columns = {column.casefold(): column for column in head.columns}
        if columns.keys() >= set(_HEADED_LOG.values()):
            return Shape(self.name, LOG, _there(_HEADED_LOG, columns))
        if columns.keys() == set(_HEADED_ITEMS.values()):
            return Shape(self.name, ITEMS, _there(_HEADED_ITEMS, columns),
                         marks={columns["genres"]: "|"})  # fmt: skip
        if any(columns.keys() == further for further in _FURTHER):
            return Shape(self.name, NONE, {})
        for pattern, layout, role, header, delimiter, mapping in _BARE:
            if head.lines and all(re.fullmatch(pattern, line) for line in head.lines if line):
                return Shape(
                    layout,
                    role,
                    mapping,
                    header=header,
                    delimiter=delimiter,
                    quoting=False,
                    encoding=_OLD,
                    marks={"genres": "|"},
                )
        return None


def _there(names: dict[str, str], columns: dict[str, str]) -> dict[str, str]:
    """Schema name -> the header as the file spells it."""
    return {name: columns[word] for name, word in names.items()}
