"""How strongly an event speaks for an item."""

import math
from collections.abc import Mapping, Sequence

import numpy as np

from crossrec.errors import DataError, UnknownId

_VIEW, _RATE, _CART, _BUY = 0.25, 0.5, 0.75, 1.0

_WORDS: Mapping[float, str] = {
    _VIEW: "view views viewed pageview itemview pv impression click clicks clicked clk browse open"
    " detail search visit"
    " 浏览 点击 查看 曝光 访问 搜索 打开",
    _RATE: "rate rates rated rating review reviewed comment like liked fav favor favorite"
    " favourite collect bookmark wishlist save share follow"
    " 评分 评价 评论 打分 点赞 喜欢 收藏 分享 关注 转发",
    _CART: "cart addtocart carted basket addcart reserve book booking booked"
    " 加购 加购物车 加入购物车 购物车 预订 预约",
    _BUY: "buy buys bought purchase purchased purchases order ordered transaction checkout pay paid"
    " play played watch watched listen listened read download install subscribe positive"
    " 购买 下单 支付 成交 付款 交易 播放 观看 收听 阅读 下载 安装 订阅",
}
_NO = (
    "dislike disliked unlike return returned refund refunded cancel cancelled canceled negative"
    " removefromcart hide 不喜欢 点踩 踩 退货 退款 取消 取消收藏 移出购物车 屏蔽"
)

EVENT_WEIGHTS: Mapping[str, float] = {
    **{word: weight for weight, words in _WORDS.items() for word in words.split()},
    **dict.fromkeys(_NO.split(), 0.0),
}
"""Event word (:func:`event_key`) -> strength: view < rate < cart < buy.

0 says "no" (a return, a dislike): such a row is not an interaction. Source: method page §2.2.
"""
_LISTED = 1_000
UNKNOWN_EVENT = 1.0
"""Strength of a word that is not in :data:`EVENT_WEIGHTS`, and of a row without an event."""


def event_key(event: str) -> str:
    """What an event is looked up by: ``"Add to cart"`` and ``add_to_cart`` are ``addtocart``.

    A code without letters, such as ``4``, stays as it is.
    """
    plain = event.casefold().strip()
    return "".join(filter(str.isalpha, plain)) or plain


def event_weight(event: str, given: Mapping[str, float] | None = None) -> float:
    """Strength of one event as it stands in a file.

    Args:
        event: the word or code.
        given: event -> strength, as a person said; others have their usual one.
    """
    key = event_key(event)
    own = {event_key(name): weight for name, weight in (given or {}).items()}
    return own[key] if key in own else EVENT_WEIGHTS.get(key, UNKNOWN_EVENT)


def strengths(events: Sequence[str], given: Mapping[str, float] | None = None) -> np.ndarray:
    """Strength of each event of a log, and at the last place that of a row without one.

    Args:
        events: the distinct values, n of them.
        given: event -> strength, as a person said.

    Returns:
        Shape (n + 1,), float64.

    Raises:
        UnknownId: a strength is given for an event that is not there.
    """
    own = check_event_weights(given or {})
    keys = [event_key(event) for event in events]
    for name in given or {}:
        if event_key(name) not in keys:
            raise UnknownId.of("kind of event", name, [event[:40] for event in events[:_LISTED]])
    found = [own.get(key, EVENT_WEIGHTS.get(key, UNKNOWN_EVENT)) for key in keys]
    return np.array([*found, UNKNOWN_EVENT], dtype=np.float64)


def check_event_weights(given: Mapping[str, float]) -> dict[str, float]:
    """Strengths by :func:`event_key`.

    Raises:
        DataError: a strength is not a number of at least 0, an event has two.
    """
    own: dict[str, float] = {}
    for name, weight in given.items():
        key = event_key(name)
        if isinstance(weight, bool) or not isinstance(weight, (int, float)) or not key:
            raise DataError("expected a number as the weight of an event", f"{name!r}: {weight!r}")
        if not (math.isfinite(weight) and weight >= 0):
            raise DataError(
                f"expected a weight of at least 0 for the event {name!r}",
                f"{weight}",
                "0 leaves the event out; a larger number says more",
            )
        if own.get(key, weight) != weight:
            raise DataError(
                f"expected one weight for the event {name!r}", f"{own[key]:g} and {weight:g}"
            )
        own[key] = float(weight)
    return own
