"""The bundled encoders themselves: what they know, and that the fast way changes nothing."""

import os
from pathlib import Path

import numpy as np
import pytest

from crossrec.language import E5, MINILM, extract_features, load_encoder, neighbours
from crossrec.language.bundled import known
from crossrec.language.locations import cache_root

from .conftest import catalog_of

pytestmark = pytest.mark.realmodel

TEXTS = [
    "espresso machine",
    "coffee maker",
    "garden hose",
    "Stainless steel moka pot for six cups. Kitchen. Makes strong coffee on any stove in minutes.",
    "Expandable garden hose, 30 m, with brass fittings and a spray nozzle for lawn and car",
]


def needs(name):
    model = known(name)
    if not model.installed:
        pytest.skip(f"the package {model.requirement} is not installed")


@pytest.fixture(scope="module")
def unpacked_models(tmp_path_factory):
    """Where multilingual-e5-small is unpacked: the machine's own cache if it is there already."""
    before = os.environ.pop("CROSSREC_CACHE", None)
    usual = cache_root() / "models"
    if before is not None:
        os.environ["CROSSREC_CACHE"] = before
    return usual if usual.is_dir() else tmp_path_factory.mktemp("unpacked") / "models"


def test_minilm_knows_what_belongs_together():
    needs(MINILM)
    table = extract_features(catalog_of(TEXTS))
    assert table.encoder == MINILM
    assert table.vectors.shape == (5, 384)
    near = table.vectors @ table.vectors.T
    assert near[0, 1] > near[0, 2] + 0.2
    assert neighbours(table, "i4", k=1)["item_id"].tolist() == ["i2"]


def test_minilm_sorted_in_bfloat16_agrees_with_padded_fp32():
    needs(MINILM)
    import torch
    from transformers import AutoModel, AutoTokenizer

    encoder = load_encoder(MINILM, threads=1)
    network = AutoModel.from_pretrained(encoder.folder, local_files_only=True).eval()
    tokens = AutoTokenizer.from_pretrained(encoder.folder, local_files_only=True)(
        TEXTS, padding="max_length", truncation=True, max_length=256, return_tensors="pt"
    )
    with torch.inference_mode():
        hidden = network(**tokens).last_hidden_state
    mask = tokens["attention_mask"][:, :, None]
    plain = torch.nn.functional.normalize((hidden * mask).sum(1) / mask.sum(1), dim=1).numpy()
    assert (encoder.encode(TEXTS) * plain).sum(axis=1).min() >= 0.999


def test_e5_reads_chinese(unpacked_models, own_cache):
    needs(E5)
    own_cache.mkdir(parents=True)
    unpacked_models.mkdir(parents=True, exist_ok=True)
    Path(own_cache / "models").symlink_to(unpacked_models)
    titles = ["意式浓缩咖啡机", "家用咖啡壶", "园艺水管", "花园浇水软管", "coffee maker"]
    table = extract_features(catalog_of(titles))
    assert table.encoder == E5
    centred = table.vectors - table.vectors.mean(axis=0)
    near = centred @ centred.T / np.outer(*[np.linalg.norm(centred, axis=1)] * 2)
    assert near[0, 1] > near[0, 2] + 0.3
    assert near[2, 3] > near[2, 1] + 0.3
    assert near[0, 4] > near[2, 4]
    again = extract_features(catalog_of(titles))
    assert again.fingerprint == table.fingerprint
