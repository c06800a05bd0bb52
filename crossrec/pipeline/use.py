"""Using a finished run: its model, histories and recommendations."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from crossrec.data.dislikes import settled
from crossrec.data.history import Histories, Row
from crossrec.data.ids import UNKNOWN
from crossrec.data.log import InteractionLog
from crossrec.data.names import known_name
from crossrec.data.seen import EXCLUDE, Seen, left_out
from crossrec.errors import ColumnMissing
from crossrec.language.ideal import union
from crossrec.pipeline.described import Describer
from crossrec.pipeline.models import load_recommender, opened
from crossrec.pipeline.people import names_in, renamed
from crossrec.progress import Progress, silent
from crossrec.schema import ITEM, RANK, SCENARIO, SCORE, USER, WEIGHT
from crossrec.transfer.lineup import TRANSFER
from crossrec.transfer.model import TransferModel
from crossrec.transfer.recommender import Recommendation, Recommender, top_k
from crossrec.workspace import Run

BATCH = 1024
DESCRIBED_BATCH = 32
"""Users at a time where each costs a written text: progress is told after each batch."""
DESCRIBED = "described"
"""Column of lists: the item stands there by its description only."""


def histories_of(run: Run | Path | str, model: Recommender, *, everything: bool) -> Histories:
    """The histories of all users of a run.

    Args:
        run: the run.
        model: one of its models, whose item space is used.
        everything: True takes every row of the log, as for recommendations to be used; False only
            the rows before the test cut, as for looking at hidden items being found again.
    """
    run = opened(run)
    if everything:
        return Histories.complete(run.log(), model.space_)
    return run.split().histories(dislikes=True)


def recommend(
    run: Run | Path | str,
    users: pd.DataFrame,
    k: int = 10,
    *,
    rows: pd.DataFrame | None = None,
    describer: Describer | None = None,
    seen: Seen | None = None,
    key_file: Path | None = None,
    model: str | Recommender = TRANSFER,
    progress: Progress = silent,
) -> pd.DataFrame:
    """Recommend for many users from everything the run's log knows of them.

    Args:
        run: a finished run.
        users: columns ``user_id`` and ``scenario``, the target of each row; repeated rows count
            once. Ids are read as those of a log are: the run's own spelling comes back.
        k: list length.
        rows: what is known of users beside the run's log, oldest first: columns ``user_id,
            scenario, item_id`` and optionally ``weight`` (1 where there is none; below 0 a dislike,
            0 to forget the item). They count at once, also for users that the log does not know.
        describer: put items near to what it describes into the lists, in turns with the model's
            own; measure first what that is worth (:mod:`crossrec.pipeline.candidates`).
        seen: whether seen items are left out; None as the run does in each scenario
            (:meth:`~crossrec.workspace.Run.seen_in`). Disliked items always are.
        key_file: where the key of a pseudonymised run lies, to name its users by their own ids
            (:mod:`crossrec.pipeline.people`); lists hold pseudonyms all the same.
        model: who recommends: a name that
            :func:`~crossrec.pipeline.models.load_recommender` takes, or what it gave.
        progress: told as phase "evaluate", in rows of ``users``; before, as phase "train", where a
            baseline has to be fitted.

    Returns:
        Columns ``user_id, scenario, rank, item_id, score`` in the order of ``users``; rank from 1.
        Users that neither the log nor
        ``rows`` know get the list of a user without history. With a ``describer`` also
        ``described``: whether an item stands there by its description only.

    Raises:
        ColumnMissing: ``users`` or ``rows`` lack a column.
        UnknownId: a scenario, a model, or an item of ``rows`` in its scenario, is not known.
        DataError: the model needs text and no item has any, a weight is not a finite number, or a
            pseudonymised run is asked for people by other ids without its key.
    """
    _check_columns(users, (USER, SCENARIO), "the list of users")
    if rows is not None:
        _check_columns(rows, (USER, SCENARIO, ITEM), "the further rows")
    run = opened(run)
    if isinstance(model, str):
        model = load_recommender(run, model, progress=progress)
    log = settled(run.log())
    names = names_in(run, log.users, key_file)
    users = as_in_run(renamed(users, names), log, model)
    told = {} if rows is None else _told(as_in_run(renamed(rows, names), log, model))
    groups = by_scenario(users)
    pairs = zip(users[USER].astype(str), users[SCENARIO].astype(str), strict=True)
    asked = pd.DataFrame(list(dict.fromkeys(pairs)), columns=[USER, SCENARIO])
    targets = {name: model.space_.scenarios.code(name, "scenario") for name in groups}
    parts = []
    done = 0
    size = BATCH if describer is None else DESCRIBED_BATCH
    for name, members in groups.items():
        for start in range(0, len(members), size):
            batch = np.array(members[start : start + size], dtype=object)
            lists = seen or run.seen_in(name)
            parts.append(_lists(model, log, batch, targets[name], k, told, describer, lists))
            done += len(batch)
            progress("evaluate", done, len(asked))
    if not parts:
        names = [USER, SCENARIO, RANK, ITEM, SCORE, *([DESCRIBED] if describer else [])]
        return pd.DataFrame(columns=names)
    found = pd.concat(parts, ignore_index=True)
    asked["place"] = np.arange(len(asked))
    ordered = found.merge(asked, on=[USER, SCENARIO]).sort_values(["place", RANK], kind="stable")
    return ordered.drop(columns="place").reset_index(drop=True)


def recommend_one(
    model: Recommender,
    histories: Histories,
    user: str,
    scenario: str,
    k: int = 10,
    *,
    coefficients: np.ndarray | None = None,
    seen: Seen = EXCLUDE,
) -> Recommendation:
    """The list of one user, with coefficients of one's own for what-if questions.

    Args:
        model: a fitted recommender.
        histories: where the user's history is.
        user: user id of ``histories``.
        scenario: the target's name.
        k: list length.
        coefficients: M to use instead of the learnt one, shape (S,); for a transfer model only.
        seen: whether seen items are left out; disliked ones always are.

    Raises:
        UnknownId: the user or the scenario is not known.
    """
    if coefficients is None or not isinstance(model, TransferModel):
        return model.recommend(user, scenario, k, histories=histories, seen=seen)
    target = model.space_.scenarios.code(scenario, "scenario")
    one = histories.take(np.array([histories.users.code(user, "user")]))
    scores = model.scores(one, target, coefficients=coefficients[None, :].astype(np.float32))
    items, values = top_k(scores, one, target, k, seen)
    found = items[0] >= 0
    return Recommendation(
        user, scenario, model.space_.ids(target)[items[0][found]], values[0][found]
    )


def by_scenario(users: pd.DataFrame) -> dict[str, list[str]]:
    """User ids per target scenario, in their order, each once.

    Args:
        users: columns ``user_id`` and ``scenario``.

    Raises:
        ColumnMissing: it lacks one of them.
    """
    _check_columns(users, (USER, SCENARIO), "the list of users")
    found: dict[str, dict[str, None]] = {}
    for user, name in zip(users[USER].astype(str), users[SCENARIO].astype(str), strict=True):
        found.setdefault(name, {})[user] = None
    return {name: list(members) for name, members in found.items()}


def as_in_run(frame: pd.DataFrame, log: InteractionLog, model: Recommender) -> pd.DataFrame:
    """Rows about users, scenarios and items, named as a run names them; unknown ones cleaned.

    Args:
        frame: has ``user_id``, and may have ``scenario`` and ``item_id``; not changed.
        log: of the run.
        model: one of the run.
    """
    space = model.space_
    named = {USER: log.users.as_here(frame[USER])}
    if SCENARIO in frame:
        known = space.scenarios.ids.tolist()
        spelled = {str(name): known_name(str(name), known) for name in frame[SCENARIO].unique()}
        named[SCENARIO] = [spelled[str(name)] for name in frame[SCENARIO]]
    if ITEM in frame:
        named[ITEM] = space.items.as_here(frame[ITEM])
    return frame.assign(**named)


def _lists(
    model: Recommender,
    log: InteractionLog,
    users: np.ndarray,
    target: int,
    k: int,
    told: Mapping[str, Sequence[Row]],
    describer: Describer | None,
    seen: Seen,
) -> pd.DataFrame:
    histories = Histories.from_log(log, model.space_, users, dislikes=log.negatives)
    if added := [row for user in users for row in told.get(user, ())]:
        histories = histories.with_rows(added, model.space_)
    scores, ids = model.scores(histories, target), model.space_.ids(target)
    name = str(model.space_.scenarios.ids[target])
    items, _ = top_k(scores, histories, target, k, seen)
    own = items
    if describer is not None:
        near, _ = describer.near(users, name, ids, k, left_out(histories.by_scenario[target], seen))
        items = union(own, near, k)
    row, column = np.nonzero(items != UNKNOWN)
    found = pd.DataFrame(
        {
            USER: users[row],
            SCENARIO: name,
            RANK: column + 1,
            ITEM: ids[items[row, column]],
            SCORE: scores[row, items[row, column]].astype(np.float32),
        }
    )
    if describer is None:
        return found
    return found.assign(**{DESCRIBED: ~(items[:, :, None] == own[:, None, :]).any(2)[row, column]})


def _check_columns(frame: pd.DataFrame, names: Sequence[str], what: str) -> None:
    if missing := [name for name in names if name not in frame.columns]:
        raise ColumnMissing(
            f"expected columns {', '.join(names)} in {what}",
            ", ".join(map(str, frame.columns)),
            f"Add {' and '.join(missing)}",
        )


def _told(rows: pd.DataFrame) -> dict[str, list[Row]]:
    """Rows beside the log by user."""
    found: dict[str, list[Row]] = {}
    weights = (
        rows[WEIGHT].astype(float).fillna(1.0) if WEIGHT in rows.columns else [1.0] * len(rows)
    )
    ids = (rows[name].astype(str) for name in (USER, SCENARIO, ITEM))
    for user, scenario, item, weight in zip(*ids, weights, strict=True):
        found.setdefault(user, []).append((user, scenario, item, float(weight)))
    return found


def unknown_users(
    run: Run | Path | str,
    users: pd.DataFrame,
    key_file: Path | None = None,
    rows: pd.DataFrame | None = None,
) -> list[str]:
    """Users that neither the log of a run nor further rows know, each once, as the run names them.

    Args:
        run: a finished run.
        users: with a column ``user_id``.
        key_file: as for :func:`recommend`.
        rows: as for :func:`recommend`.
    """
    run = opened(run)
    known = run.log().users
    names = names_in(run, known, key_file)
    told = set() if rows is None else set(known.as_here(names(rows[USER].to_numpy())))
    ids = dict.fromkeys(known.as_here(names(users[USER].to_numpy())))
    return [name for name in ids if name not in told and name not in known]
