"""Vectors from a model server: a real one on loopback, with every fault it may have."""

import numpy as np
import pytest

from crossrec.errors import Cancelled, EndpointFailed
from crossrec.language import (
    EndpointEncoder,
    ModelServer,
    TextTemplate,
    cost,
    extract_features,
    load_encoder,
    preview,
)

from .conftest import catalog_of
from .serving import serving, vector_of

KEY = "sk-never-shown"
TITLES = [f"title number {row}" for row in range(10)]


@pytest.fixture
def served():
    with serving() as found:
        yield found


@pytest.fixture(autouse=True)
def no_key(monkeypatch):
    monkeypatch.delenv("CROSSREC_ENDPOINT_KEY", raising=False)


def encoder_of(served, **settings):
    options = {"timeout": 5.0, "tries": 3, "pause": 0.001, **settings}
    return EndpointEncoder(ModelServer(served.url, **options), "small", batch=4)


def expected(texts):
    vectors = np.array([vector_of(text) for text in texts], dtype=np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def test_texts_go_in_batches_and_come_back_in_order(served):
    vectors = encoder_of(served).encode(TITLES)
    np.testing.assert_allclose(vectors, expected(TITLES), atol=1e-6)
    assert [len(batch) for batch in served.asked] == [4, 4, 2]
    assert vectors.dtype == np.float32


def test_a_second_run_asks_nothing_and_one_changed_letter_one_text(served):
    first = extract_features(catalog_of(TITLES), encoder=encoder_of(served))
    asked = len(served.asked)
    again = extract_features(catalog_of(TITLES), encoder=encoder_of(served))
    assert len(served.asked) == asked
    assert again.fingerprint == first.fingerprint
    extract_features(catalog_of([*TITLES[:-1], "title number 9!"]), encoder=encoder_of(served))
    assert served.asked[asked:] == [["title number 9!"]]


def rows_as(change):
    return lambda answer: {"data": [{**row, **change} for row in answer["data"]]}


FAULTS = {
    "429": 429,
    "500": 500,
    "503": 503,
    "408": 408,
    "hang up": "hang up",
    "no JSON": b"<html>",
    "empty": b"",
    "another form": b'{"data": [1]}',
    "no vectors": b"{}",
    "a list": b"[]",
    "one too few": lambda answer: {"data": answer["data"][:-1]},
    "one index twice": rows_as({"index": 0}),
    "words": rows_as({"embedding": ["x"]}),
    "NaN": rows_as({"embedding": [float("nan")]}),
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_what_passes_is_asked_again(served, fault):
    served.faults = [fault, fault]
    vectors = encoder_of(served).encode(TITLES[:3])
    np.testing.assert_allclose(vectors, expected(TITLES[:3]), atol=1e-6)


def test_a_slow_answer_is_asked_again(served):
    served.faults, served.slow = ["slow"], 0.6
    vectors = encoder_of(served, timeout=0.2).encode(TITLES[:2])
    np.testing.assert_allclose(vectors, expected(TITLES[:2]), atol=1e-6)


def test_a_server_that_stays_busy_ends_with_a_clear_word_and_keeps_what_was_read(served):
    served.faults = [None, None, 503, 503, 503]
    with pytest.raises(EndpointFailed, match=r"HTTP 503, 3 times.*was read so far is kept"):
        extract_features(catalog_of(TITLES), encoder=encoder_of(served))
    assert len(served.texts) == 8
    extract_features(catalog_of(TITLES), encoder=encoder_of(served))
    assert sorted(served.texts) == sorted(TITLES)  # each text once in both runs together


def test_a_server_that_is_down_is_named():
    with serving() as served:
        encoder = encoder_of(served)
    with pytest.raises(EndpointFailed, match="no connection") as caught:
        encoder.encode(["a"])
    assert served.url in str(caught.value)


@pytest.mark.parametrize(("code", "word"), [(400, "HTTP 400"), (401, "KEY"), (404, "/v1")])
def test_what_does_not_pass_ends_at_once(served, code, word):
    served.always = code
    with pytest.raises(EndpointFailed, match=word):
        encoder_of(served).encode(["a"])
    assert len(served.keys) == 1


def test_the_server_says_how_long_to_wait(served, monkeypatch):
    slept = []
    monkeypatch.setattr("crossrec.language.server.time.sleep", slept.append)
    clock = iter(np.arange(0, 100, 0.5))
    monkeypatch.setattr("crossrec.language.server.time.monotonic", lambda: next(clock))
    served.faults, served.retry_after = [429], "7"
    encoder_of(served).encode(["a"])
    assert 6 <= sum(slept) <= 9


def test_the_pauses_grow(served, monkeypatch):
    waits = []
    monkeypatch.setattr(ModelServer, "_wait", lambda _self, seconds, *_: waits.append(seconds))
    served.always = 503
    with pytest.raises(EndpointFailed):
        encoder_of(served, tries=5, pause=0.5).encode(["a"])
    assert waits == [0.5, 1.0, 2.0, 4.0]


def test_a_person_may_cancel_while_it_waits(served):
    def progress(_phase, _done, _total, note=""):
        if "asking again" in note:
            raise Cancelled

    served.faults = [503]
    with pytest.raises(Cancelled):
        encoder_of(served, pause=30.0).encode(["a"], progress=progress)


def test_the_key_comes_from_the_environment_and_is_never_said(served, monkeypatch, capfd):
    monkeypatch.setenv("CROSSREC_ENDPOINT_KEY", KEY)
    encoder = encoder_of(served)
    encoder.encode(["a"])
    assert served.keys == [f"Bearer {KEY}"]
    served.always = 401
    with pytest.raises(EndpointFailed) as refused:
        encoder.encode(["b"])
    served.always = 500
    with pytest.raises(EndpointFailed) as busy:
        encoder.encode(["b"])
    said = f"{refused.value} {busy.value} {encoder.server!r} {encoder.id} {encoder.revision}"
    out, err = capfd.readouterr()
    assert KEY not in said + out + err


def test_a_key_never_follows_a_redirect_or_travels_in_clear(served, monkeypatch):
    monkeypatch.setenv("CROSSREC_ENDPOINT_KEY", KEY)
    served.always = 307
    with pytest.raises(EndpointFailed, match="HTTP 307"):
        encoder_of(served).encode(["a"])
    assert len(served.keys) == 1
    with pytest.raises(EndpointFailed, match="https"):
        ModelServer("http://models.example.com/v1")
    ModelServer("https://models.example.com/v1")
    ModelServer("http://192.168.1.20:8000/v1")


@pytest.mark.parametrize(
    "name", ["http://127.0.0.1/v1", "http://#m", "http://user:pass@127.0.0.1/v1#m"]
)
def test_an_address_that_is_none_is_refused_before_anything_is_sent(name):
    with pytest.raises(EndpointFailed) as caught:
        load_encoder(name)
    assert "pass" not in str(caught.value)


def test_the_cost_is_known_before_anything_is_sent(served):
    name = f"{served.url}#small"
    before = cost(catalog_of(TITLES), encoder=name)
    assert (before.distinct, before.cached, before.new) == (10, 0, 10)
    assert before.tokens == 10 * 6
    assert served.keys == []
    extract_features(catalog_of(TITLES), encoder=name)
    after = cost(catalog_of(TITLES), encoder=name)
    assert (after.cached, after.new, after.tokens) == (10, 0, 0)


def test_another_length_of_vectors_under_the_same_name_is_refused(served):
    encoder = encoder_of(served)
    encoder.encode(["a"])
    served.faults = [rows_as({"embedding": [1.0]})]
    with pytest.raises(EndpointFailed, match=r"6 numbers.*found 1"):
        encoder.encode(["b"])


def test_the_text_is_shown_as_sent_with_an_estimate(served):
    long = "word " * 3_000
    name = f"{served.url}#small"
    seen = preview(catalog_of([long]), name, "i0")
    assert (seen.tokens, seen.limit, seen.truncated) == ((), 0, False)
    assert seen.count > 900
    whole = preview(catalog_of([long]), name, "i0", template=TextTemplate(whole=True))
    assert whole.pieces == 2
    assert served.keys == []
    extract_features(catalog_of([long]), encoder=name, template=TextTemplate(whole=True))
    assert sorted(map(len, served.texts)) == [6_999, 7_999]
