"""Settings of the transfer model."""

from dataclasses import asdict, dataclass, fields
from typing import Any, Self


@dataclass(frozen=True)
class TransferConfig:
    """Settings of :class:`crossrec.transfer.model.TransferModel`.

    Everything else is chosen on validation users (:mod:`crossrec.transfer.decisions`) or is a
    constant beside the code that uses it.

    Attributes:
        transfer: False sets M to the identity: the target-only model.
        seed: of everything random.
        off: names of decisions that are switched off; the simpler form stands in their place.
        new_items: how loud items nobody used are, times what was chosen; 0 hides them from every
            list that has anything else to show.
        refit: fit again on train and valid rows after everything is chosen.
    """

    transfer: bool = True
    seed: int = 0
    off: tuple[str, ...] = ()
    new_items: float = 1.0
    refit: bool = True

    def to_dict(self) -> dict[str, Any]:
        """As JSON-able values."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Self:
        """The inverse of :meth:`to_dict`; unknown names are an error of the caller."""
        known = {field.name for field in fields(cls)}
        if unknown := set(values) - known:
            raise ValueError(f"unknown settings: {sorted(unknown)}")
        return cls(**{**values, "off": tuple(values.get("off", ()))})
