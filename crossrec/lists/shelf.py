"""What is known about the items of one scenario, as re-ranking and its figures need it."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from crossrec.data.audit.titles import title_key
from crossrec.data.audit.twins import products
from crossrec.data.catalog import Catalog
from crossrec.data.history import Histories
from crossrec.data.space import ItemSpace
from crossrec.language.table import FeatureTable, unit_rows
from crossrec.schema import CATEGORY

NO_CATEGORY = -1


@dataclass(frozen=True)
class Shelf:
    """What is known about the n items of one scenario, in local order.

    Attributes:
        scenario: its code.
        ids: shape (n,).
        vectors: unit rows whose cosine is likeness, shape (n, d), float32; a zero row is like none.
        category: code of each item, shape (n,), :data:`NO_CATEGORY` where unknown.
        categories: names by code.
        product: number of each item's product, shape (n,); items of one number are one product.
        owned: product numbers of the items of every scenario, in local order: what a user has
            anywhere as products.
        popularity: share of users with the item, shape (n,), in [0, 1].
    """

    scenario: int
    ids: np.ndarray
    vectors: np.ndarray
    category: np.ndarray
    categories: tuple[str, ...]
    product: np.ndarray
    owned: tuple[np.ndarray, ...]
    popularity: np.ndarray

    def __len__(self) -> int:
        return len(self.ids)

    @classmethod
    def of(
        cls,
        space: ItemSpace,
        scenario: str,
        *,
        histories: Histories,
        catalog: Catalog | None = None,
        features: FeatureTable | None = None,
        twins: Iterable[tuple[str, str]] = (),
    ) -> "Shelf":
        """Put it together; made once per run and scenario.

        Items are one product if their titles are equal but for case, accents and marks, or if the
        audit found them to be twins.

        Args:
            space: the candidates.
            scenario: name.
            histories: of all users, for popularity.
            catalog: titles and categories.
            features: text vectors; without them items are alike by category alone.
            twins: pairs of item ids that are one product.

        Raises:
            UnknownId: the scenario is not known.
        """
        code = space.scenarios.code(scenario, "scenario")
        ids = space.ids(code)
        category, names = _categories(catalog, ids)
        product = _products(space, catalog, twins)
        users = max(len(histories), 1)
        held = np.bincount(histories.by_scenario[code].indices, minlength=len(ids))
        return cls(
            code,
            ids,
            _vectors(ids, category, names, features),
            category,
            names,
            product[space.members[code]],
            tuple(product[members] for members in space.members),
            held / users,
        )

    def mix(self, items: np.ndarray) -> np.ndarray:
        """Share of each category among local items, shape (K,); zeros where none is known."""
        kinds = self.category[items]
        counts = np.bincount(kinds[kinds >= 0], minlength=len(self.categories))
        return counts / max(counts.sum(), 1)

    def known_products(self, one: Histories) -> np.ndarray:
        """Local items of which a single user has the product, here or in another scenario."""
        have = [numbers[m.indices] for numbers, m in zip(self.owned, one.by_scenario, strict=True)]
        return np.flatnonzero(np.isin(self.product, np.concatenate(have)))


def _categories(catalog: Catalog | None, ids: np.ndarray) -> tuple[np.ndarray, tuple[str, ...]]:
    column = None if catalog is None else catalog.attributes.get(CATEGORY)
    if catalog is None or column is None or column.dtype.kind == "f":
        return np.full(len(ids), NO_CATEGORY), ()
    codes = catalog.items.codes(ids)
    labels = np.where(codes >= 0, column[codes], "").astype(str)
    names, found = np.unique(labels, return_inverse=True)
    if len(names) and names[0] == "":
        return found - 1, tuple(names[1:].tolist())
    return found, tuple(names.tolist())


def _products(
    space: ItemSpace, catalog: Catalog | None, twins: Iterable[tuple[str, str]]
) -> np.ndarray:
    """Product number of every item of the space, shape (number of items,)."""
    pairs = np.array(list(twins), dtype=object).reshape(-1, 2)
    left, right = space.items.codes(pairs[:, 0]), space.items.codes(pairs[:, 1])
    known = (left >= 0) & (right >= 0)
    first, second = [left[known]], [right[known]]
    if catalog is not None and len(catalog):
        codes = catalog.items.codes(space.items.ids)
        keys = [title_key(str(catalog.title[at])) if at >= 0 else "" for at in codes.tolist()]
        of_key: dict[str, int] = {}
        firsts = [of_key.setdefault(key, at) if key else at for at, key in enumerate(keys)]
        first.append(np.array(firsts, dtype=np.int64))
        second.append(np.arange(len(keys)))
    return products(len(space.items), np.concatenate(first), np.concatenate(second))


def _vectors(
    ids: np.ndarray,
    category: np.ndarray,
    names: tuple[str, ...],
    features: FeatureTable | None,
) -> np.ndarray:
    if features is not None:
        rows = features.rows(ids)
        said = np.abs(rows).sum(axis=1) > 0
        # less the mean: what all items of a scenario have in common makes no two of them alike
        centre = rows[said].mean(axis=0) if said.any() else 0.0
        return unit_rows(np.where(said[:, None], rows - centre, 0))
    found = np.zeros((len(ids), max(len(names), 1)), dtype=np.float32)
    known = np.flatnonzero(category >= 0)
    found[known, category[known]] = 1
    return found
