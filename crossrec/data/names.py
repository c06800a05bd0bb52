"""Names of scenarios and events: spellings of one name, and names a person changed."""

import re
import unicodedata
from collections.abc import Iterable, Mapping

from crossrec.errors import DataError

# Between two digits, and before a number, a mark may mean something: 10-20, -1.
_BETWEEN = re.compile(r"(?<=[^\W\d_])[\s_\-‐-―]+|[\s_\-‐-―]+(?=[^\W\d_])")


def name_key(name: str) -> str:
    """What spellings of one name have in common.

    ``App_Feed``, ``app feed`` and ``APP-FEED`` are one name; ``10-20`` and ``1020`` are two.
    """
    return _BETWEEN.sub("", unicodedata.normalize("NFKC", name).casefold().strip())


def known_name(name: str, known: Iterable[str]) -> str:
    """The known name that ``name`` is a spelling of; as it stands where it is none."""
    known = list(known)
    if name in known:
        return name
    key = name_key(name)
    return next((each for each in known if name_key(each) == key), name.strip())


def check_new_names(given: Mapping[str, str]) -> dict[str, str]:
    """New names by the key of the old one.

    Raises:
        DataError: a name is empty, or one old name gets two new ones.
    """
    new: dict[str, str] = {}
    for old, name in given.items():
        key = name_key(old)
        if not (key and name.strip()):
            raise DataError(
                "expected a name of a scenario and a new one", f"{old!r}: {name!r}",
                "Write it like --rename-scenario OLD=NEW",
            )  # fmt: skip
        if new.setdefault(key, name.strip()) != name.strip():
            raise DataError(
                f"expected one new name for the scenario {old!r}", f"{new[key]!r} and {name!r}"
            )
    return new
