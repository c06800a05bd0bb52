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
from crossrec.language.cost import NO_TEXT, Cost, cost
from crossrec.language.decoder import DecoderEncoder
from crossrec.language.device import idle_cores
from crossrec.language.encoder import AUTO, Encoder, LoadedEncoder, choose_encoder, load_encoder
from crossrec.language.endpoint import EndpointEncoder, about_tokens
from crossrec.language.extract import extract_features, fingerprint
from crossrec.language.inspect import SIMILARITY, Preview, neighbours, preview, token_lengths
from crossrec.language.locations import cache_root
from crossrec.language.quality import (
    NeighbourQuality,
    compare_encoders,
    label_of,
    labels_of,
    neighbour_quality,
)
from crossrec.language.reduction import Reduction
from crossrec.language.scripts import SCRIPTS, script_of, script_shares
from crossrec.language.server import KEY_VARIABLE, ModelServer
from crossrec.language.table import FeatureTable, vectors_parquet
from crossrec.language.template import USUAL, TextTemplate, item_texts, readable_columns
from crossrec.language.text import cjk_share, clean, item_text
from crossrec.language.tfidf import BASELINES, BOW, TFIDF, WORD2VEC
from crossrec.language.transformer import TransformersEncoder

__all__ = [
    "AUTO",
    "BASELINES",
    "BOW",
    "E5",
    "KEY_VARIABLE",
    "KNOWN",
    "MINILM",
    "NO_TEXT",
    "SCRIPTS",
    "SIMILARITY",
    "SMOLLM",
    "TFIDF",
    "USUAL",
    "WORD2VEC",
    "Cost",
    "DecoderEncoder",
    "Encoder",
    "EndpointEncoder",
    "FeatureTable",
    "LoadedEncoder",
    "ModelInfo",
    "ModelServer",
    "NeighbourQuality",
    "Preview",
    "Reduction",
    "TextTemplate",
    "TransformersEncoder",
    "VectorCache",
    "about_tokens",
    "cache_root",
    "choose_encoder",
    "cjk_share",
    "clean",
    "compare_encoders",
    "cost",
    "extract_features",
    "find",
    "fingerprint",
    "idle_cores",
    "install",
    "installed_models",
    "item_text",
    "item_texts",
    "label_of",
    "labels_of",
    "load_encoder",
    "neighbour_quality",
    "neighbours",
    "preview",
    "readable_columns",
    "script_of",
    "script_shares",
    "token_lengths",
    "vectors_parquet",
]
