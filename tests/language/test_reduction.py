"""Principal components of vectors, and the scripts of texts."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossrec.errors import DataError
from crossrec.language import SCRIPTS, Reduction, extract_features, script_of, script_shares

from .conftest import FakeEncoder, catalog_of


def test_vectors_that_lie_in_a_plane_lose_nothing_there():
    rng = np.random.default_rng(0)
    flat = (rng.normal(size=(60, 3)) @ rng.normal(size=(3, 12)) + 2).astype(np.float32)
    flat[7] = 0
    found = Reduction.of(flat, 3)
    assert found.kept == pytest.approx(1, abs=1e-5)
    small = found(flat)
    assert small.shape == (60, 3)
    assert not small[7].any()
    said = np.delete(np.arange(60), 7)
    centred = flat[said] - flat[said].mean(axis=0)
    centred /= np.linalg.norm(centred, axis=1, keepdims=True)
    np.testing.assert_allclose(small[said] @ small[said].T, centred @ centred.T, atol=1e-4)
    np.testing.assert_array_equal(Reduction.of(flat, 3).directions, found.directions)


@pytest.mark.parametrize("dim", [0, 1, 9, 1000])
def test_too_few_or_too_many_dimensions_are_refused(dim):
    with pytest.raises(DataError, match="expected 2 to 8 dimensions"):
        Reduction.of(np.random.default_rng(1).normal(size=(50, 8)), dim)


def test_a_table_says_that_it_was_reduced_and_reads_nothing_anew():
    titles = [f"title {row}" for row in range(30)]
    whole = extract_features(catalog_of(titles), encoder=FakeEncoder())
    again = FakeEncoder()
    small = extract_features(catalog_of(titles), encoder=again, dim=4)
    assert (small.dim, small.revision) == (4, f"{whole.revision}-pca4")
    assert small.fingerprint != whole.fingerprint
    assert again.read == []


def test_new_texts_are_read_in_the_numbers_of_the_table():
    titles = [f"title {row}" for row in range(30)]
    encoder = FakeEncoder()
    small = extract_features(catalog_of(titles), encoder=encoder, dim=4)
    new = encoder.encode(["title 3", "something new"])
    assert np.allclose(small.like(new)[0], small.vectors[3], atol=1e-6)
    assert small.like(new).shape == (2, 4)
    whole = extract_features(catalog_of(titles), encoder=encoder)
    assert np.array_equal(whole.like(new), new)
    with pytest.raises(DataError, match="expected vectors of 8 numbers"):
        small.like(new[:, :5])


@pytest.mark.parametrize(
    ("text", "script"),
    [("Coffee maker 12", "latin"), ("咖啡机 Pro", "han"), ("コーヒーメーカー 珈琲", "japanese"),
     ("커피 메이커", "korean"), ("Кофеварка", "cyrillic"), ("آلة القهوة", "arabic"),
     ("מכונת קפה", "hebrew"), ("कॉफी", "indic"), ("กาแฟ", "thai"), ("καφές", "greek"),
     ("Ⴀⴀ", "other"), ("12 🦄 %", "none"), ("é", "latin")],
)  # fmt: skip
def test_the_script_of_a_text(text, script):
    assert script_of(text) == script


@given(st.lists(st.text(max_size=30)))
def test_script_shares_add_up(texts):
    shares = script_shares(texts)
    assert set(shares) <= set(SCRIPTS)
    assert not any(texts) or sum(shares.values()) == pytest.approx(1)
