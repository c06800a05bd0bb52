"""The user–item–attribute graph: items of all scenarios that share an attribute are linked.

A user is linked to the items of the history, an item to its trusted attributes. What connects two
scenarios is found by :meth:`AttributeGraph.bridges`; why an item may suit a user, step by step,
by :meth:`AttributeGraph.paths`. Source: 004 §3.2 step 4 (knowledge extraction), 000 (knowledge
graph).

How to use it::

    from crossrec.language.graph import AttributeGraph

    graph = AttributeGraph.of(log, attributes)      # attributes: long, as AttributeTable.to_frame()
    graph.bridges("food", "kitchen")                # which attributes connect two scenarios
    graph.all_bridges()                             # the same for every two scenarios
    graph.paths({"f1": 1.0, "f7": 0.5}, "k3")       # history item -> attribute -> item, weighted
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import sparse

from crossrec.data.ids import IdMap
from crossrec.data.log import InteractionLog
from crossrec.errors import UnknownId
from crossrec.language.attributes import CONFIDENCE, FACET, TRUSTED, VALUE, trusted
from crossrec.schema import ITEM, WEIGHT

BRIDGE_COLUMNS = (FACET, VALUE, "source_items", "target_items", "users", "expected", "lift")
BETWEEN_COLUMNS = ("source", "target", *BRIDGE_COLUMNS)
PATH_COLUMNS = (ITEM, FACET, VALUE, WEIGHT)
LEAST_USERS = 5
"""A bridge that fewer people have crossed says nothing about others, and too much about them."""

_PER_ITEM = 3  # paths kept from one history item


@dataclass(frozen=True)
class AttributeGraph:
    """Items and their attributes, users and their items, per scenario.

    Attributes:
        items: item ids, n of them.
        attributes: columns ``facet, value``, one row per attribute, a of them.
        links: item to attribute, shape (n, a), float32: the confidence.
        scenarios: scenario names, S of them.
        member: which items a scenario holds, shape (S, n), boolean.
        used: per scenario which attributes each user's items have, shape (m, a), boolean CSR.
        users: user ids, m of them.
    """

    items: IdMap
    attributes: pd.DataFrame
    links: sparse.csr_array
    scenarios: IdMap
    member: np.ndarray
    used: tuple[sparse.csr_array, ...]
    users: IdMap

    @classmethod
    def of(
        cls,
        log: InteractionLog,
        attributes: pd.DataFrame,
        *,
        listed: Mapping[str, np.ndarray] | None = None,
        least: float = TRUSTED,
    ) -> "AttributeGraph":
        """Build the graph.

        Args:
            log: whose rows link users to items; give the training rows only where anything is
                judged by it later.
            attributes: long, columns ``item_id, facet, value, confidence``; several tables may be
                put below each other. Unknown values ("") link nothing.
            listed: scenario -> ids of items that belong to it though nobody has used them.
            least: confidence an attribute must have.
        """
        kept = trusted(attributes, least)
        names = pd.DataFrame(kept[[FACET, VALUE]].drop_duplicates())
        names = names.sort_values(by=[FACET, VALUE])
        names = names.reset_index(drop=True)
        place = kept[[FACET, VALUE]].merge(names.reset_index(), on=[FACET, VALUE], how="left")
        listed = listed or {}
        items = log.items.union([*kept[ITEM], *(item for ids in listed.values() for item in ids)])
        row = items.codes(kept[ITEM].to_numpy())
        links = sparse.csr_array(
            (kept[CONFIDENCE].to_numpy(np.float32), (row, place["index"].to_numpy())),
            shape=(len(items), len(names)),
        )
        code = items.codes(log.items.ids)[log.item]
        member = np.zeros((len(log.scenarios), len(items)), dtype=bool)
        member[log.scenario, code] = True
        for name, ids in listed.items():
            if name in log.scenarios:
                member[log.scenarios.code(name, "scenario"), items.codes(ids)] = True
        used = []
        for scenario in range(len(log.scenarios)):
            mine = log.scenario == scenario
            held = sparse.csr_array(
                (np.ones(mine.sum(), dtype=np.float32), (log.user[mine], code[mine])),
                shape=(len(log.users), len(items)),
            )
            used.append(sparse.csr_array(held @ links) > 0)
        return cls(items, names, links, log.scenarios, member, tuple(used), log.users)

    @property
    def weight(self) -> np.ndarray:
        """How telling an attribute is: log(n / its items), shape (a,); 0 if all items have it."""
        counts = np.bincount(self.links.indices, minlength=len(self.attributes))
        return np.log(max(len(self.items), 1) / np.maximum(counts, 1)).astype(np.float32)

    def bridges(
        self, source: str, target: str, k: int = 20, *, least_users: int = LEAST_USERS
    ) -> pd.DataFrame:
        """Which attributes connect two scenarios.

        Args:
            source: name of one scenario.
            target: name of the other.
            k: how many.
            least_users: people who must have crossed.

        Returns:
            Columns :data:`BRIDGE_COLUMNS`, the most telling first: items with the attribute on
            either side; ``users`` with such items on both sides; how many were ``expected`` if the
            two sides had nothing to do with each other, among users of both scenarios; and
            ``lift = users / expected``. Ordered by (users - expected) / sqrt(expected).

        Raises:
            UnknownId: no such scenario.
        """
        s, t = (self.scenarios.code(name, "scenario") for name in (source, target))
        counts = sparse.csr_array(self.links > 0, dtype=np.float32)
        n_source, n_target = (np.asarray(self.member[at] @ counts).ravel() for at in (s, t))
        both = np.flatnonzero(
            (np.diff(self.used[s].indptr) > 0) & (np.diff(self.used[t].indptr) > 0)
        )
        left, right = self.used[s][both].astype(np.float32), self.used[t][both].astype(np.float32)
        users = np.asarray(left.multiply(right).sum(axis=0)).ravel()
        sides = [np.asarray(side.sum(axis=0)).ravel() for side in (left, right)]
        expected = sides[0] * sides[1] / max(len(both), 1)
        some = np.maximum(expected, 1e-9)
        order = np.argsort(-(users - expected) / np.sqrt(some), kind="stable")
        keep = [at for at in order if users[at] >= least_users and n_source[at] and n_target[at]]
        found = self.attributes.iloc[keep[:k]].reset_index(drop=True)
        columns = (n_source.astype(int), n_target.astype(int), users.astype(int), expected)
        for name, column in zip(BRIDGE_COLUMNS[2:], (*columns, users / some), strict=True):
            found[name] = column[keep[:k]]
        return found

    def all_bridges(
        self, k: int = 20, *, least_users: int = LEAST_USERS, pairs: int | None = None
    ) -> pd.DataFrame:
        """:meth:`bridges` of every two scenarios, in their order.

        Args:
            k: how many of each pair.
            least_users: people who must have crossed.
            pairs: look at so many pairs only, those with the most users in common.

        Returns:
            Columns :data:`BETWEEN_COLUMNS`; a pair once, since crossing has no direction.
        """
        names = self.scenarios.ids
        people = [np.flatnonzero(np.diff(one.indptr)) for one in self.used]
        row = np.repeat(np.arange(len(people)), [len(one) for one in people])
        column = np.concatenate([*people, np.zeros(0, dtype=np.int64)])
        held = sparse.csr_array(
            (np.ones(len(row)), (row, column)), shape=(len(people), len(self.users))
        )
        common = np.triu((held @ held.T).toarray(), 1)
        chosen = np.argwhere(common >= least_users)
        if pairs is not None and len(chosen) > pairs:
            most = np.argsort(-common[tuple(chosen.T)], kind="stable")[:pairs]
            chosen = chosen[np.sort(most)]
        parts = []
        for source, target in chosen.tolist():
            found = self.bridges(names[source], names[target], k, least_users=least_users)
            found.insert(0, "source", names[source])
            found.insert(1, "target", names[target])
            parts.append(found)
        parts = [one for one in parts if len(one)]
        return pd.concat(parts, ignore_index=True) if parts else _empty(BETWEEN_COLUMNS)

    def paths(self, history: Mapping[str, float], item: str, k: int = 10) -> pd.DataFrame:
        """From a history, over shared attributes, to an item.

        Args:
            history: item id -> strength; items the graph does not know are left out, and so are
                dislikes (strength 0 or below).
            item: the recommended item.
            k: how many paths, at most three from one history item.

        Returns:
            Columns :data:`PATH_COLUMNS`: history item, facet, value, weight; strongest first. The
            weight is strength * confidence there * confidence here * how telling the attribute is,
            as a share of the sum over *all* paths to this item.

        Raises:
            UnknownId: the graph does not know the item.
        """
        code = self.items.code(item, "item")
        known = {each: strength for each, strength in history.items() if strength > 0}
        ids = np.array([each for each in known if each in self.items and each != item], object)
        if not len(ids):
            return _empty(PATH_COLUMNS)
        here = self.links[[code]].multiply(self.weight[None, :])
        strength = np.array([known[each] for each in ids], dtype=np.float32)
        there = self.links[self.items.codes(ids)].multiply(strength[:, None])
        weights = sparse.coo_array(there.multiply(here.toarray()))
        total = float(weights.sum())
        if total <= 0:
            return _empty(PATH_COLUMNS)
        found = self.attributes.iloc[weights.coords[1]].reset_index(drop=True)
        found.insert(0, ITEM, ids[weights.coords[0]])
        found[WEIGHT] = np.asarray(weights.data, dtype=np.float64) / total
        found = found[found[WEIGHT] > 0].sort_values(WEIGHT, ascending=False, kind="stable")
        return found.groupby(ITEM, sort=False).head(_PER_ITEM).head(k).reset_index(drop=True)

    def of_item(self, item: str) -> pd.DataFrame:
        """The trusted attributes of an item: columns ``facet, value, confidence``.

        Raises:
            UnknownId: the graph does not know the item.
        """
        row = self.links[[self.items.code(item, "item")]].tocoo()
        found = self.attributes.iloc[row.coords[1]].reset_index(drop=True)
        return found.assign(**{CONFIDENCE: row.data})

    def items_of(self, facet: str, value: str, scenario: str | None = None) -> np.ndarray:
        """Ids of the items with an attribute, most certain first.

        Raises:
            UnknownId: the attribute or the scenario is not known.
        """
        rows = self.attributes
        at = np.flatnonzero((rows[FACET] == facet) & (rows[VALUE] == value))
        if not len(at):
            known = [f"{one}: {other}" for one, other in zip(rows[FACET], rows[VALUE], strict=True)]
            raise UnknownId.of("attribute", f"{facet}: {value}", known)
        column = self.links[:, at].toarray().ravel()
        if scenario is not None:
            column = column * self.member[self.scenarios.code(scenario, "scenario")]
        order = np.argsort(-column, kind="stable")
        return self.items.ids[order[column[order] > 0]]


def _empty(columns: Sequence[str]) -> pd.DataFrame:
    return pd.DataFrame({name: pd.Series(dtype=object) for name in columns})
