"""Made-up users of the small model, and a model with chosen sizes."""

import numpy as np
import pytest
from hypothesis import strategies as st

from crossrec.data.catalog import Catalog
from crossrec.data.history import Histories
from crossrec.data.ids import IdMap

WORDS = ("space rocket", "garden soil", "bread oven")
KINDS = ("space", "garden", "kitchen")


@pytest.fixture(scope="session")
def small_catalog(small_model) -> Catalog:
    """Titles, prices and categories that tell the taste."""
    ids = small_model.space_.items.ids
    taste = [int(name[1:]) % 3 for name in ids]
    return Catalog(
        IdMap(ids),
        title=np.array([f"{WORDS[t]} {name}" for t, name in zip(taste, ids, strict=True)], object),
        text=np.array([""] * len(ids), dtype=object),
        attributes={
            "category": np.array([KINDS[t] for t in taste], dtype=object),
            "price": np.arange(len(ids), dtype=np.float64),
        },
    )


@pytest.fixture
def reader(small_model) -> Histories:
    """A user who likes one kind of books, and knows no film."""
    rows = [("me", "books", f"b{item:02d}", 1.0) for item in (0, 3, 6, 9, 12, 13)]
    return Histories.of(rows, small_model.space_)


def histories(space) -> st.SearchStrategy[dict[str, dict[str, float]]]:
    """Histories in any scenarios, dislikes among them."""
    strength = st.floats(0.1, 5.0) | st.floats(-1.0, -0.1)
    return st.fixed_dictionaries(
        {
            str(name): st.dictionaries(
                st.sampled_from(list(space.ids(code))), strength, max_size=12
            )
            for code, name in enumerate(space.scenarios.ids)
        }
    )
