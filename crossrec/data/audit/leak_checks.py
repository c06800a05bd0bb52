"""The audit's rules on leakage: rows that give the answer to other rows away.

Source: method page §3 "Audit before training".
"""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from crossrec.data.audit.facts import Facts
from crossrec.data.audit.findings import EXAMPLES, Finding, Severity
from crossrec.data.audit.similar import SimilarSets, bar, similar_sets, surprise
from crossrec.data.audit.twins import Twins, products
from crossrec.data.catalog import Catalog
from crossrec.data.log import InteractionLog
from crossrec.schema import ITEM, SCENARIO, TITLE, USER

NESTED = 0.95
"""Share of a scenario's user-item pairs that stand in another one too: one implies the other."""
RENAMED = 0.5
"""Share of a scenario's items with a twin from which on its pairs are compared through twins."""
FEW = 0.01
"""Twins below this share of a scenario's items, or of all users, change little."""
SAME_HISTORY = 0.8
LEAST_ITEMS = 8
"""Two users are one (or one is a copy) if their items are this similar and this many in common."""
KNOWN_TEST = 0.01
"""Share of test rows that stand in the training rows from which on a test is worth nothing."""


def nested_pairs(facts: Facts, twins: Twins) -> list[tuple[int, int, int, int]]:
    """Behaviours that imply another: (inner, outer, common pairs, own pairs) of scenario codes.

    Where most items of a scenario have a twin, ids differ by scenario ("play-17", "buy-17"): twins
    then count as one item.
    """
    found = _nested(facts.common_pairs)
    if len(twins) and not found:
        paired = np.bincount(
            np.concatenate([twins.scenario, twins.twin_scenario]), minlength=len(facts.names)
        )
        if (paired >= RENAMED * np.maximum(facts.item_in.sum(axis=0), 1)).any():
            product = products(len(facts.log.items), twins.item, twins.twin)
            merged = replace(facts.log, item=product[facts.log.item])
            found = _nested(Facts(merged).common_pairs)
    return found


def _nested(common: np.ndarray) -> list[tuple[int, int, int, int]]:
    own = common.diagonal()
    inside = (common >= NESTED * own[:, None]) & (own[:, None] > 0) & (own[:, None] <= own)
    return [
        (int(inner), int(outer), int(common[inner, outer]), int(own[inner]))
        for inner, outer in np.argwhere(inside & ~np.eye(len(own), dtype=bool))
    ]


def check_nested(facts: Facts, pairs: list[tuple[int, int, int, int]]) -> Iterator[Finding]:
    """One finding per nested behaviour."""
    for inner, outer, common, own in pairs:
        name, other = facts.names[inner], facts.names[outer]
        yield Finding(
            "nested_behaviour",
            Severity.WARNING,
            name,
            common,
            {"share": common / own, "outer": other},
            ({SCENARIO: name, "inside": other},),
        )


def check_twins(facts: Facts, twins: Twins, catalog: Catalog | None) -> Iterator[Finding]:
    """One finding per scenario with twins, and how each was recognised."""
    ids, names = facts.log.items.ids, facts.names
    for code, name in enumerate(names):
        ahead, back = twins.scenario == code, twins.twin_scenario == code
        count = len(np.unique(np.concatenate([twins.item[ahead], twins.twin[back]])))
        if not count:
            continue
        at = np.flatnonzero(ahead | back)
        at = at[np.argsort(-twins.jaccard[at], kind="stable")]
        yield Finding(
            "twins",
            Severity.WARNING if count > FEW * len(facts.items[code]) else Severity.INFO,
            name,
            count,
            {
                "by_users": int(twins.by_users[at].sum()),
                "by_title": int(twins.by_title[at].sum()),
            },
            tuple(_twin_example(facts, twins, catalog, ids, one, code) for one in at[:EXAMPLES]),
        )


def _twin_example(
    facts: Facts, twins: Twins, catalog: Catalog | None, ids: np.ndarray, at: int, scenario: int
) -> dict[str, object]:
    pair = [(twins.item[at], twins.scenario[at]), (twins.twin[at], twins.twin_scenario[at])]
    (item, _), (twin, place) = pair if twins.scenario[at] == scenario else pair[::-1]
    told: dict[str, object] = {}
    if catalog is not None:
        told[TITLE] = str(catalog.titles_of(ids[[item]])[0])[:100]
    return told | {
        ITEM: ids[item],
        "twin": ids[twin],
        "twin_scenario": facts.names[place],
        "same_users": f"{twins.jaccard[at]:.0%}",
    }


def check_copies(facts: Facts, *, seed: int = 0) -> Iterator[Finding]:
    """Users whose history is another user's: a row held out for one is a row to learn from."""
    found = _copied_users(facts, seed)
    if not len(found):
        return
    copies = np.unique(np.concatenate([found.first, found.second]))
    users = int(facts.user_in.any(axis=1).sum())
    ids = facts.log.users.ids
    best = np.argsort(-found.common, kind="stable")[:EXAMPLES]
    yield Finding(
        "train_test_leak.copies",
        Severity.WARNING if len(copies) > FEW * users else Severity.INFO,
        "",
        len(copies),
        examples=tuple(
            {
                USER: ids[found.first[at]],
                "twin": ids[found.second[at]],
                "items": int(found.common[at]),
            }
            for at in best
        ),
    )


def _copied_users(facts: Facts, seed: int) -> SimilarSets:
    filled = facts.common_pairs.diagonal().sum() / max(
        float(facts.user_in.sum(axis=0) @ facts.item_in.sum(axis=0)), 1.0
    )
    if filled > RENAMED:  # where everybody has nearly everything, all are alike
        none = np.zeros(0, dtype=np.int64)
        return SimilarSets(none, none, none, none.astype(np.float64))
    histories = facts.audiences.T.tocsr()
    found = similar_sets(histories, threshold=SAME_HISTORY, least=LEAST_ITEMS, seed=seed)
    degree = np.diff(facts.audiences.indptr)
    n = float(histories.shape[0])
    return found.select(surprise(histories, found, degree) > bar(n * n))


def check_held_out(
    train: InteractionLog, test: InteractionLog, twins: tuple[tuple[str, str], ...] = ()
) -> Iterator[Finding]:
    """Test rows whose user has the same item, or its twin, in the training rows.

    Args:
        train: what is learnt from.
        test: what is judged on; its id maps may be others.
        twins: pairs of item ids that are one product.
    """
    known = train.items.union(test.items.ids)
    people = train.users.union(test.users.ids)
    codes = known.codes(np.asarray(twins, dtype=object).reshape(-1)).reshape(-1, 2)
    codes = codes[(codes >= 0).all(axis=1)]
    product = products(len(known), codes[:, 0], codes[:, 1])

    def keys(log: InteractionLog) -> np.ndarray:
        user = people.codes(log.users.ids)[log.user].astype(np.int64)
        return user * len(known) + product[known.codes(log.items.ids)][log.item]

    leaked = np.isin(keys(test), keys(train))
    count = int(leaked.sum())
    if not count:
        return
    at = np.flatnonzero(leaked)[:EXAMPLES]
    yield Finding(
        "train_test_leak",
        Severity.BLOCKER if count > KNOWN_TEST * len(test) else Severity.WARNING,
        "",
        count,
        {"rows": len(test)},
        tuple(
            {
                USER: test.users.ids[test.user[row]],
                ITEM: test.items.ids[test.item[row]],
                SCENARIO: test.scenarios.ids[test.scenario[row]],
            }
            for row in at
        ),
    )
