"""Would user profiles U(u) help? A ridge from profile to items, beside popularity.

    python -m bench.profiles [--sets demo sample survey] [--seed 0]

The strength is chosen on validation users; the gain in NDCG@10 over popularity alone is that of
test users, with its 95 % interval. The engine takes no profiles as long as this says that they add
nothing sure to what even the weakest model knows.
"""

import argparse
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd

from bench.quality.sets import SETS, cut, load, present
from crossrec.data.history import Histories
from crossrec.data.reading.readers import read_users
from crossrec.data.users import UserTable
from crossrec.transfer import judges
from crossrec.transfer.popularity import unit_popularity
from crossrec.transfer.preference import per_spread, spread
from crossrec.transfer.weights import interactions

CACHE = Path("~/.cache/crossrec-bench").expanduser()
PENALTIES, WEIGHTS = (30.0, 300.0), (0.0, 0.1, 0.3, 1.0)
MOST_VALUES = 40
"""A column with more values than this is a number or a text, not a band."""
MOST_USERS = 2_000


def one_hot(table: UserTable, users: np.ndarray) -> np.ndarray:
    """Profile columns with few values as centred indicators, shape (m, d_u), float32."""
    code = table.users.codes(users)
    found = []
    for column in table.attributes.values():
        values = pd.Series(column).astype(str)
        if values.nunique() <= MOST_VALUES:
            told = pd.get_dummies(values).to_numpy(np.float32)
            found.append(np.where((code >= 0)[:, None], told[np.maximum(code, 0)], 0))
    every = np.concatenate(found, axis=1)
    return every - every.mean(0)


class ProfileJudge:
    """Users of one target with held-out items: popularity with and without their profiles."""

    def __init__(self, known: Histories, held: Histories, target: int, profile: np.ndarray) -> None:
        self.histories, self.target = known, target
        self.seen, self.held = known.by_scenario[target], held.by_scenario[target]
        self.popularity, self.profile = unit_popularity(known, target), profile
        x = interactions(self.seen)
        active = np.diff(x.indptr) > 0
        y = x[active].toarray()
        self.known, self.wanted = profile[active], y - y.mean(0)

    def users(self, *, cold: bool) -> np.ndarray:
        """At most :data:`MOST_USERS` with held-out items, without or with a history here."""
        has_history = np.diff(self.seen.indptr) > 0
        wanted = (np.diff(self.held.indptr) > 0) & (has_history != cold)
        return np.flatnonzero(wanted)[:MOST_USERS]

    def ndcg(self, users: np.ndarray, penalty: float, weight: float) -> np.ndarray:
        """NDCG@10 of popularity plus ``weight`` times the profile's ridge at unit spread."""
        gram = self.known.T @ self.known + penalty * np.eye(self.known.shape[1])
        scores = self.profile[users] @ np.linalg.solve(gram, self.known.T @ self.wanted)
        scores = self.popularity + weight * per_spread(spread(scores)) * scores
        asked = self.histories.take(users)
        return judges.Judge(self.target, asked, self.seen[users], self.held[users]).ndcg(scores)


def main() -> int:
    """Print a line per set, target and cohort."""
    parser = argparse.ArgumentParser(prog="python -m bench.profiles")
    parser.add_argument("--sets", nargs="+", default=["demo", "sample", "survey"], choices=SETS)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    print("set scenario cohort users popularity gain low high")
    for one in present(given.sets, CACHE):
        split = cut(one, load(one, CACHE, with_text=False), given.seed)
        table = read_users(one.files(CACHE).users)
        before = Histories.from_log(split.train, split.space)
        valid = Histories.from_log(split.valid, split.space, before.users.ids)
        after = split.histories()
        test = Histories.from_log(split.test, split.space, after.users.ids)
        for target, name in enumerate(split.space.scenarios.ids):
            choosing = ProfileJudge(before, valid, target, one_hot(table, before.users.ids))
            judging = ProfileJudge(after, test, target, one_hot(table, after.users.ids))
            for cohort in ("cold", "warm"):
                few = choosing.users(cold=cohort == "cold")
                choosers = few if len(few) >= 30 else choosing.users(cold=False)
                users = judging.users(cold=cohort == "cold")
                if not len(users) or not len(choosers):
                    continue
                best = max(
                    product(PENALTIES, WEIGHTS), key=lambda s: choosing.ndcg(choosers, *s).mean()
                )
                base = judging.ndcg(users, PENALTIES[0], 0.0)
                gain = judging.ndcg(users, *best) - base
                half = 1.96 * gain.std() / len(gain) ** 0.5
                print(
                    f"{one.name} {name} {cohort} {len(users)} {base.mean():.4f} "
                    f"{gain.mean():+.4f} {gain.mean() - half:+.4f} {gain.mean() + half:+.4f}"
                )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
