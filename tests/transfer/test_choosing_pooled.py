"""How strongly the pooled factors are held back, chosen on cold-start users of all pairs."""

import numpy as np
import pytest
from crossrec.transfer.choosing_pooled import choose_pooled
from crossrec.transfer.resume import Checkpoint
from scipy import sparse

from crossrec.data.history import Histories
from crossrec.data.ids import IdMap
from crossrec.progress import silent
from crossrec.transfer.config import TransferConfig
from crossrec.transfer.validation import with_cold_users

GOOD, MUTE = (2.0, 20.0), (1e7, 20.0)
"""A size that shows two tastes, and a penalty under which no factor survives."""

NOTHING = Checkpoint(None)


@pytest.fixture
def parts() -> tuple[Histories, Histories]:
    """Two tastes in three scenarios; items with even numbers belong to the first."""
    rng = np.random.default_rng(0)
    taste = rng.integers(0, 2, 300)
    blocks, users = [], IdMap([f"u{i}" for i in range(300)])
    for n in (20, 30, 24):
        odds = np.where(np.arange(n) % 2 == taste[:, None], 0.3, 0.02)
        blocks.append(sparse.csr_array((rng.random((300, n)) < odds).astype(np.float32)))
    nothing = tuple(sparse.csr_array(block.shape, dtype=np.float32) for block in blocks)
    return with_cold_users(Histories(users, tuple(blocks)), Histories(users, nothing), 0.2, seed=0)


def chosen(parts, *sizes, checkpoint=NOTHING):
    config = TransferConfig(pooled_sizes=sizes, pooled_rank=2)
    return choose_pooled(*parts, config, silent, checkpoint)


@pytest.mark.parametrize("sizes", [(GOOD, MUTE), (MUTE, GOOD)])
def test_the_size_that_ranks_better_is_taken_whatever_the_order(parts, sizes):
    size, factors = chosen(parts, *sizes)
    assert size == GOOD
    assert all(part.any() for part in factors.right)


def test_a_better_size_must_be_better_by_more_than_noise(parts, monkeypatch):
    monkeypatch.setattr("crossrec.transfer.choosing_pooled.CAUTION", 1e6)
    assert chosen(parts, MUTE, GOOD)[0] == MUTE


def test_of_equals_the_first_is_taken(parts):
    nearly = (2.0 + 1e-6, 20.0)
    assert chosen(parts, GOOD, nearly)[0] == GOOD
    assert chosen(parts, nearly, GOOD)[0] == nearly


def test_with_nobody_to_judge_the_first_is_taken(parts):
    train, _ = parts
    nobody = tuple(sparse.csr_array(m.shape, dtype=np.float32) for m in train.by_scenario)
    assert chosen((train, Histories(train.users, nobody)), MUTE, GOOD)[0] == MUTE


def test_without_candidates_there_are_no_factors(parts):
    assert chosen(parts) is None


def test_a_kept_choice_is_not_made_again(parts, tmp_path, monkeypatch):
    kept = Checkpoint(tmp_path, "key")
    size, factors = chosen(parts, MUTE, GOOD, checkpoint=kept)

    def refuse(*_: object) -> None:
        raise AssertionError("chosen again")

    monkeypatch.setattr("crossrec.transfer.choosing_pooled.validation_ndcg", refuse)
    again, same = chosen(parts, MUTE, GOOD, checkpoint=kept)
    assert again == size == GOOD
    assert all(np.array_equal(a, b) for a, b in zip(factors.left, same.left, strict=True))


def test_progress_is_told_for_every_size(parts):
    told: list[tuple[float, float]] = []

    def listen(phase: str, done: float, total: float, note: str = "") -> None:
        assert (phase, note) == ("train", "choosing the size of the factors")
        told.append((done, total))

    config = TransferConfig(pooled_sizes=(GOOD, MUTE), pooled_rank=2)
    choose_pooled(*parts, config, listen, NOTHING)
    assert told == [(1, 2), (2, 2)]
