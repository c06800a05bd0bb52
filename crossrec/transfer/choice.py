"""What is chosen for a pair of scenarios, and the views of text it is chosen from."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

MEANING = "meaning"
"""The view of an item that the language model gives; others are named by the feature table."""

ADAPTED = "adapted"
"""The same through the encoder of the text tower, see :mod:`crossrec.transfer.tower`."""

Views = Mapping[str, np.ndarray]
"""The text vectors of a scenario's items by view, centred, shape (n_s, d_view) each."""


@dataclass(frozen=True)
class Choice:
    """Hyper-parameters chosen for one (source, target) pair, with their validation NDCG@10.

    Attributes:
        penalty: lambda.
        text: alpha within a scenario; the share of text in P from a source to a target.
        ndcg: of the choice, over ``users`` validation users; 0 where there were none.
        users: number of validation users.
        views: which views of the text are used within a scenario.
        rank: of the learnt map between scenarios; 0 within one.
        factors: weight of the item factors within a scenario; their share between two.
        factor_rank: number of factors within a scenario; 0 where none are used.
        factor_size: lambda and confidence of the factors, within a scenario its own, between two
            the pooled ones; (0, 0) where none are used.
        links: share of item-item links in the learnt part between two scenarios.
        tower: whether the text tower, not a ridge, is the text map between scenarios.
        popularity: half-life of warm users' popularity within a scenario, in days; None: none.
        pooled_spread: spread of what the pooled factors say, which other sources of the target have
            in the same unit; 0 within a scenario and where nobody could judge.
    """

    penalty: float
    text: float
    ndcg: float = 0.0
    users: int = 0
    views: tuple[str, ...] = (MEANING,)
    rank: int = 0
    factors: float = 0.0
    factor_rank: int = 0
    factor_size: tuple[float, float] = (0.0, 0.0)
    links: float = 0.0
    tower: bool = False
    popularity: float | None = None
    pooled_spread: float = 0.0
