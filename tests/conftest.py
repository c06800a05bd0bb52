"""Shared fixtures: seeded randomness and a tiny two-scenario log."""

import numpy as np
import pandas as pd
import pytest

from crossrec.data.log import InteractionLog, TimeKind


@pytest.fixture(autouse=True)
def _seed_torch():
    """pytest-randomly seeds random and numpy, but not torch."""
    import torch

    torch.manual_seed(0)


@pytest.fixture
def small_log() -> InteractionLog:
    """120 users with shared tastes in two scenarios of 30 and 20 items, clock times."""
    rng = np.random.default_rng(5)
    rows = []
    for user in range(120):
        taste = user % 3
        for scenario, n_items, n_rows in (("books", 30, 8), ("films", 20, 6)):
            liked = np.arange(n_items) % 3 == taste
            odds = np.where(liked, 8.0, 1.0)
            chosen = rng.choice(n_items, n_rows, replace=False, p=odds / odds.sum())
            times = rng.integers(1_600_000_000, 1_610_000_000, n_rows)
            rows += [
                (f"u{user:03d}", f"{scenario[0]}{item:02d}", scenario, time)
                for item, time in zip(chosen, times, strict=True)
            ]
    frame = pd.DataFrame(rows, columns=["user_id", "item_id", "scenario", "timestamp"])
    return InteractionLog.from_frame(frame, time_kind=TimeKind.CLOCK)
