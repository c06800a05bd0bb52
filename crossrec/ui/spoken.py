"""Errors of the engine as the app says them: by the names of its pages, not by options to type."""

import re
from typing import Final

from crossrec.ui.i18n import t

_PLACES: Final = (
    (r"--map(?: [\w]+=[\w,=]*)?", "error.columns"),
    (r"--signal [^\s:]+:.+=\w+, or --positive-from \w+", "error.values"),
    (r"--signal [^:]+:.+=\w+", "error.values"),
    (r"--positive-from(?: \w+)?", "error.values"),
    (r"--rename-scenario(?: \w+=\w+)?", "error.names"),
)
"""An option with what is typed behind it -> where the app asks for the same."""
_SAYS: Final = "|".join(f"(?P<at{at}>{option})" for at, (option, _) in enumerate(_PLACES))
_OPTION: Final = re.compile(rf"(?P<like>Write it like)?:? *\(?(?:{_SAYS})\)?")
_BAND: Final = re.compile(r"--band +")
_KEY_FILE: Final = re.compile(r" +with --key-file")


def spoken(sentence: str) -> str:
    """A sentence without the options of the command line."""
    return _KEY_FILE.sub("", _BAND.sub("", _OPTION.sub(_place, sentence)))


def _place(option: re.Match[str]) -> str:
    key = next(key for at, (_, key) in enumerate(_PLACES) if option[f"at{at}"] is not None)
    return t("error.choose", place=t(key)) if option["like"] else f" {t(key)}"
