"""One product under two ids in two scenarios: the other scenario gives the answer away.

Source: method page §3 "twins". Two signs, each enough alone: nearly the same users, far beyond
chance; or one normalised title that names a single item in each of the two scenarios.
"""

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from crossrec.data.audit.facts import Facts
from crossrec.data.audit.similar import SimilarSets, bar, common_members, similar_sets, surprise
from crossrec.data.audit.titles import title_key
from crossrec.data.catalog import Catalog

SAME_USERS = 0.5
"""Jaccard similarity of the users from which on two items may be one."""
LEAST_USERS = 4
"""Fewer common users than this prove nothing."""
SATURATED = 0.5
"""Where more than this share of all user-item pairs is filled, equal users prove nothing."""
KIND = 2
"""A title that more items of one scenario have is that of a kind, not of a product."""


@dataclass(frozen=True)
class Twins:
    """Pairs of items, each pair once.

    Attributes:
        item, twin: item codes of the log, shape (p,), int64; ``item != twin``.
        scenario, twin_scenario: where each was found, shape (p,), int64, never equal.
        by_users, by_title: which signs were there, shape (p,), bool.
        jaccard: common users / users of either, shape (p,), float64.
    """

    item: np.ndarray
    twin: np.ndarray
    scenario: np.ndarray
    twin_scenario: np.ndarray
    by_users: np.ndarray
    by_title: np.ndarray
    jaccard: np.ndarray

    def __len__(self) -> int:
        return len(self.item)

    def id_pairs(self, ids: np.ndarray) -> tuple[tuple[str, str], ...]:
        """The pairs as outside ids, sorted, for :func:`crossrec.data.split.split`."""
        pairs = zip(ids[self.item].tolist(), ids[self.twin].tolist(), strict=True)
        return tuple(sorted({(min(pair), max(pair)) for pair in pairs}))


def find_twins(facts: Facts, catalog: Catalog | None = None, *, seed: int = 0) -> Twins:
    """All twins of a log.

    Args:
        facts: the log.
        catalog: titles, if known.
        seed: of the hashes.
    """
    items, scenarios = facts.places
    by_users = _same_users(facts, seed)
    by_title = _same_title(facts, catalog)
    n = max(len(items), 1)
    users_key = by_users.first * n + by_users.second
    keys = np.union1d(users_key, by_title)
    first, second = keys // n, keys % n
    jaccard = np.zeros(len(keys))
    jaccard[np.searchsorted(keys, users_key)] = by_users.jaccard
    missing = np.flatnonzero(~np.isin(keys, users_key))
    common = common_members(facts.audiences, first[missing], second[missing])
    sizes = np.diff(facts.audiences.indptr)
    either = sizes[first[missing]] + sizes[second[missing]] - common
    jaccard[missing] = common / np.maximum(either, 1)
    return Twins(
        item=items[first],
        twin=items[second],
        scenario=scenarios[first],
        twin_scenario=scenarios[second],
        by_users=np.isin(keys, users_key),
        by_title=np.isin(keys, by_title),
        jaccard=jaccard,
    )


def products(n_items: int, item: np.ndarray, twin: np.ndarray) -> np.ndarray:
    """The product of every item, shape (n_items,), int32: twins, and twins of twins, share one."""
    links = sparse.coo_array((np.ones(len(item), bool), (item, twin)), shape=(n_items, n_items))
    return connected_components(links, directed=False)[1].astype(np.int32)


def _same_users(facts: Facts, seed: int) -> SimilarSets:
    """Pairs of places of two scenarios with nearly the same users, beyond chance."""
    items, scenarios = facts.places
    audiences = facts.audiences
    sizes = np.diff(audiences.indptr)
    # Common users of two scenarios' items have rows in both: count those users alone.
    meets = (facts.user_in.sum(axis=1) > 1).astype(np.float32)
    bridge = audiences @ meets
    filled = sizes / np.maximum(facts.user_in.sum(axis=0)[scenarios], 1)
    worth = (bridge >= LEAST_USERS) & (bridge >= SAME_USERS * sizes) & (filled < SATURATED)
    rows = np.flatnonzero(worth)
    found = similar_sets(
        audiences[rows],
        threshold=SAME_USERS,
        least=LEAST_USERS,
        group=scenarios[rows],
        seed=seed,
    )
    found = SimilarSets(rows[found.first], rows[found.second], found.common, found.jaccard)
    found = found.select(items[found.first] != items[found.second])
    return found.select(_beyond_chance(facts, found))


def _beyond_chance(facts: Facts, found: SimilarSets) -> np.ndarray:
    """Which pairs share more users than active users do by chance, shape (p,), bool."""
    user, _, scenario = facts.triples
    scenarios = facts.places[1]
    items_in = facts.item_in.sum(axis=0).astype(np.float64)
    beyond = np.zeros(len(found), dtype=bool)
    for place in np.unique(scenarios[found.second]):
        here = np.flatnonzero(scenarios[found.second] == place)
        degree = np.bincount(user[scenario == place], minlength=len(facts.log.users))
        tried = items_in[scenarios[found.first[here]]] * items_in[place]
        beyond[here] = surprise(facts.audiences, found.select(here), degree) > bar(tried)
    return beyond


def _same_title(facts: Facts, catalog: Catalog | None) -> np.ndarray:
    """Keys ``first * p + second`` of places of two scenarios whose items have one title."""
    if catalog is None or not len(catalog):
        return np.zeros(0, dtype=np.int64)
    items, scenarios = facts.places
    codes = catalog.items.codes(facts.log.items.ids)
    keys = [title_key(str(catalog.title[code])) if code >= 0 else "" for code in codes.tolist()]
    groups: dict[str, list[int]] = defaultdict(list)
    for place, item in enumerate(items.tolist()):
        if keys[item]:
            groups[keys[item]].append(place)
    found = [
        one * len(items) + other
        for group in groups.values()
        if len(group) > 1 and np.bincount(scenarios[group]).max() <= KIND
        for at, one in enumerate(group)
        for other in group[at + 1 :]
        if scenarios[one] != scenarios[other] and items[one] != items[other]
    ]
    return np.array(sorted(found), dtype=np.int64)
