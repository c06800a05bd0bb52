"""A user made up from a sentence."""

from dataclasses import replace

import numpy as np
import pytest

from crossrec.errors import DataError, UnknownId
from crossrec.explanation import SENTENCE_ID, contributions, from_sentence, what_if
from crossrec.explanation.made_up import NEAREST_COLUMNS, wishes_of
from crossrec.language.bundled import MINILM


class Tastes:
    """An encoder that reads which of three tastes a text names."""

    id, revision, dim = "fake", "1", 8

    def encode(self, texts, *, progress=None):
        words = ("space", "garden", "kitchen")
        found = np.array([[float(word in text) for word in words] for text in texts])
        return np.concatenate([found, np.zeros((len(texts), 5))], axis=1).astype(np.float32)


def test_a_sentence_becomes_a_history_and_a_list(small_model, small_features):
    found = from_sentence(
        small_model, small_features, Tastes(), "likes slow space stories and a garden", nearest=6
    )
    assert found.wishes == ("slow space stories", "a garden")
    assert list(found.nearest.columns) == list(NEAREST_COLUMNS)
    assert len(found.nearest) == 6
    taste = [int(item[1:]) % 3 for item in found.nearest["item_id"]]
    assert sorted(taste) == [0, 0, 0, 1, 1, 1]
    assert found.nearest["similarity"].is_monotonic_decreasing
    answer = what_if(found.model, found.history, "films")
    assert not any(item.startswith(SENTENCE_ID) for item in answer.ranking.item_ids)
    assert sum(int(item[1:]) % 3 == 2 for item in answer.ranking.item_ids[:5]) <= 1
    item = str(answer.ranking.item_ids[0])
    told = contributions(found.model, found.history, "made-up", "films", item)
    assert told.score == pytest.approx(answer.ranking.scores[0], abs=1e-5)
    wishes = told.contributions.loc[told.contributions["item_id"].str.startswith(SENTENCE_ID)]
    assert len(wishes)
    assert (wishes["learnt"] == 0).all()  # nobody has used a sentence


def test_scenarios_to_look_in_are_chosen(small_model, small_features):
    found = from_sentence(
        small_model, small_features, Tastes(), "space", scenarios=["books"], nearest=3
    )
    assert set(found.nearest["scenario"]) == {"books"}
    with pytest.raises(UnknownId):
        from_sentence(small_model, small_features, Tastes(), "space", scenarios=["bookz"])


@pytest.mark.parametrize("sentence", ["", "   ", "\x00\n"])
def test_an_empty_sentence_is_refused(small_model, small_features, sentence):
    with pytest.raises(DataError, match="sentence"):
        from_sentence(small_model, small_features, Tastes(), sentence)


def test_another_encoder_is_refused(small_model, small_features):
    other = Tastes()
    other.id = "other"
    with pytest.raises(DataError, match="encoder of this run"):
        from_sentence(small_model, small_features, other, "space")


def test_an_english_encoder_is_not_asked_about_chinese(small_model, small_features):
    english = Tastes()
    english.id = MINILM
    features = replace(small_features, encoder=MINILM)
    with pytest.raises(DataError, match="English"):
        from_sentence(small_model, features, english, "爱喝红酒")


def test_sentences_are_taken_apart():
    assert wishes_of("slow science fiction and vegan cooking") == (
        "slow science fiction",
        "vegan cooking",
    )
    assert wishes_of("I really like tea, loves jazz") == ("tea", "jazz")
    assert wishes_of("我喜欢红茶和爵士乐") == ("红茶", "爵士乐")
    assert wishes_of("科幻小说、素食和园艺") == ("科幻小说", "素食", "园艺")
    assert wishes_of("sand") == ("sand",)
    assert wishes_of("a, b") == ("a, b",)
    assert len(wishes_of(", ".join(f"wish {at}" for at in range(40)))) == 6


def test_nonsense_is_far_from_everything_and_the_words_of_each_item_are_told(
    small_model, small_features
):
    found = from_sentence(small_model, small_features, Tastes(), "space, xyzzy, 胡言乱语")
    assert found.far == ("xyzzy", "胡言乱语")
    assert set(found.nearest["wish"]) <= set(found.wishes)
    best = found.nearest.loc[found.nearest["wish"] == "space", "item_id"]
    assert {int(item[1:]) % 3 for item in best} == {0}
    assert from_sentence(small_model, small_features, Tastes(), "a garden").far == ()
