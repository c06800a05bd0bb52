"""Which column of a file is which: known header words, and what a person says."""

import json
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import pyarrow as pa

from crossrec.data.meaning.signals import are_opinions
from crossrec.data.meaning.vocabulary import Kind, event_word
from crossrec.data.reading.id_columns import item_column, user_column
from crossrec.data.reading.values import (
    by_values,
    is_number,
    is_rating,
    is_row_key,
    may_be_ids,
    may_be_scenario,
)
from crossrec.errors import ColumnMissing
from crossrec.schema import (
    CATALOG_COLUMNS,
    CATEGORY,
    EVENT,
    ITEM,
    LOG_COLUMNS,
    PRICE,
    QUANTITY,
    RATING,
    SCENARIO,
    TEXT,
    TIME,
    TITLE,
    USER,
)

EXACT = "exact"
"""Confidence: the header is one of the usual words for this column."""
LIKELY = "likely"
"""Confidence: the header often means this, but may mean something else; look at it."""
ASK = "ask"
"""Confidence: only the values look like it; used when a person agrees, never by itself."""
GIVEN = "given"
"""Confidence: a person said so."""

EXACT_WORDS: Mapping[str, str] = {
    USER: "userid user uid username useridx reviewerid customerid customer memberid accountid"
    " householdid visitorid buyerid 用户id 用户 用户编号 用户标识 会员id 会员编号 会员 客户id"
    " 客户编号 顾客id 买家id",
    ITEM: "itemid item iid asin parentasin sku skuid productid product goodsid movieid bookid"
    " videoid gameid trackid songid articleid newsid adid 物品id 物品 物品编号 商品id 商品 商品编号"
    " 产品id 产品编号 项目id 电影id 图书id 视频id 歌曲id 内容id",
    SCENARIO: "scenario scenarioid scene sceneid domain domainid surface 场景 场景id 场景名称"
    " 业务场景 推荐场景 领域",
    EVENT: "event eventtype eventname action actiontype behavior behaviour behaviortype"
    " behaviourtype interactiontype 行为 行为类型 事件 事件类型 操作 操作类型 交互类型",
    RATING: "rating ratings score stars star overall 评分 打分 评级 星级 分数",
    QUANTITY: "quantity qty amount units count 数量 件数 购买数量",
    TIME: "timestamp time datetime date ts unixtime unixreviewtime reviewtime eventtime"
    " transactiontimestamp createdat orderdate ratingtimestamp 时间 时间戳 日期 交互时间 行为时间"
    " 购买时间 点击时间 下单时间 发生时间",
    TITLE: "title itemtitle name itemname productname producttitle goodsname 标题 名称 商品名称"
    " 商品标题 物品名称 产品名称 片名 书名 商品名 物品名",
    TEXT: "text description desc itemdescription productdescription summary overview content"
    " abstract 描述 简介 文本 内容 商品描述 物品描述 详情 摘要",
    CATEGORY: "category categories categoryid itemcategory productcategory genre genres"
    " maincategory 类别 类目 分类 品类 商品类别 商品分类 类型",
    PRICE: "price itemprice unitprice 价格 单价 售价",
}
LIKELY_WORDS: Mapping[str, str] = {
    USER: "member account visitor buyer client clientid person personid deviceid cookieid session"
    " sessionid author",
    ITEM: "goods movie book video game track song article contentid id 编号 uri url content",
    SCENARIO: "department channel page site market vertical behavior behaviour behaviortype source"
    " category categories maincategory 部门 频道 渠道 页面 来源 板块 行为 类别 类目",
    EVENT: "type activity interaction op operation act verb 动作 类型 操作名称",
    RATING: "grade preference userrating userscore userstars reviewrating reviewscore reviewstars"
    " reviewoverall overallrating overallscore starrating starscore ratingvalue ratingscore"
    " ratinggiven starsgiven customerrating myrating yourrating bookrating movierating filmrating"
    " gamerating musicrating hotelrating itemrating productrating thumbsrating explicitrating 得分"
    " 用户评分 用户打分 综合评分 评价分数 评价星级 评价分 评分值 推荐指数 满意度"
    " 商品评分 电影评分 图书评分",
    QUANTITY: "value number num hours duration playtime unitssold soldunits soldqty soldquantity"
    " qtysold quantitysold orderqty orderquantity orderedqty orderedquantity purchaseqty"
    " purchasequantity purchasedquantity salesqty salesquantity netquantity netqty itemquantity"
    " itemcount sales netsales salesamount salesvalue revenue netrevenue totalamount linetotal"
    " totalprice 次数 时长 值 销量 销售量 销售数量 销售额 购买量 下单数量 订购数量 成交数量"
    " 订单数量 金额",
    TIME: "day created updated when 创建时间 评论时间 日",
    TITLE: "label headline producttype 题名",
    TEXT: "body review comment details features 评论 正文",
    CATEGORY: "type department group 部门 大类",
    PRICE: "cost amount salesvalue 金额",
}
_NUMERIC = (RATING, QUANTITY, PRICE)
_FLOAT = (":float", ":float_seq")
"""Typed headers of numbers."""


