"""Models of the Hugging Face hub, fetched once, and only where a person named one.

A name that begins with ``hf:`` is the asking; nothing else here reaches for the network. Weights
come as safetensors only, never as pickles, and code that a repository carries is never run.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

from crossrec.errors import ModelMissing
from crossrec.language.locations import cache_root
from crossrec.language.unpacked import made_once
from crossrec.progress import Progress, silent

PREFIX = "hf:"
_NAME = re.compile(r"(?P<repository>[\w.-]+/[\w.-]+)(@(?P<revision>[\w./-]+))?")
_FILES = (
    "config.json", "tokenizer*", "vocab.*", "merges.txt", "special_tokens_map.json", "*.model",
    "*.safetensors", "*.safetensors.index.json", "1_Pooling/config.json",
)  # fmt: skip
_SECONDS = 3_600

_FETCH = """
import sys
from huggingface_hub import snapshot_download
repository, revision, folder, *files = sys.argv[1:]
snapshot_download(repository, revision=revision or None, local_dir=folder, allow_patterns=files)
"""


def parsed(name: str) -> tuple[str, str]:
    """Repository and revision ("" for the newest) of ``hf:ORGANISATION/MODEL[@REVISION]``.

    Raises:
        ModelMissing: the name is not of this form.
    """
    found = _NAME.fullmatch(name.removeprefix(PREFIX))
    if found is None or ".." in name:
        raise ModelMissing(
            "expected a Hugging Face model as hf:ORGANISATION/MODEL, or with @REVISION", repr(name)
        )
    return found["repository"], found["revision"] or ""


def fetched(name: str, *, progress: Progress = silent) -> Path:
    """The folder of a Hugging Face model; fetched on first use, whole or not at all.

    Args:
        name: ``hf:ORGANISATION/MODEL[@REVISION]``.
        progress: told while it is fetched.

    Raises:
        ModelMissing: the hub cannot be reached, or has no such model as safetensors.
        WorkspaceError: the folder cannot be written.
    """
    repository, revision = parsed(name)
    folder = "--".join(["hf", *repository.split("/"), *revision.split("/")]).rstrip("-")

    def fetch(place: Path) -> None:
        _fetch(repository, revision, place)

    return made_once(cache_root() / "models" / folder, fetch, progress=progress, doing="fetching")


def _fetch(repository: str, revision: str, place: Path) -> None:
    # A process of its own: in this one the hub's library was told to stay offline at its import.
    command = [sys.executable, "-c", _FETCH, repository, revision, str(place), *_FILES]
    quiet = {"HF_HUB_DISABLE_TELEMETRY": "1", "HF_HUB_DISABLE_PROGRESS_BARS": "1"}
    try:
        ran = subprocess.run(
            command,
            capture_output=True,
            text=True,
            check=False,
            timeout=_SECONDS,
            env={**os.environ, **quiet},
        )
    except subprocess.TimeoutExpired as error:
        raise _not_there(repository, f"no end after {_SECONDS:,} s") from error
    if ran.returncode != 0:
        said = [line for line in ran.stderr.splitlines() if line.strip()]
        raise _not_there(repository, said[-1][:300] if said else f"exit code {ran.returncode}")
    if not any(place.glob("*.safetensors")):
        raise _not_there(repository, "no weights as safetensors there")


def _not_there(repository: str, found: str) -> ModelMissing:
    return ModelMissing(
        f"expected to fetch {repository} from Hugging Face, once",
        found,
        "Give the folder of a copy instead; bundled models need no network: crossrec models list",
    )
