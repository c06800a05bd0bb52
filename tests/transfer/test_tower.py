"""The text tower learns from who used what which of the words matter."""

import numpy as np
import pytest
from crossrec.transfer.tower import fit_tower
from scipy import sparse

from crossrec.data.history import Histories
from crossrec.data.ids import IdMap
from crossrec.language.table import unit_rows
from crossrec.transfer.config import TransferConfig
from crossrec.transfer.preference import centred

STEPS = TransferConfig(tower_steps=1_500)


@pytest.fixture(scope="module")
def planted() -> tuple[Histories, list[np.ndarray]]:
    """Three tastes, told by weak directions of the text; strong ones tell nothing."""
    rng = np.random.default_rng(0)
    taste = rng.integers(0, 3, 300)
    blocks, texts = [], []
    for n in (30, 24):
        kind = np.arange(n) % 3
        odds = np.where(kind == taste[:, None], 0.4, 0.02)
        blocks.append(sparse.csr_array((rng.random((300, n)) < odds).astype(np.float32)))
        told = 0.4 * np.eye(3)[kind]
        texts.append(centred(np.hstack([told, rng.normal(size=(n, 9))]).astype(np.float32)))
    return Histories(IdMap([f"u{i}" for i in range(300)]), tuple(blocks)), texts


def same_taste_first(encoder: np.ndarray, texts: list[np.ndarray]) -> float:
    """Share of items of one taste among the 8 nearest items of the other scenario."""
    near = np.argsort(-(texts[0] @ encoder) @ (texts[1] @ encoder).T, axis=1)[:, :8]
    return float((near % 3 == np.arange(30)[:, None] % 3).mean())


def test_it_finds_what_matters_between_scenarios(planted):
    histories, texts = planted
    assert same_taste_first(np.eye(12), texts) < 0.5  # a third by chance
    assert same_taste_first(fit_tower(histories, texts, STEPS), texts) > 0.9


def test_it_reaches_a_scenario_without_a_shared_user(planted):
    histories, texts = planted
    first, second = (block.toarray() for block in histories.by_scenario)
    first[150:], second[:150] = 0, 0
    apart = Histories(histories.users, (sparse.csr_array(first), sparse.csr_array(second)))
    assert same_taste_first(fit_tower(apart, texts, STEPS), texts) > 0.8


@pytest.mark.parametrize("term", ["triplet", "adversarial"])
def test_its_terms_can_be_switched_on(planted, term):
    histories, texts = planted
    plain = fit_tower(histories, texts, STEPS)
    changed = fit_tower(histories, texts, TransferConfig(tower_steps=1_500, **{term: 0.3}))
    assert not np.allclose(plain, changed)
    assert same_taste_first(changed, texts) > 0.8


def test_the_same_seed_gives_the_same_tower(planted):
    histories, texts = planted
    one, other = (fit_tower(histories, texts, STEPS) for _ in range(2))
    np.testing.assert_array_equal(one, other)


def test_nobody_to_learn_from_leaves_the_start(planted):
    _, texts = planted
    nobody = Histories(
        IdMap([]), tuple(sparse.csr_array((0, n), dtype=np.float32) for n in (30, 24))
    )
    assert np.isfinite(fit_tower(nobody, texts, STEPS)).all()
    assert unit_rows(texts[0] @ fit_tower(nobody, texts, STEPS)).any()
