"""Which fitted baselines lie in the folder of a run, and where."""

from pathlib import Path

from crossrec.transfer.lineup import BASELINES
from crossrec.workspace.run import Run

FOLDER = "baselines"
_ABOUT = "baseline.json"


def kept_folder(run: Run | Path, key: str) -> Path:
    """Where the baseline of a key of the lineup lies, or would lie, in a run's folder."""
    return (run.path if isinstance(run, Run) else run) / FOLDER / key


def kept_models(run: Run) -> tuple[str, ...]:
    """The keys of the baselines that lie in a run, in the order of the lineup."""
    return tuple(key for key in BASELINES if (kept_folder(run, key) / _ABOUT).is_file())
