"""How often people said of recommendations what the model had ranked."""

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from crossrec.schema import SCENARIO
from crossrec.workspace.feedback import Feedback, Verdict


def agreement(entries: Sequence[Feedback]) -> pd.DataFrame:
    """How often people said what the model had ranked.

    Args:
        entries: those without a known rank count, but do not speak of agreement.

    Returns:
        One row per scenario, in order of names, then "" for all: ``scenario, like, dislike,
        not_interested`` (counts), ``liked_place, refused_place`` (mean rank over the number of
        candidates, 0 is the top; NaN without any) and ``agreement``: of all pairs of a liked and
        a refused item within a scenario, the share whose liked item stood higher (equal places
        count half; NaN without a pair). 0.5 is chance.
    """
    names = sorted({one.scenario for one in entries})
    found = []
    pairs = {"": (0.0, 0)}
    for name in names:
        here = [one for one in entries if one.scenario == name]
        right, n = _pairs(_places(here, liked=True), _places(here, liked=False))
        pairs[name] = (right, n)
        pairs[""] = (pairs[""][0] + right, pairs[""][1] + n)
    for name in [*names, ""]:
        here = [one for one in entries if name in ("", one.scenario)]
        counts = {verdict.value: sum(one.verdict is verdict for one in here) for verdict in Verdict}
        right, n = pairs[name]
        found.append(
            {
                SCENARIO: name,
                **counts,
                "liked_place": _mean(_places(here, liked=True)),
                "refused_place": _mean(_places(here, liked=False)),
                "agreement": right / n if n else np.nan,
            }
        )
    return pd.DataFrame(found)


def _places(entries: Iterable[Feedback], *, liked: bool) -> np.ndarray:
    """Rank over candidates of the liked, or of the refused."""
    return np.array(
        [
            (one.rank - 1) / one.candidates
            for one in entries
            if one.rank and one.candidates and (one.verdict is Verdict.LIKE) == liked
        ]
    )


def _pairs(liked: np.ndarray, refused: np.ndarray) -> tuple[float, int]:
    """How many pairs stand right (ties half), and how many there are."""
    right = (liked[:, None] < refused).sum() + 0.5 * (liked[:, None] == refused).sum()
    return float(right), len(liked) * len(refused)


def _mean(values: np.ndarray) -> float:
    return float(values.mean()) if len(values) else float("nan")
