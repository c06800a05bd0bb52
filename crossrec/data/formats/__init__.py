"""Well-known public layouts of behaviour logs, recognised from file names and first lines."""

from crossrec.data.formats.amazon import Amazon
from crossrec.data.formats.douban import Douban
from crossrec.data.formats.gorse import GORSE
from crossrec.data.formats.kuairand import KuaiRand
from crossrec.data.formats.lastfm import LAST_FM
from crossrec.data.formats.mind import Mind
from crossrec.data.formats.movielens import MovieLens
from crossrec.data.formats.places import CHECK_INS
from crossrec.data.formats.recbole import RecBole
from crossrec.data.formats.retail import BOOK_CROSSING, H_AND_M, ONLINE_RETAIL
from crossrec.data.formats.retailrocket import RetailRocket
from crossrec.data.formats.shape import ITEMS, LOG, USERS, Head, Layout, Shape
from crossrec.data.formats.shop import Shop
from crossrec.data.formats.steam import STEAM
from crossrec.data.formats.taobao import TAOBAO
from crossrec.data.formats.yelp import YELP

LAYOUTS: tuple[Layout, ...] = (
    MovieLens(), RecBole(), Amazon(), KuaiRand(), Mind(), Douban(), RetailRocket(), Shop(), TAOBAO,
    YELP, STEAM, ONLINE_RETAIL, H_AND_M, BOOK_CROSSING, GORSE, CHECK_INS, LAST_FM,
)  # fmt: skip
"""All layouts; the first that recognises a file reads it."""

__all__ = ["ITEMS", "LAYOUTS", "LOG", "USERS", "Head", "Layout", "Shape", "recognise"]


def recognise(head: Head) -> Shape | None:
    """How to read a file of a well-known layout; None where it is of no such layout."""
    found = (layout.recognise(head) for layout in LAYOUTS)
    return next((shape for shape in found if shape is not None), None)
