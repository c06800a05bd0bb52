"""Scenario descriptions: typed by a person, or written from what a scenario's items are about."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from crossrec.data.catalog import Catalog
from crossrec.data.log import InteractionLog
from crossrec.errors import FileUnreadable
from crossrec.language.attributes import CONFIDENCE, VALUE, trusted
from crossrec.language.text import cjk_share, clean
from crossrec.schema import ITEM

MAX_LENGTH = 600
"""Characters of a description."""

_VALUES, _TITLES = 8, 5


def describe_scenarios(
    log: InteractionLog, catalog: Catalog, attributes: pd.DataFrame | None = None
) -> dict[str, str]:
    """A description of every scenario from the catalogue alone.

    Args:
        log: which items each scenario holds; whose rows they are is not looked at.
        catalog: titles.
        attributes: long, columns ``item_id, facet, value, confidence``; the values that are more
            frequent here than elsewhere are named.

    Returns:
        Scenario name -> one or two sentences, in Chinese where most titles are.
    """
    chinese = cjk_share([str(title) for title in catalog.title]) > 0.5
    sure = None if attributes is None or attributes.empty else trusted(attributes)
    found = {}
    for at, name in enumerate(log.scenarios.ids.tolist()):
        items, counts = np.unique(log.item[log.scenario == at], return_counts=True)
        ids = log.items.ids[items]
        best = ids[np.argsort(-counts, kind="stable")[:_TITLES]]
        titles = [clean(str(title))[:60] for title in catalog.titles_of(best)]
        values = [] if sure is None else _telling(sure, ids)
        found[str(name)] = _said(str(name), values, titles, chinese=chinese)[:MAX_LENGTH]
    return found


def read_descriptions(path: Path) -> dict[str, str]:
    """Descriptions typed by a person: a JSON object, scenario name -> text.

    Raises:
        FileUnreadable: there is no such file, or it is no such object.
    """
    try:
        found = json.loads(Path(path).read_text(encoding="utf-8-sig"))
        if not isinstance(found, dict) or not all(isinstance(v, str) for v in found.values()):
            raise TypeError("no JSON object of texts")
    except (OSError, ValueError, TypeError) as error:
        raise FileUnreadable(
            f"expected descriptions as a JSON object of scenario and text in {path}",
            getattr(error, "strerror", None) or str(error),
            "Write one to edit with: crossrec scenarios --run RUN --json",
        ) from error
    return found


def _telling(attributes: pd.DataFrame, ids: np.ndarray) -> list[str]:
    """Values by how much more frequent they are among these items than among all."""
    items, values = attributes[ITEM].to_numpy(), attributes[VALUE].to_numpy().astype(str)
    weight = attributes[CONFIDENCE].to_numpy().astype(np.float64)
    names, place = np.unique(values, return_inverse=True)
    here = np.isin(items, ids)
    share_all = np.bincount(place, weight, len(names)) / max(1, len(set(items)))
    share_here = np.bincount(place, weight * here, len(names)) / max(1, len(ids))
    gain = share_here * np.log((share_here + 1e-9) / (share_all + 1e-9))
    best = np.argsort(-gain, kind="stable")[:_VALUES]
    return [str(names[at]) for at in best if gain[at] > 0]


def _said(name: str, values: Sequence[str], titles: Sequence[str], *, chinese: bool) -> str:
    if chinese:
        about = f"主要关于{'、'.join(values)}。" if values else ""
        return f"{clean(name)}。{about}例如：{'；'.join(titles)}。"
    about = f" About {', '.join(values)}." if values else ""
    return f"{clean(name)}.{about} For example: {'; '.join(titles)}."
