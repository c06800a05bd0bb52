"""Adaptation: what it learns from, what it keeps, and that its adapters are selectable."""

import json

import numpy as np
import pandas as pd
import pytest
import torch

from crossrec.data.log import InteractionLog
from crossrec.errors import DataError, ModelMissing, TrainingFailed
from crossrec.evaluation import VERDICTS
from crossrec.evaluation.adapted import compare_encoders
from crossrec.language import load_encoder
from crossrec.language.adaptation import (
    AdaptConfig,
    co_interactions,
    losses,
    train,
)
from crossrec.language.adapted import AdaptedEncoder
from crossrec.language.cache import text_keys
from crossrec.language.table import FeatureTable
from crossrec.pipeline.adaptation import adapt, curve_of, quality_of, save_adapter
from crossrec.workspace import Run

WORDS = ["space", "rocket", "stars", "garden", "flowers", "soil", "kitchen", "bread", "oven"]


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    """A BERT of two layers with random weights that knows the words of the small files."""
    from tokenizers import Tokenizer, models, pre_tokenizers, processors
    from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

    folder = tmp_path_factory.mktemp("models") / "tiny-bert"
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    vocabulary = {word: at for at, word in enumerate([*special, *WORDS])}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token="[PAD]", unk_token="[UNK]", cls_token="[CLS]",
        sep_token="[SEP]", mask_token="[MASK]",
    ).save_pretrained(folder)  # fmt: skip
    torch.manual_seed(1)
    config = BertConfig(
        vocab_size=len(vocabulary), hidden_size=32, num_hidden_layers=2, num_attention_heads=2,
        intermediate_size=64, max_position_embeddings=32,
    )  # fmt: skip
    BertModel(config, add_pooling_layer=False).save_pretrained(folder)
    return folder


def small(**options):
    return AdaptConfig(**{"pairs": 64, "batch": 16, "threads": 1, "rank": 2, **options})


def test_pairs_are_of_one_user_and_the_other_item_is_not(small_log):
    pairs = co_interactions(small_log, 500, across=0.5)
    used = [set(small_log.item[small_log.user == user]) for user in range(len(small_log.users))]
    together = [
        any(a in mine and b in mine for mine in used)
        for a, b in zip(pairs.left, pairs.right, strict=True)
    ]
    assert all(together)
    assert (pairs.left != pairs.right).all()
    assert pairs.across.mean() == pytest.approx(0.5, abs=0.05)
    kind = np.array([name[0] for name in small_log.items.ids])
    assert (kind[pairs.right] == kind[pairs.other]).all()
    assert ((kind[pairs.left] != kind[pairs.right]) == pairs.across).all()
    assert (pairs.right != pairs.other).mean() > 0.9


def test_users_with_one_item_teach_nothing():
    frame = pd.DataFrame({"user_id": ["a", "b"], "item_id": ["x", "y"], "scenario": ["s", "s"]})
    with pytest.raises(TrainingFailed, match="two items"):
        co_interactions(InteractionLog.from_frame(frame), 10)


@pytest.mark.parametrize("objective", ["contrastive", "triplet", "label"])
def test_the_loss_goes_down_and_the_base_stays(tiny, objective, small_log):
    base = load_encoder(str(tiny), threads=1)
    before = base.encode(WORDS)
    texts = [WORDS[3 * (int(name[1:]) % 3)] for name in small_log.items.ids]
    pairs = co_interactions(small_log, 640)
    config = small(objective=objective, method="full", rate=3e-3)
    curve = train(base, texts, pairs, config).curve
    assert curve[-1]["loss"] < curve[0]["loss"]
    assert {point["part"] for point in curve} == {"pairs"}
    assert np.array_equal(before, base.encode(WORDS))


def test_masked_words_are_learnt(tiny):
    texts = ["space rocket stars", "garden flowers soil", "kitchen bread oven"] * 5
    config = small(objective="none", mlm_steps=60, method="full", rate=5e-3, batch=8)
    told = []
    curve = train(load_encoder(str(tiny), threads=1), texts, None, config, told=told.append).curve
    assert curve[-1]["loss"] < 0.8 * curve[0]["loss"]
    assert len(told) > 3


