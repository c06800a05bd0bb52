"""Models of the Hugging Face hub: a server on loopback stands in for it."""

import hashlib
import json
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import numpy as np
import pytest

from crossrec.errors import ModelMissing
from crossrec.language import hub, load_encoder

COMMIT = "0123456789abcdef0123456789abcdef01234567"


class _Hub(BaseHTTPRequestHandler):
    files: dict[str, bytes]
    asked: list[str]

    def do_GET(self) -> None:
        self._serve(body=True)

    def do_HEAD(self) -> None:
        self._serve(body=False)

    def _serve(self, *, body: bool) -> None:
        path = self.path.split("?")[0]
        self.asked.append(path)
        if path.startswith("/api/models/org/tiny"):
            listed = [
                {"type": "file", "path": name, "rfilename": name, "size": len(data),
                 "oid": hashlib.sha1(data, usedforsecurity=False).hexdigest()}
                for name, data in self.files.items()
            ]  # fmt: skip
            about = {"id": "org/tiny", "sha": COMMIT, "siblings": listed, "private": False}
            data = json.dumps(listed if "/tree/" in path else about).encode()
        else:
            data = self.files.get(path.rpartition("/")[2], b"") if "/resolve/" in path else b""
        self.send_response(200 if data else 404)
        self.send_header("ETag", f'"{hashlib.sha256(data).hexdigest()}"')
        self.send_header("X-Repo-Commit", COMMIT)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if body:
            self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def hub_with(files):
    handler = type("Handler", (_Hub,), {"files": files, "asked": []})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", handler.asked
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """A tiny BERT, and beside it what must never be fetched."""
    import torch
    from transformers import BertConfig, BertModel, BertTokenizer

    folder = tmp_path_factory.mktemp("made")
    torch.manual_seed(0)
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "coffee", "hose"]
    config = BertConfig(
        vocab_size=len(words), hidden_size=8, num_hidden_layers=1, num_attention_heads=1,
        intermediate_size=8, max_position_embeddings=16,
    )  # fmt: skip
    BertModel(config).save_pretrained(folder)
    BertTokenizer(vocab={word: at for at, word in enumerate(words)}).save_pretrained(folder)
    found = {path.name: path.read_bytes() for path in folder.iterdir()}
    return {**found, "pytorch_model.bin": b"a pickle", "modeling_evil.py": b"import os"}


def test_a_named_model_is_fetched_once_without_pickles_or_code(files, own_cache, monkeypatch):
    with hub_with(files) as (address, asked):
        monkeypatch.setenv("HF_ENDPOINT", address)
        encoder = load_encoder("hf:org/tiny")
        assert encoder.id == "hf:org/tiny"
        assert np.isfinite(encoder.encode(["coffee"])).all()
        n_asked = len(asked)
        load_encoder("hf:org/tiny")
        assert len(asked) == n_asked
    there = {path.name for path in (own_cache / "models" / "hf--org--tiny").iterdir()}
    assert "model.safetensors" in there
    assert not there & {"pytorch_model.bin", "modeling_evil.py"}


def test_a_model_that_is_not_there_leaves_nothing_behind(files, own_cache, monkeypatch):
    without = {name: data for name, data in files.items() if name != "model.safetensors"}
    with hub_with(without) as (address, _asked):
        monkeypatch.setenv("HF_ENDPOINT", address)
        with pytest.raises(ModelMissing, match="no weights as safetensors"):
            load_encoder("hf:org/tiny")
        with pytest.raises(ModelMissing, match="expected to fetch org/other"):
            load_encoder("hf:org/other")
    assert not list((own_cache / "models").glob("hf--*/"))


@pytest.mark.parametrize("name", ["hf:", "hf:bert", "hf:a/../b", "hf:a/b c", "hf:a/b@", "hf:a/b/c"])
def test_a_name_of_another_form_is_refused(name):
    with pytest.raises(ModelMissing, match="hf:ORGANISATION/MODEL"):
        hub.parsed(name)


def test_a_revision_can_be_named():
    assert hub.parsed("hf:BAAI/bge-small-en-v1.5@main") == ("BAAI/bge-small-en-v1.5", "main")