def normal(header: str) -> str:
    """A header reduced to its letters and digits: ``User_ID`` and ``userId`` become ``userid``."""
    plain = unicodedata.normalize("NFKC", header).casefold().split(":", 1)[0]
    return "".join(filter(str.isalnum, plain))


def words(name: str) -> frozenset[str]:
    """The normalised headers that surely mean the schema column ``name``."""
    return frozenset(EXACT_WORDS[name].split())


@dataclass(frozen=True)
class ColumnMap:
    """Schema names and the columns of one file that hold them.

    Attributes:
        columns: schema name (:mod:`crossrec.schema`) -> header in the file. An empty header means
            "do not use": it also stops the guess for that name.
        confidence: schema name -> :data:`EXACT`, :data:`LIKELY`, :data:`ASK` or :data:`GIVEN`.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    confidence: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        known = dict.fromkeys((*LOG_COLUMNS, *CATALOG_COLUMNS))
        for name in self.columns:
            if name not in known:
                near = get_close_matches(name, known, n=1)
                hint = f" (did you mean {near[0]}?)" if near else ""
                raise ColumnMissing(
                    f"expected one of {', '.join(known)} on the left of the column map",
                    f"{name!r}{hint}",
                    "Write it as --map user_id=COLUMN,item_id=COLUMN",
                )

    def get(self, name: str) -> str | None:
        """The header that holds ``name``, or None."""
        return self.columns.get(name) or None

    @classmethod
    def given(cls, columns: Mapping[str, str]) -> "ColumnMap":
        """A map a person has written.

        Raises:
            ColumnMissing: a key is not a schema name.
        """
        return cls(dict(columns), dict.fromkeys(columns, GIVEN))

    @classmethod
    def parse(cls, text: str) -> "ColumnMap":
        """Read ``"user_id=COL,item_id=COL2"``; ``"event="`` means there is no such column.

        Raises:
            ColumnMissing: a part is not of that form, or names an unknown schema column.
        """
        columns: dict[str, str] = {}
        for part in filter(str.strip, re.split(r"[,;，；\n]", text)):
            name, equals, column = part.partition("=")
            if not equals or name.strip() in columns:
                what = "twice" if equals else "without '='"
                raise ColumnMissing(
                    "expected a column map like user_id=COLUMN,item_id=COLUMN",
                    f"{part.strip()!r} {what}",
                    "Write each schema name once, an equals sign, and the column of your file",
                )
            columns[name.strip()] = column.strip()
        return cls.given(columns)

    def over(self, other: "ColumnMap") -> "ColumnMap":
        """This map, filled up with what only ``other`` knows.

        A column this map uses is not used a second time by ``other``.
        """
        used = set(self.columns.values())
        extra = {
            name: column
            for name, column in other.columns.items()
            if name not in self.columns and column not in used
        }
        return ColumnMap(
            {**extra, **self.columns},
            {**{name: other.confidence.get(name, LIKELY) for name in extra}, **self.confidence},
        )

    def without(self, name: str) -> "ColumnMap":
        """This map, not using any column for ``name``."""
        return ColumnMap({**self.columns, name: ""}, self.confidence)

    def to_json(self) -> str:
        """The map as JSON text."""
        return json.dumps(
            {"columns": dict(self.columns), "confidence": dict(self.confidence)},
            ensure_ascii=False,
        )

    @classmethod
    def from_json(cls, text: str) -> "ColumnMap":
        """Read what :meth:`to_json` wrote."""
        held = json.loads(text)
        return cls(held["columns"], held["confidence"])

    def save(self, path: Path) -> None:
        """Keep the map as a JSON file, to be used for the next export of the same kind."""
        path.write_text(self.to_json() + "\n", encoding="utf-8")

    @classmethod
    def load(cls, path: Path) -> "ColumnMap":
        """Read what :meth:`save` wrote; what a file says counts as said by a person.

        Raises:
            ColumnMissing: the file is not there, or holds no map.
        """
        try:
            held = cls.from_json(path.read_text(encoding="utf-8"))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ColumnMissing(
                f"expected a column map in {path.name}", str(error)[:120], "Save it again"
            ) from error
        return cls.given(held.columns)


Sample = Mapping[str, Sequence[object]] | Mapping[str, pa.ChunkedArray]
"""Some values of every column; a frame is one too."""
Columns = ColumnMap | Mapping[str, str] | None
"""Which column is which: a map, ``{schema name: header}``, or nothing (by the headers)."""


def suggest(
    columns: Sequence[str],
    sample: Sample | None = None,
    *,
    names: Sequence[str] = LOG_COLUMNS,
) -> ColumnMap:
    """Guess which columns are which from their headers, in English and Chinese.

    Args:
        columns: the headers of the file.
        sample: some values per header (a frame works too), the more the surer: a column that is
            only likely is not used where its values speak against it. In a log no user and no item
            is different in every row; a scenario has few values.
        names: the schema names to look for: :data:`~crossrec.schema.LOG_COLUMNS` for a log,
            :data:`~crossrec.schema.CATALOG_COLUMNS` for a catalogue, ``(USER,)`` for profiles.

    Returns:
        The map; every column is used at most once, sure words before likely ones.
    """
    found: dict[str, str] = {}
    confidence: dict[str, str] = {}
    by_word = {normal(column): column for column in reversed(columns)}
    values = _Texts(sample or {})
    log = USER in names and ITEM in names
    for level, table in ((EXACT, EXACT_WORDS), (LIKELY, LIKELY_WORDS)):
        for name in names:
            if name in found:
                continue
            free = [column for column in columns if column not in found.values()]
            called = [by_word[word] for word in table[name].split() if by_word.get(word) in free]
            good = [column for column in called if _speaks(name, column, values, log=log)]
            if level == LIKELY and (column := _id_column(name, free, values, log=log)):
                good = [column]
            # A sure word needs no values, but of two such columns the one they speak for is taken.
            if level == EXACT:
                if name == RATING:
                    called = [
                        column for column in called if not are_opinions(values.get(column, ()))
                    ]
                good = [*(good if name in (USER, ITEM) else ()), *called]
            if good:
                found[name] = good[0]
                confidence[name] = level if good[0] == (called or good)[0] else LIKELY
    _behaviour_as_scenario(names, found, confidence, values)
    return ColumnMap(found, confidence)


class _Texts(Mapping[str, Sequence[str]]):
    """Values of a sample as text, those of a column when they are asked for; none for others."""

    def __init__(self, sample: Sample) -> None:
        self._sample = sample
        self._texts: dict[str, list[str]] = {}

    def __getitem__(self, column: str) -> list[str]:
        if column not in self._texts:
            values: Any = self._sample[column]
            if isinstance(values, pa.ChunkedArray):
                values = values.to_pylist()
            shown = (str(value) for value in values if value is not None)
            self._texts[column] = [text for text in shown if text]
        return self._texts[column]

    def __iter__(self) -> Iterator[str]:
        return iter(self._sample)

    def __len__(self) -> int:
        return len(self._sample)


def _id_column(name: str, free: Sequence[str], values: _Texts, *, log: bool) -> str | None:
    """A column whose header tells that it holds ids, though it is no usual word."""
    typed = [column for column in free if not column.endswith(_FLOAT)]
    if name == USER:
        return user_column(typed, values, keys=not log)
    return item_column(typed, values, keys=not log) if name == ITEM else None


def _speaks(name: str, column: str, sample: _Texts, *, log: bool) -> bool:
    """Whether the values of a column that is only likely agree with its header."""
    if name in (USER, ITEM, SCENARIO) and column.endswith(_FLOAT):
        return False
    if column not in sample or not (values := sample[column]):
        return True
    if name in _NUMERIC:
        return is_rating(values) if name == RATING else is_number(values)
    if name in (USER, ITEM):
        return may_be_ids(values) and not (log and is_row_key(values))
    if name == SCENARIO:
        return may_be_scenario(values) and not (_is_count(column) and is_number(values))
    return True


def _is_count(column: str) -> bool:
    """Whether numbers under this header count something: the page of a list, not a place."""
    return normal(column) in ("page", "source", "site")


def ask(
    columns: Sequence[str],
    sample: Sample,
    found: ColumnMap,
    *,
    names: Sequence[str] = LOG_COLUMNS,
    missing: Sequence[str] = (),
) -> ColumnMap:
    """What the columns without a known header may be, by their values: a question to a person.

    Args:
        columns: the headers of the file.
        sample: some values per header.
        found: what is known already.
        names: the schema names of the table.
        missing: those to ask about; default all.

    Returns:
        Only the new columns, each with confidence :data:`ASK`.
    """
    used = set(found.columns.values())
    texts = _Texts(sample)
    free = {column: texts[column] for column in columns if column not in used and column in texts}
    wanted = [name for name in missing or names if name not in found.columns]
    asked = by_values(free, wanted, log=USER in names and ITEM in names)
    return ColumnMap(asked, dict.fromkeys(asked, ASK))


def profile_columns(columns: Sequence[str], found: ColumnMap) -> tuple[str, ...]:
    """The columns of a user table that tell something about the person: all but the id."""
    return tuple(column for column in columns if column != found.get(USER))


def _behaviour_as_scenario(
    names: Sequence[str], found: dict[str, str], confidence: dict[str, str], values: Sample
) -> None:
    """Without another scenario column, behaviours (view, buy ...) are the scenarios.

    Not where some of them are no interactions: what was shown or disliked is no place.
    """
    if SCENARIO not in names or SCENARIO in found or EVENT not in found:
        return
    if normal(found[EVENT]) in LIKELY_WORDS[SCENARIO].split():
        words = [event_word(str(value)) for value in dict.fromkeys(values.get(found[EVENT], ()))]
        if any(word is not None and word.kind is not Kind.POSITIVE for word in words):
            return
        found[SCENARIO], confidence[SCENARIO] = found.pop(EVENT), LIKELY
        confidence.pop(EVENT)


def resolve(
    columns: Sequence[str],
    given: ColumnMap | Mapping[str, str] | None,
    sample: Sample | None,
    *,
    names: Sequence[str],
    needed: Sequence[str],
    file: str,
    known: ColumnMap | None = None,
) -> ColumnMap:
    """The map to read a file with: what was given, then what is known, then the guesses.

    Raises:
        ColumnMissing: a header stands twice, a given column is not in the file, or a needed one
            is neither given nor recognised.
    """
    twice = sorted({column for column in columns if columns.count(column) > 1})
    if twice:
        raise ColumnMissing(
            f"expected every column name once in {file}",
            f"{_listed(twice)} more than once",
            "Rename or remove the repeated column",
        )
    if not isinstance(given, ColumnMap):
        given = ColumnMap.given(given or {})
    wanted = ColumnMap(
        {name: column for name, column in given.columns.items() if name in names},
        given.confidence,
    )
    for name, column in wanted.columns.items():
        if column and column not in columns:
            raise ColumnMissing(
                f"expected the column {column!r} for {name} in {file}",
                _listed(columns),
                f"Name one of these: --map {name}=COLUMN",
            )
    mapping = wanted.over(known or ColumnMap()).over(suggest(columns, sample, names=names))
    missing = [name for name in needed if mapping.get(name) is None]
    if missing:
        asked = ask(columns, sample or {}, mapping, names=names, missing=missing)
        hints = [f"{column!r} may be {name}" for name, column in asked.columns.items()]
        raise ColumnMissing(
            f"expected columns {' and '.join(missing)} in {file}",
            f"{_listed(columns)}" + (f" ({', '.join(hints)})" if hints else ""),
            "Say which they are: --map "
            + ",".join(f"{name}=COLUMN" for name in missing)
            + " (the first line must hold the column names)",
        )
    return mapping


def _listed(columns: Sequence[str], limit: int = 12) -> str:
    shown = ", ".join(repr(column[:40]) for column in columns[:limit])
    return shown + (f" and {len(columns) - limit} more" if len(columns) > limit else "")
