"""Columns whose cells hold several values: told column by column, then kept in one form."""

import ast
import json
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import chain, islice
from statistics import median

import numpy as np

from crossrec.data.values import LISTED, as_cell, single

_MARKS = ("|", ";", "；", "、", "，", ",", " / ", " > ")
"""Between values, the plainest first."""
_LIST = re.compile(r"\[.*\]|\{.*\}", re.DOTALL)
_NAMES = ("name", "title", "label", "value", "id")
"""Of an object in a list one of these stands for it."""
_MOST = 0.8
"""Share of the cells that look like lists, from which a column holds lists."""
_COMMON = {",": (0.2, 0.8), " / ": (0.02, 0.8), " > ": (0.2, 0.3)}
_USUAL = (0.02, 0.5)
"""Share of cells that hold the mark at least, and share of values that are exceeded by those that
stand in other cells, too. A comma also stands between last and first names, or in sentences."""
_JUDGED = 20_000
"""So many different cells are looked at to tell how a column is to be read."""
_LONGEST = 40
"""Values are words, not sentences: half of them have at most so many characters."""


def split_column(column: np.ndarray, mark: str = "") -> np.ndarray:
    """A column of text with every cell in the form of :mod:`crossrec.data.values`.

    Whether ``Comedy|Drama`` is two values or one is decided for the whole column: values of a
    list stand in other cells, too, alone or with others.

    Args:
        column: shape (n,), object strings, "" where empty.
        mark: what stands between values, where that is known; "" finds it out.
    """
    cells = dict.fromkeys(filter(None, column.tolist()))
    if not cells:
        return column
    split = _lists(cells) or _cut(cells, mark or _mark(list(islice(cells, _JUDGED))))
    return np.array([split.get(cell, cell) for cell in column.tolist()], dtype=object)


def _lists(cells: Iterable[str]) -> dict[str, str]:
    """Cells that are lists in brackets, or came as lists; {} where the column holds none."""
    split: dict[str, str] = {}
    count = lists = 0
    for cell in cells:
        count += 1
        if LISTED in cell:
            split[cell] = as_cell(cell.split(LISTED))
        elif _LIST.fullmatch(cell) and (values := _listed(cell)) is not None:
            lists += 1
            split[cell] = as_cell(values)
    if split and (lists >= _MOST * count or len(split) > lists):
        return split
    return {}


def _listed(cell: str) -> list[str] | None:
    """The values of a list or a set as JSON, Python, or plain words in brackets; else None."""
    for parse in (json.loads, ast.literal_eval):
        try:
            parsed = parse(cell)
        except (ValueError, SyntaxError, RecursionError, MemoryError):
            continue
        if isinstance(parsed, dict):
            return None
        return list(map(str, _flat(parsed)))
    if cell.startswith("{") and ":" in cell:
        return None
    return [part.strip().strip("'\"") for part in cell[1:-1].split(",") if part.strip()]


def _flat(parsed: Iterable[object]) -> Iterable[object]:
    for one in parsed:
        if isinstance(one, (list, tuple, set)):
            yield from _flat(one)
        elif isinstance(one, dict):  # as {"id": 18, "name": "Drama"}
            yield next((one[key] for key in _NAMES if one.get(key)), one)
        elif one is not None and one != "":
            yield one


def _mark(cells: Sequence[str]) -> str:
    """What stands between the values of a column; "" where each cell is one value."""
    for mark in _MARKS:
        holding, repeated = _COMMON.get(mark, _USUAL)
        several = [values for cell in cells if len(values := _values(cell, mark)) > 1]
        if len(several) < max(2 if mark == "," else 1, holding * len(cells)):
            continue
        counts = Counter(chain.from_iterable(_values(cell, mark) for cell in cells))
        inside = list(chain.from_iterable(several))
        again = sum(counts[value] > 1 for value in inside) / len(inside)
        sizes = {len(_values(cell, mark)) for cell in cells}
        if again <= repeated or median(map(len, inside)) > _LONGEST:
            continue
        if mark == "," and (len(sizes) < 2 or any(value[:1].isdigit() for value in inside)):
            continue
        return mark
    return ""


def _values(cell: str, mark: str) -> list[str]:
    return [value for part in cell.split(mark) if (value := part.strip())]


def _cut(cells: Iterable[str], mark: str) -> dict[str, str]:
    if not mark:
        return {cell: single(cell) for cell in cells}
    return {cell: as_cell(_values(cell, mark)) for cell in cells}
