"""CrossRec: where knowledge of one scenario helps another, where it hurts, and why.

The names of a notebook session stand here; nothing heavy is imported before it is used.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from crossrec.data.audit.rules import audit
    from crossrec.data.reading.readers import read_catalog, read_log, read_users
    from crossrec.data.reading.report import reading_report
    from crossrec.data.split.cutting import split, split_at_random, split_by_order, split_by_time
    from crossrec.evaluation import compare
    from crossrec.explanation import explain
    from crossrec.language import extract_features
    from crossrec.transfer.baselines import (
        ALS,
        BPR,
        EASE,
        Hybrid,
        ItemKNN,
        Popularity,
        RecentPopularity,
        TextContent,
        UserKNN,
    )
    from crossrec.transfer.model import TransferModel

_HOMES = {
    "crossrec.data.audit.rules": ("audit",),
    "crossrec.data.reading.readers": ("read_catalog", "read_log", "read_users"),
    "crossrec.data.reading.report": ("reading_report",),
    "crossrec.data.split.cutting": ("split", "split_at_random", "split_by_order", "split_by_time"),
    "crossrec.evaluation": ("compare",),
    "crossrec.explanation": ("explain",),
    "crossrec.language": ("extract_features",),
    "crossrec.transfer.baselines": (
        "ALS",
        "BPR",
        "EASE",
        "Hybrid",
        "ItemKNN",
        "Popularity",
        "RecentPopularity",
        "TextContent",
        "UserKNN",
    ),
    "crossrec.transfer.model": ("TransferModel",),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "ALS",
    "BPR",
    "EASE",
    "Hybrid",
    "ItemKNN",
    "Popularity",
    "RecentPopularity",
    "TextContent",
    "TransferModel",
    "UserKNN",
    "audit",
    "compare",
    "explain",
    "extract_features",
    "read_catalog",
    "read_log",
    "read_users",
    "reading_report",
    "split",
    "split_at_random",
    "split_by_order",
    "split_by_time",
]


def __getattr__(name: str) -> object:
    if name in _HOME_OF:
        return getattr(import_module(_HOME_OF[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
