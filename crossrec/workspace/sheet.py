"""Tables as CSV for people: nothing in them runs when a spreadsheet opens the file."""

import pandas as pd

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def csv_bytes(frame: pd.DataFrame) -> bytes:
    """A table as CSV for people: UTF-8 with BOM, and no cell a spreadsheet would run.

    Text that starts with ``= + - @``, a tab or a line break gets a leading apostrophe.
    """
    safe = frame.rename(columns=_inert)
    for column in safe.columns[[_is_text(kind) for kind in safe.dtypes]]:
        safe[column] = safe[column].map(_inert)
    return safe.to_csv(index=False).encode("utf-8-sig")


def _is_text(kind: object) -> bool:
    return not (pd.api.types.is_numeric_dtype(kind) or pd.api.types.is_datetime64_any_dtype(kind))


def _inert(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
