"""How the next training shall read the items: encoder, columns, long texts, numbers kept.

The choice is kept in the session and not in the link: a link that somebody sends must not make this
server send a catalogue, or the key of a model server, to an address of their choosing.
"""

from dataclasses import dataclass, replace
from typing import Final

import streamlit as st

from crossrec import language
from crossrec.ui.format import plain
from crossrec.ui.i18n import has, t
from crossrec.workspace import Run

_MEMORY: Final = "_reading"


@dataclass(frozen=True)
class ReadingChoice:
    """How items are read.

    Attributes:
        encoder: any name that :func:`crossrec.language.extract_features` takes.
        columns: of the catalogue, in order.
        whole: read long texts whole.
        dim: principal components kept, None for all numbers.
        attributes: the vocabulary by which attributes are read and offered to the model, as
            :class:`crossrec.pipeline.RunConfig` takes it; "" for none.
        scenario_texts: descriptions of the scenarios for S_s, likewise.
    """

    encoder: str = language.AUTO
    columns: tuple[str, ...] = language.USUAL
    whole: bool = False
    dim: int | None = None
    attributes: str = ""
    scenario_texts: str = ""

    @property
    def template(self) -> language.TextTemplate:
        """What makes up a text.

        Raises:
            DataError: no column was chosen.
        """
        return language.TextTemplate(self.columns, self.whole)

    @property
    def settings(self) -> dict[str, object]:
        """The part of a run's settings that this is."""
        return {
            "columns": list(self.columns),
            "whole": self.whole,
            "dim": self.dim,
            "attributes": self.attributes,
            "scenario_texts": self.scenario_texts,
        }

    @property
    def usual(self) -> bool:
        """Whether items are read as where nobody chose."""
        return replace(self, encoder=language.AUTO) == ReadingChoice()


def of_run(run: Run) -> ReadingChoice:
    """How a finished run read its items."""
    config = run.info.get("config", {})
    return ReadingChoice(
        str(config.get("encoder", language.AUTO)),
        tuple(config.get("columns") or language.USUAL),
        bool(config.get("whole", False)),
        config.get("dim"),
        str(config.get("attributes", "")),
        str(config.get("scenario_texts", "")),
    )


def remember(choice: ReadingChoice) -> None:
    """Use it in the next training that this session starts."""
    st.session_state[_MEMORY] = choice


def remembered() -> ReadingChoice | None:
    """What was chosen in this session, None where nothing was."""
    return st.session_state.get(_MEMORY)


def forget() -> None:
    """Read items as usual again."""
    st.session_state.pop(_MEMORY, None)


def encoder_label(name: str) -> str:
    """An encoder's name for people."""
    return t(f"encoder.{name}") if has(f"encoder.{name}") else plain(name)


def summary(choice: ReadingChoice) -> str:
    """One line on how texts are made."""
    parts = [t("features.choice.columns", columns=", ".join(map(plain, choice.columns)))]
    if choice.whole:
        parts.append(t("features.choice.whole"))
    if choice.dim is not None:
        parts.append(t("features.choice.dim", dim=choice.dim))
    if choice.attributes:
        parts.append(t("features.choice.attributes"))
    if choice.scenario_texts:
        parts.append(t("features.choice.scenarios"))
    return " · ".join(parts)
