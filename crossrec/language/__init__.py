"""Text -> vectors: what the language model sees and knows.

Nothing heavy is imported with this package: torch and transformers load on the first encoding.
"""

from crossrec.language.bundled import (
    E5,
    KNOWN,
    MINILM,
    SMOLLM,
    ModelInfo,
    find,
    install,
    installed_models,
)
from crossrec.language.cache import VectorCache
from crossrec.language.encoder import (
    AUTO,
    Encoder,
    TransformersEncoder,
    choose_encoder,
    idle_cores,
    load_encoder,
)
from crossrec.language.extract import (
    NO_TEXT,
    Cost,
    cost,
    extract_features,
    fingerprint,
)
from crossrec.language.inspect import SIMILARITY, Preview, neighbours, preview, token_lengths
from crossrec.language.locations import cache_root
from crossrec.language.table import FeatureTable
from crossrec.language.text import cjk_share, clean, item_text, item_texts
from crossrec.language.tfidf import BASELINES, BOW, TFIDF

__all__ = [
    "AUTO",
    "BASELINES",
    "BOW",
    "E5",
    "KNOWN",
    "MINILM",
    "NO_TEXT",
    "SIMILARITY",
    "SMOLLM",
    "TFIDF",
    "Cost",
    "Encoder",
    "FeatureTable",
    "ModelInfo",
    "Preview",
    "TransformersEncoder",
    "VectorCache",
    "cache_root",
    "choose_encoder",
    "cjk_share",
    "clean",
    "cost",
    "extract_features",
    "find",
    "fingerprint",
    "idle_cores",
    "install",
    "installed_models",
    "item_text",
    "item_texts",
    "load_encoder",
    "neighbours",
    "preview",
    "token_lengths",
]
