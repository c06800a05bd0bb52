"""Lists worth showing: no doubles, variety at a known price, the rules of the house."""

from crossrec.lists.measures import ListFigures, list_figures
from crossrec.lists.rerank import Rules, rerank
from crossrec.lists.shelf import NO_CATEGORY, Shelf

__all__ = ["NO_CATEGORY", "ListFigures", "Rules", "Shelf", "list_figures", "rerank"]
