"""Content-based: items whose text is like the text of the history."""

import numpy as np
from scipy import sparse

from crossrec.data.split.cutting import ScenarioSplit
from crossrec.errors import CrossRecError
from crossrec.language.table import FeatureTable
from crossrec.transfer.baselines.base import Baseline
from crossrec.transfer.baselines.matrix import shaped
from crossrec.transfer.text import centred


class TextContent(Baseline[np.ndarray]):
    """Cosine between the weighted mean text vector of the history and the candidate's vector.

    Vectors are centred per scenario first: what all items of a scenario have in common says nothing
    about the user. Items without text score 0. ``fit`` needs features and raises
    :class:`CrossRecError` without them.

    Args:
        pooled: read the histories of all scenarios, not only the target's.
    """

    def __init__(self, *, pooled: bool = False) -> None:
        super().__init__("Text", pooled=pooled)

    def _prepare(self, split: ScenarioSplit, features: FeatureTable | None) -> None:
        if features is None:
            raise CrossRecError(
                "expected text features for the content-based recommender",
                "none",
                "Extract features first and pass them to fit",
            )
        space = split.space
        self._vectors = [centred(features.rows(space.ids(target))) for target in range(len(space))]

    def _fit_group(self, group: tuple[int, ...], matrix: sparse.csr_array) -> np.ndarray:
        return np.concatenate([self._vectors[scenario] for scenario in group])  # (n, d)

    def _predict(
        self, model: np.ndarray, matrix: sparse.csr_array, columns: slice, users: np.ndarray
    ) -> np.ndarray:
        profile = matrix @ model  # (m, d)
        length = np.linalg.norm(profile, axis=1, keepdims=True)
        return profile / np.maximum(length, 1e-12) @ model[columns].T

    def to_arrays(self, model: np.ndarray) -> dict[str, np.ndarray]:
        """See :meth:`Baseline.to_arrays`."""
        return {"vectors": model}

    def from_arrays(self, arrays: dict[str, np.ndarray], columns: int) -> np.ndarray:
        """See :meth:`Baseline.from_arrays`."""
        return shaped(arrays["vectors"], columns, -1)