def test_a_wrong_answer_that_is_the_same_item_is_not_counted():
    vectors = torch.nn.functional.normalize(torch.randn(4, 8), dim=1)
    vectors[1] = vectors[0]
    same = torch.eye(4, dtype=torch.bool)
    twice = same.clone()
    twice[0, 1] = twice[1, 0] = True
    assert losses.contrastive(vectors, vectors, twice, 0.1) < losses.contrastive(
        vectors, vectors, same, 0.1
    )


def test_an_adapter_is_small_selectable_and_part_of_the_key(tiny, tmp_path, small_log):
    base = load_encoder(str(tiny), threads=1)
    texts = [WORDS[int(name[1:]) % 3] for name in small_log.items.ids]
    trained = train(base, texts, co_interactions(small_log, 64), small(rate=5e-2))
    folder = tmp_path / "adapter"
    folder.mkdir()
    save_adapter(folder, base, trained, small())
    adapted = load_encoder(str(folder), threads=1)
    assert isinstance(adapted, AdaptedEncoder)
    assert adapted.id == "tiny-bert+adapter"
    assert (folder / "adapter_model.safetensors").stat().st_size < 20_000
    assert not list(folder.glob("*.bin"))
    assert text_keys(adapted.id, adapted.revision, ["a"]) != text_keys(
        base.id, base.revision, ["a"]
    )
    assert not np.allclose(adapted.encode(WORDS), base.encode(WORDS), atol=1e-3)
    assert np.allclose(np.linalg.norm(adapted.encode(WORDS), axis=1), 1, atol=1e-3)


def test_an_adapter_of_other_weights_is_refused(tiny, tmp_path, small_log):
    base = load_encoder(str(tiny), threads=1)
    trained = train(base, ["space"] * 50, co_interactions(small_log, 16), small())
    save_adapter(tmp_path, base, trained, small())
    about = json.loads((tmp_path / "adapter.json").read_text())
    (tmp_path / "adapter.json").write_text(json.dumps({**about, "base_revision": "other"}))
    with pytest.raises(ModelMissing, match="Adapt again"):
        load_encoder(str(tmp_path))


@pytest.mark.parametrize(
    "options",
    [{"method": "all"}, {"objective": "win"}, {"objective": "none"}, {"across": 2.0}, {"batch": 1}],
)
def test_settings_are_checked(options):
    with pytest.raises(DataError, match="expected"):
        AdaptConfig(**options)


def test_the_verb_adapts_measures_and_never_reads_test_rows(
    tiny, tmp_path, finished_run, monkeypatch
):
    seen = []
    from crossrec.pipeline import adaptation

    def spied(log, *args, **options):
        seen.append(log)
        return co_interactions(log, *args, **options)

    monkeypatch.setattr(adaptation, "co_interactions", spied)
    phases = []
    config = small(encoder=str(tiny), rate=1e-2, mlm_steps=4)
    told = adapt(
        finished_run, tmp_path / "out", config, progress=lambda phase, *_: phases.append(phase)
    )
    split = Run(finished_run).split()
    (log,) = seen
    rows = set(zip(log.user, log.item, log.scenario, strict=True))
    assert len(log) == len(split.train)
    for held in (split.valid, split.test):
        assert not rows & set(zip(held.user, held.item, held.scenario, strict=True))
    assert {"features", "train", "evaluate"} <= set(phases)
    assert told["bytes"] < 60_000
    assert sum(told[verdict] for verdict in VERDICTS) == len(told["quality"]) > 0
    assert curve_of(tmp_path / "out")[0]["part"] == "masked words"
    assert quality_of(tmp_path / "out")[0].users > 1
    assert not list(tmp_path.glob(".out*"))


def test_quality_is_blind_to_test_rows(small_split, small_features):
    from dataclasses import replace

    noise = np.random.default_rng(0).normal(size=small_features.vectors.shape).astype(np.float32)
    other = FeatureTable(small_features.items, noise, "noise", "1", "n")
    found = compare_encoders(small_split, other, small_features)
    assert all(each.after > each.before for each in found)
    empty = small_split.test.select(np.zeros(len(small_split.test), dtype=bool))
    assert compare_encoders(replace(small_split, test=empty), other, small_features) == found
