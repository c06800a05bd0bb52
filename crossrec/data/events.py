"""How strongly an event speaks for an item."""

from collections.abc import Mapping, Sequence

import numpy as np

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
"""Event word (lower case, letters only) -> strength: view < rate < cart < buy.

0 says "no" (a return, a dislike): such a row is not an interaction. Source: method page §2.2.
"""
UNKNOWN_EVENT = 1.0
"""Strength of a word that is not in :data:`EVENT_WEIGHTS`, and of a row without an event."""


def event_weight(event: str) -> float:
    """Strength of one event as it stands in a file: ``"Add to cart"`` is found as ``addtocart``."""
    word = "".join(filter(str.isalpha, event.casefold()))
    return EVENT_WEIGHTS.get(word, UNKNOWN_EVENT)


def strengths(events: Sequence[str]) -> np.ndarray:
    """Strength of each event of a file, and at the last place that of a row without one.

    Args:
        events: the distinct values, n of them.

    Returns:
        Shape (n + 1,), float64.
    """
    return np.array([*map(event_weight, events), UNKNOWN_EVENT], dtype=np.float64)
