"""What people said of recommendations, as rows of the next training."""

from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from crossrec.data.log import InteractionLog
from crossrec.data.names import known_name
from crossrec.data.privacy.naming import named, values_withheld
from crossrec.data.privacy.plan import PseudonymKey
from crossrec.data.split.cutting import ScenarioSplit
from crossrec.errors import ColumnMissing, FileUnreadable
from crossrec.intake import Tables, sha256_of
from crossrec.schema import ITEM, SCENARIO, TIME, USER, WEIGHT
from crossrec.workspace.feedback import DATA_SET, with_events

COLUMNS = (USER, ITEM, SCENARIO, WEIGHT, TIME)


def with_feedback(
    tables: Tables,
    parts: ScenarioSplit,
    path: Path,
    key: PseudonymKey | None = None,
    *,
    data: str = "",
) -> tuple[Tables, ScenarioSplit]:
    """Add feedback to the log, and to the train rows where it gives nothing away.

    What was said in lists of another data set is left out; rows that do not say of which they are
    count as of this one. What was said of an item that is held out for the user, or of a scenario
    in which the user is held out as cold, is kept from training. The held-out rows stay as they
    are, so that runs with and without feedback can be compared.

    Args:
        tables: what was read.
        parts: the split of its log.
        path: CSV as ``crossrec feedback export --events`` writes it.
        key: of the log's pseudonyms, None where its ids are as they came. What was said in a
            pseudonymised run names its users by pseudonyms; all other ids are replaced here.
        data: the data set, see :func:`crossrec.workspace.feedback.data_set_of`; "" is not known.

    Raises:
        FileUnreadable: the file is no such CSV.
        ColumnMissing: a column is missing.
    """
    with nullcontext() if key is None else values_withheld():
        said = read_events(path)
    events = said.loc[said[DATA_SET].isin(["", data])] if data else said
    if key is not None:
        users = named(events[USER].to_numpy(), tables.log.users, key)
        events = events.assign(**{USER: users})
    events = as_in_log(events, tables.log)
    log = with_events(tables.log, events)
    told = events.loc[~_given_away(events, parts)]
    train = with_events(parts.train, told)
    valid, test, repeats = (
        replace(part, users=train.users) for part in (parts.valid, parts.test, parts.repeats)
    )
    likes = int(np.count_nonzero(events[WEIGHT].to_numpy() > 0))
    record = {
        "file": path.name,
        "sha256": sha256_of(path),
        "likes": likes,
        "refusals": len(events) - likes,
        "kept_from_training": len(events) - len(told),
        "of_other_data": len(said) - len(events),
    }
    tables = replace(tables, log=log, treatment={**tables.treatment, "feedback": record})
    return tables, replace(parts, train=train, valid=valid, test=test, repeats=repeats)


def read_events(path: Path) -> pd.DataFrame:
    """The events of a file, ids as text, weight and time as numbers; "" for no data set."""
    try:
        found = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
        if missing := [name for name in COLUMNS if name not in found]:
            raise ColumnMissing(
                f"expected the columns {', '.join(COLUMNS)} in {path.name}",
                f"no {missing[0]!r}",
                "Give the file that `crossrec feedback export --events` writes",
            )
        return found.assign(
            **{
                WEIGHT: found[WEIGHT].astype(float),
                TIME: found[TIME].astype("int64"),
                DATA_SET: found.get(DATA_SET, ""),
            }
        )
    except (OSError, ValueError) as error:
        raise FileUnreadable(
            f"expected feedback as CSV in {path}",
            getattr(error, "strerror", None) or str(error),
            "Give the file that `crossrec feedback export --events` writes",
        ) from error


def as_in_log(events: pd.DataFrame, log: InteractionLog) -> pd.DataFrame:
    """Events with ids and names as the log has them; others cleaned."""
    names = log.scenarios.ids.tolist()
    return events.assign(
        **{
            USER: log.users.as_here(events[USER]),
            ITEM: log.items.as_here(events[ITEM]),
            SCENARIO: [known_name(name, names) for name in events[SCENARIO]],
        }
    )


def _given_away(events: pd.DataFrame, parts: ScenarioSplit) -> np.ndarray:
    """Which events tell of held-out rows or cold-start users, shape (n,), bool."""
    held = set()
    for part in (parts.valid, parts.test, parts.repeats):
        users, places = part.users.ids[part.user], part.scenarios.ids[part.scenario]
        held |= set(zip(users, places, part.items.ids[part.item], strict=True))
    names = parts.train.scenarios.ids
    cold = {
        (parts.train.users.ids[user], names[scenario])
        for groups in (parts.cold_valid, parts.cold_test)
        for scenario, users in enumerate(groups)
        for user in users
    }
    rows = zip(events[USER], events[SCENARIO], events[ITEM], strict=True)
    return np.array([(u, s) in cold or (u, s, i) in held for u, s, i in rows], dtype=bool)
