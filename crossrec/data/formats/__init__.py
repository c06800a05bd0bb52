"""Well-known public layouts of behaviour logs, recognised from file names and first lines."""

from crossrec.data.formats.amazon import Amazon
from crossrec.data.formats.douban import Douban
from crossrec.data.formats.kuairand import KuaiRand
from crossrec.data.formats.mind import Mind
from crossrec.data.formats.movielens import MovieLens
from crossrec.data.formats.recbole import RecBole
from crossrec.data.formats.retailrocket import RetailRocket
from crossrec.data.formats.shape import ITEMS, LOG, USERS, Head, Layout, Shape
from crossrec.data.formats.shop import Shop

LAYOUTS: tuple[Layout, ...] = (
    MovieLens(), RecBole(), Amazon(), KuaiRand(), Mind(), Douban(), RetailRocket(), Shop(),
)  # fmt: skip
"""All layouts; the first that recognises a file reads it."""

__all__ = ["ITEMS", "LAYOUTS", "LOG", "USERS", "Head", "Layout", "Shape", "recognise"]


def recognise(head: Head) -> Shape | None:
    """How to read a file of a well-known layout; None where it is of no such layout."""
    found = (layout.recognise(head) for layout in LAYOUTS)
    return next((shape for shape in found if shape is not None), None)
