"""Which column of a file is which: known header words, and what a person says."""

import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path

from crossrec.data.reading.values import by_values
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
    ITEM: "id goods movie book video game track song article content contentid uri url 编号",
    SCENARIO: "department channel page site market vertical behavior behaviour behaviortype source"
    " category categories maincategory 部门 频道 渠道 页面 来源 板块 行为 类别 类目",
    EVENT: "type activity interaction 动作 类型",
    RATING: "grade preference 得分",
    QUANTITY: "value number num hours duration playtime 次数 时长 值",
    TIME: "day created updated when 创建时间 评论时间 日",
    TITLE: "label headline producttype 题名",
    TEXT: "body review comment details features 评论 正文",
    CATEGORY: "type department group 部门 大类",
    PRICE: "cost amount salesvalue 金额",
}
_NUMERIC = (RATING, QUANTITY, PRICE)
_SAMPLE_SHARE = 0.8
"""A guess for a numeric column stands only if this share of its sampled values are numbers."""


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


Columns = ColumnMap | Mapping[str, str] | None
"""Which column is which: a map, ``{schema name: header}``, or nothing (by the headers)."""


def suggest(
    columns: Sequence[str],
    sample: Mapping[str, Sequence[object]] | None = None,
    *,
    names: Sequence[str] = LOG_COLUMNS,
) -> ColumnMap:
    """Guess which columns are which from their headers, in English and Chinese.

    Args:
        columns: the headers of the file.
        sample: a few values per header (a frame works too); numeric columns that are only
            likely are dropped when their sampled values are not numbers.
        names: the schema names to look for: :data:`~crossrec.schema.LOG_COLUMNS` for a log,
            :data:`~crossrec.schema.CATALOG_COLUMNS` for a catalogue, ``(USER,)`` for profiles.

    Returns:
        The map; every column is used at most once, sure words before likely ones.
    """
    found: dict[str, str] = {}
    confidence: dict[str, str] = {}
    by_word = {normal(column): column for column in reversed(columns)}
    for level, table in ((EXACT, EXACT_WORDS), (LIKELY, LIKELY_WORDS)):
        for name in names:
            if name in found:
                continue
            for word in table[name].split():
                column = by_word.get(word)
                if column is None or column in found.values():
                    continue
                if level == LIKELY and name in _NUMERIC and not _looks_numeric(column, sample):
                    continue
                found[name], confidence[name] = column, level
                break
    _behaviour_as_scenario(names, found, confidence)
    return ColumnMap(found, confidence)


def ask(
    columns: Sequence[str],
    sample: Mapping[str, Sequence[object]],
    found: ColumnMap,
    *,
    names: Sequence[str] = LOG_COLUMNS,
) -> ColumnMap:
    """What the columns without a known header may be, by their values: a question to a person.

    Args:
        columns: the headers of the file.
        sample: some values per header.
        found: what is known already.
        names: the schema names to ask about.

    Returns:
        Only the new columns, each with confidence :data:`ASK`.
    """
    used = set(found.columns.values())
    free = {
        column: [
            text for value in sample.get(column, ()) if value is not None and (text := str(value))
        ]
        for column in columns
        if column not in used
    }
    wanted = [name for name in names if name not in found.columns]
    asked = by_values(free, wanted)
    return ColumnMap(asked, dict.fromkeys(asked, ASK))


def profile_columns(columns: Sequence[str], found: ColumnMap) -> tuple[str, ...]:
    """The columns of a user table that tell something about the person: all but the id."""
    return tuple(column for column in columns if column != found.get(USER))


def _behaviour_as_scenario(
    names: Sequence[str], found: dict[str, str], confidence: dict[str, str]
) -> None:
    """Without another scenario column, behaviours (view, buy ...) are the scenarios."""
    if SCENARIO not in names or SCENARIO in found or EVENT not in found:
        return
    if normal(found[EVENT]) in LIKELY_WORDS[SCENARIO].split():
        found[SCENARIO], confidence[SCENARIO] = found.pop(EVENT), LIKELY
        confidence.pop(EVENT)


def _looks_numeric(column: str, sample: Mapping[str, Sequence[object]] | None) -> bool:
    if sample is None or column not in sample:
        return True
    values = [text for value in sample[column] if value is not None and (text := str(value))]
    numbers = sum(bool(re.fullmatch(r"\s*[-+]?\d*\.?\d+(e[-+]?\d+)?\s*", v, re.I)) for v in values)
    return bool(values) and numbers >= _SAMPLE_SHARE * len(values)


def resolve(
    columns: Sequence[str],
    given: ColumnMap | Mapping[str, str] | None,
    sample: Mapping[str, Sequence[object]] | None,
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
        asked = ask(columns, sample or {}, mapping, names=missing)
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
