"""Adapting an encoder to a catalogue and to who used what with what. Source: 004 §3.2.

Off by default: whether it helps depends on the data, and is measured on held-out rows each time
(:mod:`crossrec.evaluation.adapted`). Only training rows are ever learnt from.
"""

from crossrec.language.adaptation.config import METHODS, OBJECTIVES, AdaptConfig
from crossrec.language.adaptation.pairs import Pairs, co_interactions
from crossrec.language.adaptation.training import Trained, train

__all__ = [
    "METHODS",
    "OBJECTIVES",
    "AdaptConfig",
    "Pairs",
    "Trained",
    "co_interactions",
    "train",
]
