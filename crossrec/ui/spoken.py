"""Errors of the engine as the app says them: by the names of its pages, not by options to type."""

import re
from typing import Final

from crossrec.ui.i18n import t

_MAP: Final = re.compile(r":? *\(?--map(?: [\w]+=[\w,=]*)?\)?")
_BAND: Final = re.compile(r"--band +")
_KEY_FILE: Final = re.compile(r" +with --key-file")


def spoken(sentence: str) -> str:
    """A sentence without the options of the command line."""
    sentence = _MAP.sub(f" {t('error.columns')}", sentence)
    return _KEY_FILE.sub("", _BAND.sub("", sentence))
