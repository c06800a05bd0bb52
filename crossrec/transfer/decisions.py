"""Every choice that a fit makes on validation users: one line each, one rule for all.

A decision can be switched off by its name (:attr:`TransferConfig.off`), which is how it is ablated:
``off`` is what then stands in its place, the simpler form.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from types import MappingProxyType
from typing import Any

import numpy as np

from crossrec.transfer.checkpoint import Checkpoint
from crossrec.transfer.clearly import Chosen, choose
from crossrec.transfer.side_by_side import each


@dataclass(frozen=True)
class Decision:
    """One choice.

    Attributes:
        usual: what stands without evidence.
        candidates: what is tried, the usual value among them; none where a stage estimates instead.
        off: what stands where the decision is switched off.
    """

    usual: Any
    candidates: tuple
    off: Any


_LOUD = (3.0, 10.0, 30.0)
DECISIONS = MappingProxyType(
    {
        # Within a scenario
        "text": Decision(20.0, (0.0, 20.0, 100.0), 0.0),  # weight of text in the Gram matrix
        "views": Decision(0.0, (0.0, 1.0), 0.0),  # attributes of items beside their text
        "half_life": Decision(None, (None, 2.0, 4.0, 10.0, 30.0), None),  # in newer items
        "following": Decision(0.0, (0.0, 0.5, 1.0), 0.0),  # weight of directed links
        "penalty": Decision(200.0, (50.0, 200.0, 800.0), 200.0),  # of the links
        "factors": Decision(0.0, (0.0, 0.3, 1.0), 0.0),  # weight of the scenario's own factors
        "recency": Decision(None, (None, 30.0, 100.0, 300.0, 1000.0), None),  # popularity, days
        # Between scenarios
        "pooled": Decision((200.0, 50.0), ((200.0, 50.0), (110.0, 10.0)), None),
        "between_text": Decision(0.15, (0.0, 0.15, 0.4, 1.0), 0.0),  # share of text
        "between_links": Decision(0.0, (0.0, 0.7, 1.0), 0.0),  # share of links
        # Coefficients and popularity
        "base_cold": Decision(1.0, (0.25, 0.5, 1.0, 2.0, 4.0), 1.0),  # times the start
        "loudness": Decision(None, (), None),  # M of every source, see stages.opening
        "closing": Decision(None, (), None),  # of sources that harm
        "reach": Decision(
            (1.0, -4.0),
            ((1.0, -4.0), (1.0, -2.0), (1.0, -1.0), (1.0, -0.5), (3.0, 1.5), (8.0, 2.0)),
            (1.0, -4.0),
        ),  # loudness of M = 1 over the start, and slope on target history
        "personal": Decision(
            (0.0, 0.0), ((0.0, 0.0), (0.5, 0.0), (-0.5, 0.0), (0.0, 2.0), (0.0, -2.0)), (0.0, 0.0)
        ),  # slopes on source history and on likeness of the texts
        "base_warm": Decision(1e-3, (1e-3, 0.3, 1.0, 4.0), 1e-3),  # weight of popularity
        "new_items": Decision(1.0, (1.0, 2.0, 4.0, 8.0), 1.0),  # loudness of items nobody used
        "repeats": Decision(
            (0.0, 0.0),
            ((0.0, 0.0), *((loud, half_life) for half_life in (20.0, 100.0) for loud in _LOUD)),
            (0.0, 0.0),
        ),  # loudness of items taken before, and its half-life in newer items
    }
)
"""By name, in the order in which they are made."""

Measure = Callable[[Any, int], np.ndarray]
"""A candidate and a target -> the NDCG@10 of the target's validation users."""


class Decider:
    """Makes decisions, and keeps them: in memory for the model, on disk for a fit that was killed.

    Args:
        off: names of decisions that are switched off.
        checkpoint: where they are kept.
    """

    def __init__(self, off: Sequence[str], checkpoint: Checkpoint) -> None:
        self.off, self.checkpoint = frozenset(off), checkpoint
        self.made: dict[str, tuple[Chosen, ...]] = {}

    def __call__(
        self, name: str, targets: int, measure: Measure, *, possible: bool = True
    ) -> tuple[Any, ...]:
        """The values of a decision, one per target.

        Args:
            name: of :data:`DECISIONS`.
            targets: how many.
            measure: judges a candidate on a target, side by side with others; not called where
                there is nothing to choose.
            possible: False where the data has nothing of the kind (no text, no times): then the
                simpler form stands.
        """
        decision = DECISIONS[name]
        kept = self.checkpoint.read(name)
        if kept is not None:
            found = tuple(Chosen(**{**one, "value": frozen(one["value"])}) for one in kept)
        elif name in self.off or not possible:
            found = (Chosen(decision.off),) * targets
        else:
            asked = [(value, target) for value in decision.candidates for target in range(targets)]
            rows = iter(each(lambda one: measure(*one), asked))
            values = {value: [next(rows) for _ in range(targets)] for value in decision.candidates}
            found = choose(values, decision.usual)
        return self.keep(name, found)

    def is_off(self, name: str) -> bool:
        """Whether a decision is switched off."""
        return name in self.off

    def keep(self, name: str, found: tuple[Chosen, ...]) -> tuple[Any, ...]:
        """Record a decision; its values."""
        self.made[name] = found
        self.checkpoint.write(name, [asdict(one) for one in found])
        return tuple(one.value for one in found)


def frozen(value: Any) -> Any:
    """Lists as tuples: JSON knows lists only."""
    return tuple(frozen(one) for one in value) if isinstance(value, list) else value
