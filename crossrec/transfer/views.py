"""The text vectors of each scenario's items, as the preference models take them."""

import numpy as np

from crossrec.data.space import ItemSpace
from crossrec.language.table import FeatureTable
from crossrec.language.tfidf import reduced
from crossrec.transfer.choice import MEANING, Views
from crossrec.transfer.preference import centred


def views_of(space: ItemSpace, scenario: int, features: FeatureTable | None) -> Views:
    """Centred vectors of a scenario's items by view; one zero column without features."""
    if features is None:
        return {MEANING: np.zeros((space.sizes[scenario], 1), dtype=np.float32)}
    ids = space.ids(scenario)
    views = {MEANING: centred(features.rows(ids))}
    for name in features.views:
        rows = features.view(name, ids)
        views[name] = centred(rows if isinstance(rows, np.ndarray) else reduced(rows))
    return views


def meanings(space: ItemSpace, features: FeatureTable | None) -> list[np.ndarray]:
    """Per scenario the vectors of the language model as they came; one zero column without."""
    if features is None:
        return [np.zeros((size, 1), dtype=np.float32) for size in space.sizes]
    return [features.rows(space.ids(s)) for s in range(len(space))]
