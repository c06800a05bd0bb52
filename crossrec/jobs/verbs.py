"""What a job may do: a short list of names, and how JSON becomes a verb's arguments.

The database holds names and JSON only; what is imported stands here. Nothing of the pipeline is
imported before a job's own process calls a verb.
"""

import importlib
import inspect
import json
import os
import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from typing import Any

from crossrec.errors import JobError
from crossrec.progress import PHASES

REGISTRY_ENVIRONMENT = "CROSSREC_JOB_VERBS"
"""Names a module whose ``VERBS`` replaces :data:`VERBS`; for tests."""


@dataclass(frozen=True)
class Verb:
    """One thing a job can do.

    Attributes:
        module: where the function is; imported in the job's own process.
        function: its name; it takes ``progress`` and what the job's arguments name.
        phases: the phases it reports, in order.
        output: the argument that says where its run shall be, "" if it makes none.
    """

    module: str
    function: str
    phases: tuple[str, ...] = PHASES
    output: str = ""

    def load(self) -> Callable[..., Any]:
        """Import the function."""
        return getattr(importlib.import_module(self.module), self.function)


VERBS: Mapping[str, Verb] = {
    "run": Verb("crossrec.pipeline", "run", output="out"),
    "import_data": Verb(
        "crossrec.pipeline", "import_data", phases=("import", "audit", "save"), output="out"
    ),
    "export_lists": Verb("crossrec.pipeline.exports", "export_lists", phases=("evaluate",)),
    "fit_model": Verb("crossrec.pipeline.models", "fit_model", phases=("train", "save")),
    "read_knowledge": Verb(
        "crossrec.pipeline.knowledge", "read_knowledge", phases=("features", "save")
    ),
    "write_profiles": Verb("crossrec.pipeline.knowledge", "write_profiles", phases=("features",)),
    "measure_candidates": Verb(
        "crossrec.pipeline.candidates", "measure_candidates", phases=("features",)
    ),
    "adapt": Verb(
        "crossrec.pipeline.adaptation", "adapt", phases=("features", "train", "evaluate", "save")
    ),
    "compare_encoders": Verb(
        "crossrec.pipeline.encoders", "compare_encoders", phases=("features",)
    ),
    "tell_scenarios": Verb(
        "crossrec.pipeline.identification", "tell_scenarios", phases=("identify",)
    ),
}


def find(name: str) -> Verb:
    """A verb of the registry.

    Raises:
        JobError: there is none of this name.
    """
    chosen = os.environ.get(REGISTRY_ENVIRONMENT)
    verbs = importlib.import_module(chosen).VERBS if chosen else VERBS
    if name not in verbs:
        raise JobError("expected a job of " + ", ".join(sorted(verbs)), repr(name))
    return verbs[name]


def to_json(arguments: Mapping[str, Any]) -> str:
    """Arguments (JSON types, paths, dataclasses of these) as JSON; paths become absolute.

    Raises:
        JobError: a value cannot be kept in the queue.
    """
    try:
        return json.dumps(dict(arguments), default=_plain)
    except (TypeError, ValueError) as error:
        raise JobError(
            "expected arguments of numbers, text, paths and lists or tables of these",
            f"{error}",
            "Save larger things to a file and give its path",
        ) from error


def call(function: Callable[..., Any], arguments: Mapping[str, Any], **extra: object) -> Any:
    """Call a verb with arguments from JSON, built to what its annotations ask for.

    Raises:
        JobError: the arguments are not those of the function.
    """
    hints = typing.get_type_hints(function)
    try:
        built = {name: _build(hints.get(name), value) for name, value in arguments.items()}
        bound = inspect.signature(function).bind(**built, **extra)
    except TypeError as error:
        raise JobError(
            f"expected the arguments of {function.__name__!r}",
            f"{', '.join(arguments) or 'none'} ({error})",
            "Start the job again with this version of CrossRec",
        ) from error
    return function(*bound.args, **bound.kwargs)


def _build(hint: Any, value: Any) -> Any:
    """``value`` from JSON as the type ``hint``: paths, dataclasses, tuples and unions of them."""
    origin = typing.get_origin(hint)
    if value is None:
        return None
    if origin in (typing.Union, types.UnionType):
        inner = [kind for kind in typing.get_args(hint) if kind is not types.NoneType]
        return _build(inner[0], value) if len(inner) == 1 else value
    if hint is Path:
        return Path(value)
    if origin is tuple:
        return tuple(value)
    if isinstance(hint, type) and is_dataclass(hint):
        hints = typing.get_type_hints(hint)
        return hint(**{name: _build(hints.get(name), item) for name, item in value.items()})
    return value


def _plain(value: object) -> object:
    if isinstance(value, os.PathLike):
        return str(Path(value).absolute())
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in fields(value)}
    raise TypeError(f"a {type(value).__name__}")
