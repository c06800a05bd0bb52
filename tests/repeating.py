"""A log in which groceries repeat and films do not, as files."""

from pathlib import Path

import numpy as np
import pandas as pd

DAY = 86_400


def repeating_files(folder: Path, users: int = 90) -> dict[str, Path]:
    """Interactions and items of groceries (each user comes back to a few) and films (once)."""
    rng = np.random.default_rng(7)
    rows = []
    for user in range(users):
        taste = user % 3
        usual = [f"g{3 * int(at) + taste:02d}" for at in rng.choice(8, 4, replace=False)]
        days = np.sort(rng.choice(200, 12, replace=False))
        for day in days:
            other = f"g{rng.integers(24):02d}"
            item = other if rng.random() < 0.25 else usual[int(rng.integers(4))]
            rows.append((f"u{user:03d}", item, "groceries", 1_600_000_000 + int(day) * DAY))
        films = rng.choice(24, 7, replace=False, p=_odds(taste))
        for film, day in zip(films, rng.choice(200, 7, replace=False), strict=True):
            at = 1_600_000_000 + int(day) * DAY
            rows.append((f"u{user:03d}", f"f{film:02d}", "films", at))
    log = pd.DataFrame(rows, columns=["user_id", "item_id", "scenario", "timestamp"])
    words = ("space rocket stars", "garden flowers soil", "kitchen bread oven")
    items = pd.DataFrame(
        [
            (f"{kind}{at:02d}", name, f"{words[at % 3]} {kind}{at:02d}")
            for kind, name in (("g", "groceries"), ("f", "films"))
            for at in range(24)
        ],
        columns=["item_id", "scenario", "title"],
    )
    found = {"interactions": folder / "log.csv", "items": folder / "items.csv"}
    log.to_csv(found["interactions"], index=False)
    items.to_csv(found["items"], index=False)
    return found


def _odds(taste: int) -> np.ndarray:
    odds = np.where(np.arange(24) % 3 == taste, 8.0, 1.0)
    return odds / odds.sum()
