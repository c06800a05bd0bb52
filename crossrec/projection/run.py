"""The map of a run: where its items and users stand, and how much its scenarios mix."""

from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse

from crossrec.data.catalog import Catalog
from crossrec.data.history import Histories
from crossrec.data.space import ItemSpace
from crossrec.language.table import FeatureTable, unit_rows
from crossrec.progress import Progress, silent
from crossrec.projection.clusters import cluster_words, clusters_of
from crossrec.projection.layout import project
from crossrec.projection.mixing import mixing_score
from crossrec.schema import ITEM, SCENARIO, USER

MAX_USERS = 20_000
"""Users drawn, at most: a seeded sample of those with history."""
NAMED_BY = 50_000
"""Titles the names of clusters are taken from, at most."""
IN_SPACE = ["x3", "y3", "z3"]
"""Columns of the places in three dimensions."""


def project_run(
    space: ItemSpace,
    histories: Histories,
    features: FeatureTable,
    *,
    catalog: Catalog | None = None,
    seed: int = 0,
    max_users: int = MAX_USERS,
    progress: Progress = silent,
) -> tuple[pd.DataFrame, pd.DataFrame, dict[str, Any]]:
    """The map of a run: items by their text vectors, users by what they took, on one plane.

    A user has one point per scenario with history: the weighted mean of the text vectors of
    H(u,s), the language feature L(u,s) of method page §1. Items without text have no place.

    Args:
        space: the candidates of every scenario.
        histories: whose users are drawn; above ``max_users`` a seeded sample of those with history.
        features: text vectors of the items.
        catalog: whose titles name the clusters.
        seed: of sample and layout.
        max_users: users drawn at most.
        progress: told of phase "map".

    Returns:
        ``items`` (item_id, scenario, x, y, count = users who took it there, x3, y3, z3 = its place
        in three dimensions, cluster), ``users`` (user_id, scenario, x, y, count = history items
        there, x3, y3, z3, cluster = that of the items nearest to the user's mean), and ``info``:
        ``neighbour_preservation``, ``mixing``, ``mixing_low``, ``mixing_high``, ``mixing_chance``,
        ``mixing_n`` of items, the same of users as ``users_mixing...`` (None where not defined),
        ``items_without_text``, ``users_drawn``, ``users_total``, and ``clusters``: the words that
        set each cluster apart, the largest cluster first.
    """
    items, item_vectors, bare = _item_points(space, histories, features)
    active = np.flatnonzero(histories.counts().sum(axis=1))
    drawn = active
    if len(active) > max_users:
        drawn = np.sort(np.random.default_rng(seed).choice(active, max_users, replace=False))
    users, user_vectors = _user_points(space, histories.take(drawn), features)

    vectors = np.concatenate([item_vectors, user_vectors])
    places = project(vectors, seed=seed, space=True, progress=progress)
    clusters = clusters_of(item_vectors, user_vectors, seed=seed)
    for frame, mine, found in (
        (items, slice(None, len(items)), clusters[0]),
        (users, slice(len(items), None), clusters[1]),
    ):
        frame[["x", "y"]] = places.xy[mine]
        frame[IN_SPACE] = places.xyz[mine] if places.xyz is not None else np.nan
        frame["cluster"] = found
    info: dict[str, Any] = {
        "neighbour_preservation": _or_none(places.neighbour_preservation),
        **_mixing("mixing", item_vectors, items, seed),
        **_mixing("users_mixing", user_vectors, users, seed),
        "items_without_text": bare,
        "users_drawn": len(drawn),
        "users_total": len(active),
        "clusters": _named(items, catalog),
    }
    columns = [SCENARIO, "x", "y", "count", *IN_SPACE, "cluster"]
    return items.loc[:, [ITEM, *columns]], users.loc[:, [USER, *columns]], info


def _named(items: pd.DataFrame, catalog: Catalog | None) -> list[list[str]]:
    """The words of every cluster; none without titles."""
    numbers = items["cluster"].to_numpy()
    count = int(numbers.max()) + 1 if len(numbers) else 0
    if catalog is None or not len(catalog):
        return [[] for _ in range(count)]
    sample = items.sample(min(len(items), NAMED_BY), random_state=0)
    ids = sample[ITEM].to_numpy(dtype=object)
    codes = catalog.items.codes(ids)
    titles = np.where(codes >= 0, catalog.title[codes], "")
    words = cluster_words(titles.tolist(), sample["cluster"].to_numpy())
    return [list(words.get(number, ())) for number in range(count)]


def _mixing(name: str, vectors: np.ndarray, points: pd.DataFrame, seed: int) -> dict[str, Any]:
    found = mixing_score(vectors, points[SCENARIO].to_numpy(), seed=seed)
    return {
        name: _or_none(found.share),
        f"{name}_low": _or_none(found.low),
        f"{name}_high": _or_none(found.high),
        f"{name}_chance": _or_none(found.chance),
        f"{name}_n": found.n,
    }


def _item_points(
    space: ItemSpace, histories: Histories, features: FeatureTable
) -> tuple[pd.DataFrame, np.ndarray, int]:
    """A row and a unit vector per item and scenario; how many items have no text."""
    frames, vectors, bare = [], [np.zeros((0, features.dim), dtype=np.float32)], 0
    for scenario, name in enumerate(space.scenarios.ids):
        ids = space.ids(scenario)
        mine = unit_rows(features.rows(ids))
        told = mine.any(axis=1)
        takers = np.bincount(histories.by_scenario[scenario].indices, minlength=len(ids))
        frames.append(
            pd.DataFrame({ITEM: ids[told], SCENARIO: name, "count": takers[told].astype(np.int64)})
        )
        vectors.append(mine[told])
        bare += int((~told).sum())
    return pd.concat(frames, ignore_index=True), np.concatenate(vectors), bare


def _user_points(
    space: ItemSpace, histories: Histories, features: FeatureTable
) -> tuple[pd.DataFrame, np.ndarray]:
    """One row and one unit vector per user and scenario with at least one item that has text."""
    frames, vectors = [], [np.zeros((0, features.dim), dtype=np.float32)]
    counts = histories.counts()
    for scenario, name in enumerate(space.scenarios.ids):
        taken = unit_rows(features.rows(space.ids(scenario)))
        mean = unit_rows(sparse.csr_array(histories.by_scenario[scenario]) @ taken)
        here = mean.any(axis=1)
        frames.append(
            pd.DataFrame(
                {USER: histories.users.ids[here], SCENARIO: name, "count": counts[here, scenario]}
            )
        )
        vectors.append(mean[here].astype(np.float32))
    return pd.concat(frames, ignore_index=True), np.concatenate(vectors)


def _or_none(value: float) -> float | None:
    """JSON has no NaN."""
    return None if np.isnan(value) else float(value)
