"""Where unpacked models and cached vectors live on this machine."""

import os
from pathlib import Path

from platformdirs import user_cache_dir

CACHE_VARIABLE = "CROSSREC_CACHE"


def cache_root() -> Path:
    """The cache folder: the environment variable CROSSREC_CACHE, else the user's cache folder.

    Everything in it can be deleted at any time: it is made again when needed.
    """
    chosen = os.environ.get(CACHE_VARIABLE)
    return Path(chosen).expanduser() if chosen else Path(user_cache_dir("crossrec"))
