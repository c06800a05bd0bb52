"""``crossrec.toml``: a person's own defaults, in one small file.

::

    threads = 2                    # 0: as many as are idle
    encoder = "all-MiniLM-L6-v2"   # "auto": by the language of the texts
    language = "zh"                # of the app; "": as the browser asks
    theme = "dark"                 # "light", "dark", or "system"
    workspace = "/data/crossrec"   # "": the folder "workspace" where the command is given

An option of a command goes first, then an environment variable, then this file.
"""

import json
import os
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from secrets import token_hex
from typing import Any

from platformdirs import user_config_dir

from crossrec.errors import SettingsError

ENVIRONMENT = "CROSSREC_CONFIG"
"""The environment variable that names the file."""

FILE = "crossrec.toml"
THEMES = ("system", "light", "dark")
LANGUAGES = ("", "en", "zh")
MAX_THREADS = 1024
_THREAD_VARIABLES = ("CROSSREC_THREADS", "OMP_NUM_THREADS")

LEAN: Mapping[str, str] = {
    "MALLOC_ARENA_MAX": "2",  # else each thread, and every run of a page is one, has its own store
    "MALLOC_MMAP_THRESHOLD_": "262144",  # else large blocks that were freed are kept aside
    "ARROW_DEFAULT_MEMORY_POOL": "system",
}
"""Environment of a process that shall give memory back (glibc, Arrow): the server of the app.

Jobs are there for speed and do without it.
"""


@dataclass(frozen=True)
class Settings:
    """Defaults of one person on one machine.

    Attributes:
        threads: of the processor for a job or a command; 0 for those that are idle.
        encoder: which language model reads the items; "auto" chooses by their language.
        language: of the app, "en" or "zh"; "" follows the browser.
        theme: of the app: "system", "light" or "dark".
        workspace: the folder of projects and runs; "" is ``workspace`` in the current folder.

    Raises:
        SettingsError: a value is not of these.
    """

    threads: int = 0
    encoder: str = "auto"
    language: str = ""
    theme: str = "system"
    workspace: str = ""

    def __post_init__(self) -> None:
        threads = self.threads
        if isinstance(threads, bool) or not isinstance(threads, int):
            raise SettingsError("expected a whole number of threads", repr(threads))
        if not 0 <= threads <= MAX_THREADS:
            raise SettingsError(f"expected 0 to {MAX_THREADS} threads", str(threads))
        for name in ("encoder", "language", "theme", "workspace"):
            if not isinstance(getattr(self, name), str):
                raise SettingsError(f"expected a text for {name!r}", repr(getattr(self, name)))
        for name, known in (("theme", THEMES), ("language", LANGUAGES)):
            if getattr(self, name) not in known:
                raise SettingsError(
                    f"expected a {name} of {', '.join(map(repr, known))}",
                    repr(getattr(self, name)),
                )

    def use(self) -> None:
        """Let libraries that load from now on see the number of threads."""
        if self.threads:
            for name in _THREAD_VARIABLES:
                os.environ.setdefault(name, str(self.threads))


def settings_path() -> Path:
    """The file: ``CROSSREC_CONFIG``, else ``crossrec.toml`` here, else in the user's own folder."""
    if chosen := os.environ.get(ENVIRONMENT):
        return Path(chosen).expanduser().absolute()
    here = Path(FILE).absolute()
    return here if here.is_file() else Path(user_config_dir("crossrec")) / FILE


def read_settings(path: Path | None = None) -> Settings:
    """The settings; the usual ones where there is no file.

    Args:
        path: default :func:`settings_path`.

    Raises:
        SettingsError: the file is no TOML, or a name or value in it is not known.
    """
    path = path or settings_path()
    try:
        found: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Settings()
    except (OSError, ValueError) as error:
        raise SettingsError(
            f"expected settings as TOML in {str(path)!r}", str(error), "Correct or remove the file"
        ) from error
    known = [field.name for field in fields(Settings)]
    if unknown := sorted(set(found) - set(known)):
        raise SettingsError(
            f"expected settings of {', '.join(known)} in {str(path)!r}",
            ", ".join(unknown),
            "Correct the name or remove the line",
        )
    return Settings(**found)


def write_settings(settings: Settings, path: Path | None = None) -> Path:
    """Write the settings as a whole file; values that are the usual ones are left out.

    Args:
        settings: what to write.
        path: default :func:`settings_path`.

    Returns:
        The file.

    Raises:
        SettingsError: the file cannot be written.
    """
    path = path or settings_path()
    usual = asdict(Settings())
    chosen = {name: value for name, value in asdict(settings).items() if value != usual[name]}
    lines = [f"{name} = {_toml(value)}\n" for name, value in chosen.items()]
    beside = path.with_name(f".{token_hex(4)}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        beside.write_text("".join(lines), encoding="utf-8")
        beside.replace(path)
    except OSError as error:
        raise SettingsError(
            f"expected to be allowed to write {str(path)!r}",
            f"{error.strerror}",
            f"Name another file with {ENVIRONMENT}",
        ) from error
    finally:
        beside.unlink(missing_ok=True)
    return path


def _toml(value: int | str) -> str:
    """A number or text as TOML, which is what JSON writes but for one character."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
