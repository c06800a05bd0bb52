"""The widgets of values: each with its rows, examples, and what it is taken for."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import groupby
from typing import Final

import pandas as pd
import streamlit as st

from crossrec.data.log import SignalFacts
from crossrec.data.meaning.ratings import Scale
from crossrec.data.meaning.vocabulary import Kind, word_key
from crossrec.data.reading.preview import Look
from crossrec.data.reading.readers import ReadOptions
from crossrec.schema import ITEM
from crossrec.ui.data_looks import Table
from crossrec.ui.format import number, plain
from crossrec.ui.i18n import t
from crossrec.ui.tiles import tiles

KINDS: Final = (Kind.POSITIVE, Kind.EXPOSURE, Kind.NEGATIVE)
_SHOWN: Final = 12
_WIDTHS: Final = (3.3, 1, 2.4, 1.9)
_EDITABLE: Final = ("event", "column")


class Answers:
    """What a person says of values, taken up answer by answer.

    Args:
        reading: how the log was read; its answers stay where no other one is given.
    """

    def __init__(self, reading: ReadOptions) -> None:
        self._reading = reading
        self._signals = {column: dict(own) for column, own in reading.signals.items()}
        self._weights = dict(reading.event_weights)
        self.positive_from = reading.positive_from

    @property
    def reading(self) -> ReadOptions:
        """The reading with all answers."""
        return replace(
            self._reading,
            signals={column: own for column, own in self._signals.items() if own},
            event_weights=self._weights,
            positive_from=self.positive_from,
        )

    def kind(self, signal: SignalFacts, kind: str | None) -> None:
        """A value is of this kind; None, or the kind it was taken for, changes nothing."""
        if kind is None or kind == signal.kind:
            return
        event = signal.source == "event"
        self.column("event" if event else signal.column, {signal.value: str(kind)})
        if event:  # a strength would make it positive again
            self._forget_weight(signal.value)

    def column(self, column: str, kinds: dict[str, str]) -> None:
        """The values of a column are of these kinds."""
        spelled = {value.casefold() for value in kinds}
        own = self._signals.get(column, {})
        others = {value: kind for value, kind in own.items() if value.casefold() not in spelled}
        self._signals[column] = others | {value: str(kind) for value, kind in kinds.items()}

    def weight(self, event: str, weight: float) -> None:
        """An event says so much."""
        self._forget_weight(event)
        self._weights[event] = weight

    def _forget_weight(self, event: str) -> None:
        key = word_key(event)
        self._weights = {one: n for one, n in self._weights.items() if word_key(one) != key}


@dataclass(frozen=True)
class Examples:
    """Some rows of the files.

    Attributes:
        looks: at the files; () where nothing of them may be shown.
        table: the log they are.
    """

    looks: Sequence[Look]
    table: Table

    def items(self, signal: SignalFacts) -> str:
        """A few items that stand beside a value; "" where none are known."""
        item = self.table.shown.get(ITEM) or ""
        for look in self.looks:
            known = {item, signal.column} <= set(look.columns)
            if known and (ids := look.beside(signal.column, signal.value, item)):
                return t("common.comma").join(map(plain, ids))
        return ""

    def values(self, column: str) -> list[str]:
        """The values of a column, the most frequent first."""
        return next(
            (list(look.values(column)) for look in self.looks if column in look.columns), []
        )


def questions(unknown: Sequence[SignalFacts], examples: Examples, answers: Answers) -> None:
    """A question for each value of which nobody has said what it means."""
    with st.container(border=True, key="signals_unknown"):
        st.markdown(f"**{t('data.signals.unknown')}**")
        st.caption(t("data.signals.unknown_note"))
        _folded(unknown, partial(_question, examples=examples, answers=answers))


def _question(signal: SignalFacts, examples: Examples, answers: Answers) -> None:
    words, choice = tiles(f"ask_{_key(signal)}", 2, least=300)
    asked = t("data.signals.ask", column=plain(signal.column), value=_value(signal))
    facts = t("data.signals.rows_n", n=number(signal.rows))
    if items := examples.items(signal):
        facts += " · " + t("data.signals.items", items=items)
    words.markdown(_two_lines(asked, facts))
    kind = choice.segmented_control(
        asked,
        KINDS,
        format_func=lambda kind: t(f"data.signals.{kind}"),
        key=f"signal_{_key(signal)}",
        label_visibility="collapsed",
    )
    answers.kind(signal, kind)


def values_of(signals: Sequence[SignalFacts], examples: Examples, answers: Answers) -> None:
    """The values of each column and what they are taken for, ratings left out."""
    shown = [signal for signal in signals if signal.source != "rating"]
    for column, of_column in groupby(shown, lambda signal: signal.column):
        own = list(of_column)
        with st.container(border=True, key=f"signals_{column}", gap="xsmall"):
            st.markdown(f"**{t('data.signals.column', column=plain(column))}**")
            names = ("value", "rows", "kind", *(["weight"] if any(map(_weighs, own)) else []))
            widths = _WIDTHS[: len(names)]
            for place, name in zip(st.columns(widths), names, strict=True):
                help_text = t("data.signals.weight_help") if name == "weight" else None
                place.caption(t(f"data.signals.{name}"), help=help_text)
            _folded(own, partial(_row, widths=widths, examples=examples, answers=answers))


def _row(
    signal: SignalFacts, *, widths: Sequence[float], examples: Examples, answers: Answers
) -> None:
    value, rows, choice, *weight = st.columns(widths, vertical_alignment="center")
    items = examples.items(signal)
    value.markdown(_two_lines(_value(signal), items and t("data.signals.items", items=items)))
    rows.markdown(number(signal.rows))
    if signal.source not in _EDITABLE:
        choice.markdown(t(f"data.signals.{signal.kind}"))
        return
    label = t("data.signals.one", column=plain(signal.column), value=_value(signal))
    kind = choice.selectbox(
        label,
        KINDS,
        index=KINDS.index(Kind(signal.kind)),
        format_func=lambda kind: t(f"data.signals.{kind}"),
        key=f"signal_{_key(signal)}",
        label_visibility="collapsed",
    )
    answers.kind(signal, kind)
    if kind == signal.kind and _weighs(signal):
        strength = weight[0].number_input(
            t("data.signals.weight_of", value=_value(signal)), 0.01, 1000.0, float(signal.weight),
            0.25, format="%g", key=f"weight_{signal.value}", label_visibility="collapsed",
        )  # fmt: skip
        if strength != signal.weight:
            answers.weight(signal.value, float(strength))


def ratings(signals: Sequence[SignalFacts], scales: Sequence[Scale], answers: Answers) -> None:
    """From which rating on people like an item, beside what each rating is taken for."""
    with st.container(border=True, key="signals_ratings"):
        st.markdown(f"**{t('data.signals.ratings')}**")
        asked, taken = tiles("ratings_row", 2, least=300)
        with asked:
            for alike in _alike(scales):
                st.caption(_scales(alike))
            middles = {scale.middle for scale in scales if scale.high is not None}
            start = st.number_input(
                t("data.signals.from"),
                value=answers.positive_from,
                step=0.5,
                format="%g",
                placeholder=t("data.signals.from_middle", middle=f"{min(middles):g}")
                if len(middles) == 1
                else t("data.signals.from_middles"),
                key="positive_from",
                help=t("data.signals.from_help"),
            )
            answers.positive_from = start
        if signals:
            names = [t(f"data.signals.{name}") for name in ("value", "rows", "kind")]
            rows = [
                (plain(one.value), number(one.rows), t(f"data.signals.{one.kind}"))
                for one in signals
            ]
            taken.table(pd.DataFrame(rows, columns=names), border="horizontal", hide_index=True)


def _alike(scales: Sequence[Scale]) -> list[list[Scale]]:
    """The scales that are told in one line."""
    groups: dict[object, list[Scale]] = {}
    for scale in scales:
        groups.setdefault((scale.low, scale.high, scale.mixed), []).append(scale)
    return list(groups.values())


def _scales(alike: Sequence[Scale]) -> str:
    """A scale and its scenarios in words."""
    first = alike[0]
    scenarios = t("common.comma").join(plain(scale.scenario) for scale in alike)
    if first.mixed:
        return t("report.how_mixed_scale", scenarios=scenarios)
    if first.high is None:
        return t("report.how_no_scale", scenarios=scenarios)
    ends = {"low": f"{first.low:g}", "high": f"{first.high:g}", "middle": f"{first.middle:g}"}
    return t("data.signals.scale", scenarios=scenarios, **ends)


def unused(columns: Sequence[str], examples: Examples, answers: Answers) -> None:
    """Columns of yes and no that may say whether anything happened."""
    if not columns:
        return
    with st.container(border=True, key="signals_binary"):
        st.markdown(f"**{t('data.signals.binary')}**")
        st.caption(t("data.signals.binary_note"))
        boxes = tiles("binary_row", len(columns), least=240)
        for box, column in zip(boxes, columns, strict=True):
            values = sorted(examples.values(column)[:2])
            if len(values) < 2:
                values = ["0", "1"]
            pairs = [(value, kind) for kind in KINDS[1:] for value in values]
            chosen = box.selectbox(
                plain(column),
                [None, *pairs],
                format_func=_meaning,
                key=f"binary_{column}",
            )
            if chosen is not None:
                value, kind = chosen
                answers.column(column, dict.fromkeys(values, Kind.POSITIVE.value) | {value: kind})


def _meaning(pair: tuple[str, Kind] | None) -> str:
    if pair is None:
        return t("data.mapping.unused")
    value, kind = pair
    return t("data.signals.means", value=value, kind=t(f"data.signals.{kind}"))


def _folded(signals: Sequence[SignalFacts], draw: Callable[[SignalFacts], None]) -> None:
    """The first ones at once, the others to open."""
    for signal in signals[:_SHOWN]:
        draw(signal)
    if more := signals[_SHOWN:]:
        with st.expander(t("data.signals.more", n=len(more))):
            for signal in more:
                draw(signal)


def _weighs(signal: SignalFacts) -> bool:
    """Whether a person may say how much a value says."""
    return signal.source == "event" and signal.kind == Kind.POSITIVE


def _two_lines(first: str, small: str) -> str:
    return f"{first}  \n:gray[:small[{small}]]" if small else first


def _key(signal: SignalFacts) -> str:
    return f"{signal.column}_{signal.value}"


def _value(signal: SignalFacts) -> str:
    return plain(signal.value) or t("report.how_value_empty")
