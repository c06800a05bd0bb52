"""From a catalogue to vectors: the cache, cancelling, what has no text."""

import numpy as np
import pytest

from crossrec.errors import Cancelled, ModelMissing
from crossrec.language import VectorCache, cost, extract_features

from .conftest import FakeEncoder, catalog_of

TITLES = [f"thing number {row}" for row in range(40)]


class Bar:
    """Keeps what was reported; cancels after ``stop`` texts."""

    def __init__(self, stop=None):
        self.said, self.stop = [], stop

    def __call__(self, phase, done, total, note=""):
        self.said.append((phase, done, total, note))
        if self.stop is not None and done >= self.stop:
            raise Cancelled


def test_every_distinct_text_is_read_once_ever(fake):
    catalog = catalog_of([*TITLES, TITLES[0], "", "  "])
    first = extract_features(catalog, encoder=fake)
    assert sorted(fake.read) == sorted(TITLES)
    again = extract_features(catalog, encoder=fake)
    assert len(fake.read) == len(TITLES)
    np.testing.assert_array_equal(first.vectors, again.vectors)
    assert first.fingerprint == again.fingerprint
    assert (first.encoder, first.revision, first.dim) == ("fake", "1", 8)
    np.testing.assert_array_equal(first.vectors[40], first.vectors[0])
    assert not first.vectors[41:].any()
    np.testing.assert_allclose(np.linalg.norm(first.vectors[:41], axis=1), 1, atol=1e-6)


def test_one_flipped_character_reads_one_text(fake):
    extract_features(catalog_of(TITLES), encoder=fake)
    fake.read.clear()
    changed = [*TITLES[:7], "thing numbeR 7", *TITLES[8:]]
    extract_features(catalog_of(changed), encoder=fake)
    assert fake.read == ["thing numbeR 7"]


def test_another_revision_reads_everything_again(fake):
    extract_features(catalog_of(TITLES), encoder=fake)
    newer = FakeEncoder(revision="2")
    extract_features(catalog_of(TITLES), encoder=newer)
    assert len(newer.read) == len(TITLES)


def test_rows_follow_the_catalogue_whatever_order_is_read(fake):
    titles = ["a long title that is read last", "short", "middle one"]
    table = extract_features(catalog_of(titles), encoder=fake)
    alone = [
        extract_features(catalog_of([title]), encoder=fake, cache=False).vectors[0]
        for title in titles
    ]
    np.testing.assert_array_equal(table.vectors, alone)
    np.testing.assert_array_equal(table.rows(np.array(["i1"])), [alone[1]])


def test_cancelling_keeps_what_was_finished(fake):
    titles = [f"{row:04d} {'x' * 3_000}" for row in range(60)]
    with pytest.raises(Cancelled):
        extract_features(catalog_of(titles), encoder=fake, progress=Bar(stop=40))
    kept = cost(catalog_of(titles), encoder=fake).cached
    assert 17 <= kept <= 40
    fake.read.clear()
    extract_features(catalog_of(titles), encoder=fake)
    assert len(fake.read) == 60 - kept


def test_progress_counts_distinct_texts_and_says_the_speed(fake):
    titles = [f"{row:04d} {'x' * 3_000}" for row in range(60)]
    bar = Bar()
    extract_features(catalog_of(titles), encoder=fake, progress=bar)
    phases, done, totals, notes = zip(*bar.said, strict=True)
    assert set(phases) == {"features"}
    assert set(totals) == {60}
    assert list(done) == sorted(done)
    assert done[-1] == 60
    assert any("items/s" in note for note in notes)


def test_without_the_cache_nothing_is_written(fake, own_cache):
    extract_features(catalog_of(TITLES), encoder=fake, cache=False)
    assert not own_cache.exists()


def test_a_cache_of_ones_own(fake, tmp_path):
    with VectorCache(tmp_path / "mine.sqlite") as mine:
        extract_features(catalog_of(TITLES), encoder=fake, cache=mine)
        assert len(mine) == len(TITLES)
    extract_features(catalog_of(TITLES), encoder=fake, cache=tmp_path / "mine.sqlite")
    assert len(fake.read) == len(TITLES)


@pytest.mark.parametrize("titles", [[], ["", " "]])
def test_a_catalogue_without_text_gives_zero_vectors(titles):
    table = extract_features(catalog_of(titles))
    assert table.encoder == "none"
    assert table.vectors.shape == (len(titles), 1)
    assert not table.vectors.any()
    assert cost(catalog_of(titles)).encoder == "none"


def test_cost_before_it_starts(fake):
    catalog = catalog_of([*TITLES, TITLES[0], ""])
    extract_features(catalog_of(TITLES[:10]), encoder=fake)
    asked = cost(catalog, encoder=fake)
    assert (asked.texts, asked.distinct, asked.cached, asked.new) == (41, 40, 10, 30)
    assert asked.seconds > 0
    assert cost(catalog, encoder=fake, cache=False).cached == 0


def test_cost_learns_the_speed_of_this_machine(fake):
    titles = [f"{row:04d} {'x' * 3_000}" for row in range(60)]
    assert not cost(catalog_of(titles), encoder=fake).measured
    extract_features(catalog_of(titles), encoder=fake)
    assert cost(catalog_of(["y", *titles]), encoder=fake).measured


@pytest.mark.parametrize("encoder", ["tfidf", "bow"])
def test_named_baselines_see_shared_words(encoder):
    titles = [
        "green garden hose", "garden hose reel", "espresso coffee maker", "coffee maker",
        "咖啡机 家用", "家用咖啡机", "园艺水管", "",
    ]  # fmt: skip
    table = extract_features(catalog_of(titles), encoder=encoder)
    assert (table.encoder, table.revision) == (encoder, "")
    near = table.vectors @ table.vectors.T
    assert near[0, 1] > near[0, 2] + 0.3
    assert near[4, 5] > near[4, 6] + 0.3
    assert not table.vectors[-1].any()
    again = extract_features(catalog_of(titles), encoder=encoder)
    assert table.fingerprint == again.fingerprint


@pytest.mark.parametrize("titles", [["one"], ["same", "same"], ["!!!", "???"], ["a b", "b a"]])
def test_baselines_survive_tiny_catalogues(titles):
    table = extract_features(catalog_of(titles), encoder="tfidf")
    assert np.isfinite(table.vectors).all()
    assert len(table.vectors) == len(titles)


def test_baselines_have_at_most_256_dimensions():
    rng = np.random.default_rng(0)
    titles = [" ".join(f"w{word}" for word in rng.integers(0, 900, 9)) for _ in range(400)]
    assert extract_features(catalog_of(titles), encoder="tfidf").dim == 256


def test_an_unknown_encoder_names_what_there_is():
    with pytest.raises(ModelMissing, match=r"all-MiniLM-L6-v2.*tfidf.*folder"):
        extract_features(catalog_of(["pan"]), encoder="word2vec-of-my-own")
