"""What two runs have and have not in common: settings, data, cost."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from crossrec.workspace import Run

_FACTS = ("config", "inputs", "mapping", "read_options", "cleaning", "privacy", "feedback")
_NO_SETTINGS = ("cleaning.steps", "cleaning.done", "privacy.key_check")
_HASH = 12  # digits are enough to tell files apart


def settings_of(run: Run) -> dict[str, Any]:
    """All settings of a run under dotted names: of the run, the model and the data it read."""
    flat: dict[str, Any] = {}

    def lay(prefix: str, value: object) -> None:
        if isinstance(value, Mapping):
            for name, inner in value.items():
                lay(f"{prefix}.{name}" if prefix else str(name), inner)
        elif not prefix.startswith(_NO_SETTINGS):
            flat[prefix] = str(value)[:_HASH] if prefix.endswith(".sha256") else value

    for name in _FACTS:
        lay("" if name == "config" else name, run.info.get(name, {}))
    if "encoder" in (features := run.info.get("features", {})):
        flat["encoder.used"] = features["encoder"]
    if "report" in run.parts:
        lay("model", run.report().config.get("transfer_config", {}))
    return flat


def differences(named: Mapping[str, Mapping[str, Any]]) -> pd.DataFrame:
    """Settings that are not the same in all runs.

    Args:
        named: :func:`settings_of` by the name of the run.

    Returns:
        A row per setting: ``setting``, and a column of text per run ("–" where it has none).
    """
    names = dict.fromkeys(name for one in named.values() for name in one)
    rows = []
    for name in names:
        told = [str(one.get(name, "–")) for one in named.values()]
        if len(set(told)) > 1:
            rows.append([name, *told])
    return pd.DataFrame(rows, columns=["setting", *named])


def cost(run: Run) -> float:
    """Seconds of the whole run; 0 where they were not kept."""
    return float(sum(run.info.get("timings", {}).values()))


def same_split(runs: Sequence[Run]) -> tuple[list[Run], list[Run]]:
    """The runs on the split of the first, and the others, which must not be compared with it."""
    wanted = runs[0].report().split_hash
    own = [run for run in runs if run.report().split_hash == wanted]
    return own, [run for run in runs if run not in own]
