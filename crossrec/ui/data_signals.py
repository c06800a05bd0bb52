"""What the values of a log say: asked where it is not known, open to change where it is."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import streamlit as st

from crossrec.data.log import SignalFacts
from crossrec.data.meaning.ratings import Scale
from crossrec.data.meaning.vocabulary import Kind
from crossrec.data.reading.preview import sampled_signals
from crossrec.data.reading.readers import ReadOptions
from crossrec.intake import RunInputs
from crossrec.schema import RATING
from crossrec.ui import checks, inputs, state
from crossrec.ui.data_looks import Table
from crossrec.ui.data_signal_rows import Answers, Examples, questions, ratings, unused, values_of
from crossrec.ui.format import number, plain
from crossrec.ui.i18n import t
from crossrec.ui.widgets import section
from crossrec.workspace import Run

PART: Final = "signals"
_WIDGETS: Final = ("signal_", "weight_", "binary_", "positive_from")


@dataclass(frozen=True)
class Values:
    """What there is to ask about.

    Attributes:
        signals: the values with their rows, see :class:`~crossrec.data.log.SignalFacts`.
        scales: of the ratings; () where there are none, or they are not known yet.
        binary: columns of yes and no that are not used.
        rated: whether there is a column of ratings.
    """

    signals: Sequence[SignalFacts]
    scales: Sequence[Scale] = ()
    binary: tuple[str, ...] = ()
    rated: bool = False

    @property
    def unknown(self) -> list[SignalFacts]:
        """Values of which nobody has said what they mean."""
        return [signal for signal in self.signals if signal.kind == Kind.UNKNOWN]

    def __bool__(self) -> bool:
        return bool(self.signals or self.scales or self.binary or self.rated)


def of_check(checked: Run) -> Values:
    """The values of a checked log, counted over all its rows."""
    rejects = state.read(checked, "log").rejects
    binary = dict.fromkeys(column for file in rejects.files for column in file.binary)
    return Values(rejects.signals, rejects.scales, tuple(binary), bool(rejects.scales))


def of_files(asked: RunInputs, table: Table) -> Values:
    """The values of some rows of a log that could not be checked."""
    signals = sampled_signals(table.first, table.shown, asked.reading.signals)
    return Values(signals, rated=bool(table.shown.get(RATING)))


def hint(values: Values) -> None:
    """A question before a training, where it is not known what some values say."""
    if not (unknown := values.unknown):
        return
    rows = sum(signal.rows for signal in unknown)
    columns = t("common.comma").join(dict.fromkeys(plain(one.column) for one in unknown))
    with st.container(border=True, horizontal=True, vertical_alignment="center", key="ask_values"):
        words = t("data.signals.hint", n=number(rows), columns=columns, values=len(unknown))
        st.markdown(f":material/help: {words}", width="content")
        st.button(
            t("data.signals.hint_go"), key="go_signals", on_click=state.set_param,
            args=("part", PART),
        )  # fmt: skip


def show(asked: RunInputs, values: Values, table: Table) -> None:
    """Questions, values, ratings and columns that may say something, and how to apply that.

    Args:
        asked: the check that is shown, or that failed.
        values: what there is to ask about.
        table: the log's files, for examples.
    """
    section(t("data.signals.title"), t("data.signals.note"))
    answers = Answers(asked.reading)
    examples = Examples(() if asked.privacy and asked.privacy.pseudonymise else table.looks, table)
    if values.unknown:
        questions(values.unknown, examples, answers)
    values_of([one for one in values.signals if one.kind != Kind.UNKNOWN], examples, answers)
    if values.rated:
        ratings([one for one in values.signals if one.source == "rating"], values.scales, answers)
    unused(values.binary, examples, answers)
    wanted = replace(asked, reading=answers.reading)
    with st.container(horizontal=True):
        st.button(
            t("data.clean.apply"),
            key="signals_apply",
            type="primary",
            disabled=wanted == asked,
            on_click=checks.apply_reading,
            args=(wanted,),
        )
        if asked.reading != _usual(asked.reading):
            st.button(t("data.signals.undo"), key="signals_undo", on_click=_undo)


def _usual(reading: ReadOptions) -> ReadOptions:
    """The reading without what is chosen on this part of the page."""
    return replace(reading, signals={}, event_weights={}, positive_from=None)


def _undo() -> None:
    inputs.write_reading(_usual(inputs.reading()))
    for key in [str(key) for key in st.session_state if str(key).startswith(_WIDGETS)]:
        del st.session_state[key]
