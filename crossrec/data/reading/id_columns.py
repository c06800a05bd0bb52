"""Columns of ids whose headers are no usual words: ``venue_id``, ``buyer_name``."""

import re
from collections.abc import Mapping, Sequence

from crossrec.data.reading.values import Values, is_row_key, may_be_ids

_TOKENS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[\u4e00-\u9fff]+")
_ID_ENDINGS = ("id", "uuid", "guid", "key", "code", "no", "number", "hash", "md5", "编号", "标识")
_USER_ENDINGS = (*_ID_ENDINGS, "email", "name", "nickname", "nick", "名称", "名", "昵称")
_USERS = (
    "user customer client member visitor buyer account shopper viewer reader player listener"
    " consumer subscriber passenger guest patient student learner reviewer rater household person"
    " people profile 用户 会员 客户 顾客 买家 账号 读者 学生"
)
_NO_ITEMS = (
    "category cat class brand shop store seller merchant vendor supplier manufacturer order orders"
    " suborder review comment reply rating feedback session transaction trans txn event log row"
    " record line request req response trace span message msg page city region country state"
    " province county zip postal post area location geo device cookie channel campaign department"
    " dept scene scenario domain surface parent root group type cart basket payment pay invoice"
    " receipt bill impression imp exposure visit view click tenant org organization author"
    " director genre tag topic label color colour size warehouse experiment exp bucket abtest"
    " position pos slot query search ip agent language lang currency batch file source platform"
    " version model status owner sender receiver friend ticket phone mobile tax coupon"
    " imdb tmdb isbn issn ean gtin upc bar barcode mpn external ext foreign wikidata spotify mbid"
    " 订单 类目 类别 分类 品牌 店铺 商家 会话 评论 城市 设备 渠道 页面 日志 流水 父"
)


def user_column(columns: Sequence[str], sample: Mapping[str, Values], *, keys: bool) -> str | None:
    """The column that names users by its header, ids before names; None where there is none.

    Args:
        columns: headers that are not used for something else.
        sample: values of each.
        keys: whether a column that is different in every row will do, as in a table of users.
    """
    for ending in _USER_ENDINGS:
        for column in columns:
            word = _noun(column, (ending,))
            if word in _USERS.split() and _fits(sample.get(column), keys=keys):
                return column
    return None


def item_column(columns: Sequence[str], sample: Mapping[str, Values], *, keys: bool) -> str | None:
    """The column that holds ids of the things a table is about; None where there is none.

    Of several it is the one with the most different values: venues are more than their brands.
    A bare ``id`` takes part too, but is not preferred.

    Args:
        columns: headers that are not used for something else.
        sample: values of each.
        keys: True for a table of items, in which an item's id is different in every row; False
            for a log, in which it is not.
    """
    able = []
    for column in columns:
        noun = _noun(column, _ID_ENDINGS)
        values = sample.get(column)
        if noun is None or noun in (*_USERS.split(), *_NO_ITEMS.split()):
            continue
        if _fits(values, keys=keys) and (not keys or values is None or _is_key(values)):
            able.append(column)
    # Headers alone say nothing of which of two it is.
    counts = {column: len(set(sample.get(column) or ())) for column in able}
    best = max(able, key=lambda column: (counts[column], _noun(column, _ID_ENDINGS) != ""),
               default=None)  # fmt: skip
    return best if best is None or _noun(best, _ID_ENDINGS) else None


def _noun(header: str, endings: tuple[str, ...]) -> str | None:
    """What stands before the ending: ``venue`` of ``venue_id``, "" of ``id``; None without one."""
    tokens = [token.casefold() for token in _TOKENS.findall(header.split(":", 1)[0])]
    if not tokens:
        return None
    if tokens[-1] in endings:
        return tokens[-2] if len(tokens) > 1 else ""
    chinese = next((end for end in endings if not end.isascii() and tokens[-1].endswith(end)), None)
    return tokens[-1].removesuffix(chinese) if chinese else None


def _fits(values: Values | None, *, keys: bool) -> bool:
    return values is None or (may_be_ids(values) and (keys or not is_row_key(values)))


def _is_key(values: Values) -> bool:
    return len(set(values)) >= 0.99 * len(values)
