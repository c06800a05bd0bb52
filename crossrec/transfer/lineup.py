"""Every recommender by the name people ask for it: one table, for commands, jobs and pages."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from crossrec.errors import UnknownId

if TYPE_CHECKING:
    from crossrec.transfer.recommender import Recommender

TRANSFER: Final = "transfer"
TARGET_ONLY: Final = "target-only"
OWN: Final = (TRANSFER, TARGET_ONLY)
"""The two that every run has: its transfer model, and the same without transfer."""

FEW, ALL = "few", "all"
"""In place of names: the cheap ones, and every one."""

NEIGHBOURS: Final = (50, 200)
SHRINKAGE: Final = (10.0, 50.0)
"""What neighbour models are tuned over, on validation rows."""


@dataclass(frozen=True)
class Entry:
    """One recommender.

    Attributes:
        report_name: what reports call it; the name of the fitted model.
        make: the unfitted model under a seed; None for :data:`OWN`, which a run's model is.
        needs_text: whether it says nothing where no item has text.
    """

    report_name: str
    make: "Callable[[int], Recommender] | None" = None
    needs_text: bool = False


# Names must cost nothing (the command line starts with them): imports wait until one is made.


def _user_knn(*, pooled: bool) -> "Recommender":
    from crossrec.transfer.baselines import UserKNN

    return UserKNN(NEIGHBOURS, SHRINKAGE, pooled=pooled)


def _item_knn(*, pooled: bool) -> "Recommender":
    from crossrec.transfer.baselines import ItemKNN

    return ItemKNN(NEIGHBOURS, SHRINKAGE, pooled=pooled)


def _ease(*, pooled: bool) -> "Recommender":
    from crossrec.transfer.baselines import EASE

    return EASE(pooled=pooled)


def _als(seed: int, *, pooled: bool) -> "Recommender":
    from crossrec.transfer.baselines import ALS

    return ALS(seed=seed, pooled=pooled)


def _text() -> "Recommender":
    from crossrec.transfer.baselines import TextContent

    return TextContent(pooled=True)


def _hybrid() -> "Recommender":
    from crossrec.transfer.baselines import EASE, Hybrid

    return Hybrid(EASE(pooled=True))


def _popularity() -> "Recommender":
    from crossrec.transfer.baselines import Popularity

    return Popularity()


LINEUP: Final[Mapping[str, Entry]] = MappingProxyType(
    {
        TRANSFER: Entry("transfer"),
        TARGET_ONLY: Entry("target only"),
        "user-knn": Entry("User kNN", lambda _: _user_knn(pooled=False)),
        "user-knn-pooled": Entry("User kNN (pooled)", lambda _: _user_knn(pooled=True)),
        "item-knn": Entry("Item kNN", lambda _: _item_knn(pooled=False)),
        "item-knn-pooled": Entry("Item kNN (pooled)", lambda _: _item_knn(pooled=True)),
        "ease": Entry("EASE", lambda _: _ease(pooled=False)),
        "ease-pooled": Entry("EASE (pooled)", lambda _: _ease(pooled=True)),
        "als": Entry("ALS", lambda seed: _als(seed, pooled=False)),
        "als-pooled": Entry("ALS (pooled)", lambda seed: _als(seed, pooled=True)),
        "text": Entry("Text (pooled)", lambda _: _text(), needs_text=True),
        "hybrid": Entry("Hybrid, EASE (pooled)", lambda _: _hybrid(), needs_text=True),
        "popularity": Entry("Popularity", lambda _: _popularity()),
    }
)
"""Key -> recommender. A baseline reads the target's history, a pooled one that of all scenarios
side by side, as do text and hybrid. Hyper-parameters are chosen on validation rows."""

BASELINES: Final = tuple(key for key in LINEUP if key not in OWN)
CHEAP: Final = ("popularity", "item-knn")
"""What :data:`FEW` stands for."""


def entry(key: str) -> Entry:
    """The recommender of a key.

    Raises:
        UnknownId: there is none; near ones are named.
    """
    if key not in LINEUP:
        raise UnknownId.of("model", key, LINEUP)
    return LINEUP[key]


def baseline(key: str, seed: int = 0) -> "Recommender":
    """An unfitted baseline.

    Raises:
        UnknownId: the key is none of :data:`BASELINES`.
    """
    make = entry(key).make
    if make is None:
        raise UnknownId.of("baseline", key, BASELINES)
    return make(seed)


def asked(names: str) -> tuple[str, ...]:
    """The baselines that a person asks for, each once, in their order.

    Args:
        names: keys with commas between, :data:`FEW` or :data:`ALL` among them; those of
            :data:`OWN` may be named, but are no baselines.

    Raises:
        UnknownId: a name is no key.
    """
    found: dict[str, None] = {}
    for name in filter(None, (one.strip() for one in names.split(","))):
        group = {FEW: CHEAP, ALL: BASELINES}.get(name, (name,))
        for key in group:
            entry(key)
            found[key] = None
    return tuple(key for key in found if key not in OWN)


def key_of(report_name: str) -> str | None:
    """The key of a model by its name in a report; None for models that are not in the table."""
    return next((key for key, one in LINEUP.items() if one.report_name == report_name), None)


def simpler(report_names: Iterable[str]) -> list[str]:
    """Those of a report's models that are baselines of the table, in their order."""
    return [name for name in report_names if key_of(name) in BASELINES]
