"""The recommenders a transfer model has to beat, each target-only or with all scenarios pooled."""

from crossrec.transfer.baselines.als import ALS
from crossrec.transfer.baselines.bpr import BPR
from crossrec.transfer.baselines.ease import EASE
from crossrec.transfer.baselines.hybrid import Hybrid
from crossrec.transfer.baselines.knn import ItemKNN
from crossrec.transfer.baselines.l3ae import L3AE
from crossrec.transfer.baselines.popularity import Popularity
from crossrec.transfer.baselines.recent import RecentPopularity
from crossrec.transfer.baselines.text import TextContent
from crossrec.transfer.baselines.user_knn import UserKNN

__all__ = [
    "ALS",
    "BPR",
    "EASE",
    "L3AE",
    "Hybrid",
    "ItemKNN",
    "Popularity",
    "RecentPopularity",
    "TextContent",
    "UserKNN",
]
