"""The sixth stage: how loud the items are that a user took before."""

from collections.abc import Mapping

import numpy as np
from scipy import sparse

from crossrec.data.history import Histories
from crossrec.data.log import InteractionLog
from crossrec.data.split.cutting import ScenarioSplit
from crossrec.transfer.decisions import Decider
from crossrec.transfer.judges import Judge, warm_judge
from crossrec.transfer.preference import Preference
from crossrec.transfer.repeats import RepeatTerm
from crossrec.transfer.side_by_side import once
from crossrec.transfer.stages.ground import Ground
from crossrec.transfer.weights import history_weights, positions_of


def choose_repeats(
    split: ScenarioSplit,
    ground: Ground,
    decide: Decider,
    own: Mapping[int, Preference],
    half_lives: tuple[float | None, ...],
) -> tuple[RepeatTerm, ...]:
    """The repeat term of every scenario.

    Validation rows hold no repeats, so users are judged by their last visit in the training part:
    all they took then, from what they had taken before, with nothing left out of the lists.
    """
    before, last = _last_visits(split.train)
    known = Histories.from_log(before, split.space)
    possible = known.times is not None
    judges: list[Judge] = []
    if possible:
        held = Histories.from_log(last, split.space, known.users.ids)
        for target in ground.targets:
            most = len(ground.warm[target]) or 1
            judge = warm_judge(known, held, target, most, ground.config.seed)
            nothing = sparse.csr_array(judge.seen.shape, dtype=np.float32)
            judges.append(Judge(target, judge.known, nothing, judge.relevant))

    @once
    def usual(target: int) -> np.ndarray:
        judge = judges[target]
        positions = positions_of(judge.known, target)
        matrix = judge.known.by_scenario[target]
        return own[target].scores(history_weights(matrix, positions, half_lives[target]))

    def measure(value: tuple[float, float], target: int) -> np.ndarray:
        judge, scores = judges[target], usual(target).copy()
        again = RepeatTerm(*value).amounts(judge.known, target)
        rows = np.repeat(np.arange(len(judge)), np.diff(again.indptr))
        scores[rows, again.indices] += again.data
        return judge.ndcg(scores)

    chosen = decide("repeats", len(ground.targets), measure, possible=possible)
    return tuple(RepeatTerm(*value) for value in chosen)


def _last_visits(log: InteractionLog) -> tuple[InteractionLog, InteractionLog]:
    """All rows but those of each user's newest time in each scenario, and those."""
    if log.time is None:
        return log.select(np.zeros(len(log), dtype=bool)), log
    place = log.user.astype(np.int64) * len(log.scenarios) + log.scenario
    newest = np.full(int(place.max(initial=-1)) + 1, np.iinfo(np.int64).min)
    np.maximum.at(newest, place, log.time)
    last = log.time == newest[place]
    return log.select(~last), log.select(last)
