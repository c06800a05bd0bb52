"""A log in which the scenarios can teach each other, and its comparison."""

import numpy as np
import pandas as pd
import pytest

from crossrec.data.log import InteractionLog
from crossrec.data.split.cutting import split_at_random
from crossrec.evaluation import compare

from .stubs import Fixed, Tastes

COLUMNS = ["user_id", "item_id", "scenario"]


@pytest.fixture(scope="session")
def tasteful_split():
    """300 users in three scenarios of 30 items who only like items of one class modulo 3."""
    rng = np.random.default_rng(1)
    rows = [
        (f"u{user}", f"{scenario}{3 * item + user % 3:02d}", scenario)
        for user in range(300)
        for scenario in "abc"
        for item in rng.choice(10, 5, replace=False)
    ]
    # Sorted by item, so that item numbers follow item names.
    frame = pd.DataFrame(sorted(rows, key=lambda row: row[1]), columns=COLUMNS)
    return split_at_random(InteractionLog.from_frame(frame), seed=3)


@pytest.fixture(scope="session")
def report(tasteful_split):
    """Transfer helps cold users in a and b, and misleads everybody in c."""
    models = {"transfer": Tastes(misled=[2]), "fixed": Fixed()}
    return compare(tasteful_split, models, seed=1)
