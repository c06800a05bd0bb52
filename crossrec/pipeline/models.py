"""Any recommender of a run by its name: its own, one that is kept in it, or one fitted now."""

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from crossrec.errors import DataError, RunUnreadable, WorkspaceError
from crossrec.language.table import FeatureTable
from crossrec.progress import Progress, silent
from crossrec.transfer.lineup import (
    BASELINES,
    OWN,
    TARGET_ONLY,
    TRANSFER,
    asked,
    baseline,
    entry,
    key_of,
)
from crossrec.transfer.model import TransferModel
from crossrec.transfer.recommender import Recommender
from crossrec.workspace import Run, staged_folder
from crossrec.workspace.kept_models import kept_folder, kept_models


def load_model(run: Run | Path | str) -> TransferModel:
    """The transfer model of a run.

    Raises:
        RunUnreadable: the run has no model, or it is damaged.
    """
    run = opened(run)
    if "model" not in run.parts:
        raise RunUnreadable(
            f"expected a run with a model in {str(run.path)!r}",
            "a data check without one",
            "Train on this data first",
        )
    return TransferModel.load(run.model_folder)


def load_recommender(
    run: Run | Path | str, name: str = TRANSFER, *, progress: Progress = silent
) -> Recommender:
    """A fitted recommender of a run.

    A baseline that is not kept in the run's folder is fitted on what the run trained on, and kept
    there if the folder can be written.

    Args:
        run: a finished run.
        name: a key of :data:`~crossrec.transfer.lineup.LINEUP`.
        progress: told as phase "train" where something is fitted.

    Raises:
        UnknownId: there is no such model.
        DataError: it needs text, and no item of the run has any.
        RunUnreadable: what it needs of the run is not there, or damaged.
    """
    run = opened(run)
    entry(name)
    if name in OWN:
        model = load_model(run)
        return model.target_only() if name == TARGET_ONLY else model
    if name in kept_models(run):
        return _load_kept(run, name)
    model = _fit(run, name, progress)
    with suppress(WorkspaceError):  # a folder that is only read, or kept by somebody meanwhile
        _keep(run.path, name, model)
    return model


def fit_model(run: Path, name: str, *, progress: Progress = silent) -> Path:
    """Fit a baseline on what a run trained on, and keep it in the run's folder.

    Args:
        run: the folder of a finished run.
        name: a key of :data:`~crossrec.transfer.lineup.BASELINES`.
        progress: told as phases "train" and "save".

    Returns:
        The folder of the model; one that is there already is left as it is.

    Raises:
        UnknownId: there is no such baseline.
        DataError: it needs text, and no item of the run has any.
        RunUnreadable: what it needs of the run is not there, or damaged.
        WorkspaceError: the run's folder cannot be written.
    """
    finished = opened(run)
    if name not in kept_models(finished):
        model = _fit(finished, name, progress)
        progress("save", 0, 1)
        _keep(finished.path, name, model)
    progress("save", 1, 1)
    return kept_folder(finished, name)


def keep_judged(folder: Path, models: Mapping[str, Recommender]) -> None:
    """Write the baselines of the lineup among judged models into a run's folder.

    Args:
        folder: of the run.
        models: fitted ones by their names in the report.
    """
    from crossrec.transfer.baselines.storage import save

    for name, model in models.items():
        if (key := key_of(name)) in BASELINES:
            save(model, kept_folder(folder, str(key)))


def asked_baselines(names: str, features: FeatureTable, seed: int) -> dict[str, Recommender]:
    """The unfitted baselines a person asks for, by their names in the report.

    Where no item has text, those that need it are left out of a group, and refused by name.

    Args:
        names: as :func:`~crossrec.transfer.lineup.asked` takes them.
        features: text vectors of the items.
        seed: of the models.

    Raises:
        UnknownId: a name is none of the lineup.
        DataError: a model that needs text is asked for by name, and no item has any.
    """
    named = {name.strip() for name in names.split(",")}
    with_text = bool(features.vectors.any())
    found = {}
    for key in asked(names):
        if entry(key).needs_text and not with_text:
            if key in named:
                raise _no_text(key)
            continue
        model = baseline(key, seed)
        found[model.name] = model
    return found


def opened(run: Run | Path | str) -> Run:
    """A run, or the run of a folder."""
    return run if isinstance(run, Run) else Run(run)


def _load_kept(run: Run, name: str) -> Recommender:
    from crossrec.transfer.baselines.storage import load, same_space

    folder = kept_folder(run, name)
    model = load(folder)
    if not same_space(model.space_, load_model(run).space_):
        raise RunUnreadable(
            f"expected a model of this run in {str(folder)!r}",
            "one of other items or scenarios",
            "Delete that folder and fit the model again",
        )
    return model


def _fit(run: Run, name: str, progress: Progress) -> Recommender:
    model = baseline(name, int(run.info.get("seed", 0)))
    features = run.features() if "features" in run.parts else None
    if entry(name).needs_text and (features is None or not features.vectors.any()):
        raise _no_text(name)
    return model.fit(run.split(), features, progress=progress)


def _keep(folder: Path, name: str, model: Recommender) -> None:
    from crossrec.transfer.baselines.storage import save

    with staged_folder(kept_folder(folder, name)) as stage:
        save(model, stage)


def _no_text(name: str) -> DataError:
    without = ", ".join(key for key in BASELINES if not entry(key).needs_text)
    return DataError(
        f"expected items with text for the model {name!r}",
        "none with text",
        f"Give a catalogue with titles or texts to a new run, or take one of {without}",
    )
