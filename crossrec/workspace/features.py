"""The text vectors of a run on the disk, and what turns new texts into such vectors."""

from pathlib import Path

import numpy as np

from crossrec.errors import DataError
from crossrec.language.extract import fingerprint
from crossrec.language.reduction import Reduction
from crossrec.language.table import FeatureTable
from crossrec.workspace.files import damaged, read_json, write_json
from crossrec.workspace.tables import read_ids, read_vectors, write_ids, write_vectors

VECTORS = "vectors.safetensors"
PROJECTION = "projection.safetensors"
IDS = "ids.parquet"
ABOUT = "features.json"


def write_features(folder: Path, features: FeatureTable) -> None:
    """Write text vectors with what is needed to prove them whole."""
    write_vectors(folder / VECTORS, features.vectors)
    write_ids(folder / IDS, features.items)
    about = {
        "encoder": features.encoder,
        "revision": features.revision,
        "fingerprint": features.fingerprint,
        "dim": features.dim,
        "content": _content(features),
    }
    found = features.reduction
    if found is not None:
        # The mean stands as one more column beside the directions, shape (d, k + 1).
        write_vectors(folder / PROJECTION, np.column_stack([found.mean, found.directions]))
        about["projection"] = {"from": len(found.mean), "kept": found.kept}
    write_json(folder / ABOUT, about)


def read_features(folder: Path) -> FeatureTable:
    """Read what :func:`write_features` wrote; ids and vectors are checked against their hash.

    Raises:
        RunUnreadable: they are damaged.
    """
    path = folder / ABOUT
    about = read_json(path, "the features of this run")
    items = read_ids(folder / IDS)
    try:
        dim = int(about["dim"])
        vectors = read_vectors(folder / VECTORS, len(items), dim)
        reduction = None
        if told := about.get("projection"):
            both = read_vectors(folder / PROJECTION, int(told["from"]), dim + 1)
            reduction = Reduction(both[:, 0], both[:, 1:], float(told["kept"]))
        encoder, revision, mark = (str(about[k]) for k in ("encoder", "revision", "fingerprint"))
        features = FeatureTable(items, vectors, encoder, revision, mark, reduction=reduction)
        is_whole = _content(features) == about["content"]
    except (AttributeError, KeyError, TypeError, ValueError, DataError) as error:
        raise damaged(path, f"{type(error).__name__}: {error}") from error
    if not is_whole:
        raise damaged(folder / VECTORS, "vectors or ids that were changed after the run")
    return features


def _content(features: FeatureTable) -> str:
    return fingerprint(features.items.ids, features.vectors, features.encoder, features.revision)
