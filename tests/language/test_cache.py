"""The vector cache: whole or absent, shared, never in the way."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import crossrec
from crossrec.errors import WorkspaceError
from crossrec.language import VectorCache, cache_root
from crossrec.language.cache import text_keys


def some(n, start=0):
    keys = text_keys("fake", "1", [f"text {at}" for at in range(start, start + n)])
    return keys, np.arange(start * 3, (start + n) * 3, dtype=np.float32).reshape(n, 3)


def test_what_is_put_is_found_again_bit_by_bit():
    keys, vectors = some(1_200)
    with VectorCache() as cache:
        cache.put(keys[:900], vectors[:900])
    with VectorCache() as cache:
        found, known = cache.get(keys, 3)
        assert len(cache) == 900
    np.testing.assert_array_equal(known, np.arange(1_200) < 900)
    np.testing.assert_array_equal(found[:900], vectors[:900])
    assert not found[900:].any()


def test_key_changes_with_encoder_revision_and_text():
    variants = [("a", "1", "x"), ("b", "1", "x"), ("a", "2", "x"), ("a", "1", "y")]
    assert len({text_keys(name, revision, [text])[0] for name, revision, text in variants}) == 4


def test_a_vector_of_another_length_counts_as_unknown():
    keys, vectors = some(2)
    with VectorCache() as cache:
        cache.put(keys, vectors)
        assert not cache.get(keys, 5)[1].any()


WRITER = """
import sys
from pathlib import Path
import numpy as np
from crossrec.language.cache import VectorCache, text_keys

path, first, step = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
with VectorCache(path) as cache:
    for start in range(first, 1000, step):
        texts = [f"text {at}" for at in range(start, start + 10)]
        cache.put(
            text_keys("fake", "1", texts),
            np.arange(start * 3, start * 3 + 30, dtype=np.float32).reshape(10, 3),
        )
        print(start, flush=True)
"""
"""Puts batches of ten, as ``some`` makes them, and says which it finished."""


def writer(path, first=0, step=10):
    root = Path(crossrec.__file__).parents[1]
    command = [sys.executable, "-c", WRITER, str(path), str(first), str(step)]
    return subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, text=True)


def test_a_killed_process_leaves_whole_batches_and_all_it_finished(tmp_path):
    path = tmp_path / "vectors.sqlite"
    with writer(path) as process:
        finished = [int(process.stdout.readline()) for _ in range(5)]
        process.kill()
    keys, vectors = some(1_000)
    with VectorCache(path) as cache:
        found, known = cache.get(keys, 3)
        cache.put(keys, vectors)
    assert known[: finished[-1] + 10].all()
    assert set(known.reshape(100, 10).sum(axis=1)) <= {0, 10}
    np.testing.assert_array_equal(found[known], vectors[known])


def test_two_processes_write_at_once(tmp_path):
    path = tmp_path / "vectors.sqlite"
    with writer(path, 0, 20) as even, writer(path, 10, 20) as odd:
        even.communicate(timeout=60)
        odd.communicate(timeout=60)
    assert (even.returncode, odd.returncode) == (0, 0)
    keys, vectors = some(1_000)
    with VectorCache(path) as cache:
        np.testing.assert_array_equal(cache.get(keys, 3)[0], vectors)


def test_a_damaged_file_is_set_aside():
    path = cache_root() / "vectors.sqlite"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"this is no database, and it is long enough to be one" * 100)
    with VectorCache() as cache:
        cache.put(*some(3))
        assert len(cache) == 3
    assert path.with_suffix(".damaged").exists()


def test_an_unwritable_place_says_what_to_do(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(WorkspaceError, match="CROSSREC_CACHE"):
        VectorCache(tmp_path / "file" / "vectors.sqlite")
