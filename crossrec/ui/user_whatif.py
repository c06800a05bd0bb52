"""What if: the switches of one user, kept in the link as ``?what=``, and reset.

The link is the truth. Every widget starts from it and writes its change back into it, so a link
shows another person the same lists.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import streamlit as st

from crossrec.data.catalog import Catalog
from crossrec.data.seen import EXCLUDE, INCLUDE, Seen
from crossrec.errors import DataError
from crossrec.explanation.whatif import WhatIf
from crossrec.schema import CATEGORY, PRICE
from crossrec.transfer.model import TransferModel
from crossrec.ui import kept, pick, state, trial
from crossrec.ui.format import number, plain, signed
from crossrec.ui.i18n import t
from crossrec.ui.trial import Trial, Who
from crossrec.ui.widgets import error_box, section
from crossrec.workspace import Run

PARAM: Final = "what"
HALF_LIVES: Final = (2.0, 4.0, 10.0, 30.0)
"""Offered half-lives of history weights, in newer items."""
LEARNT: Final = "learnt"
NAMED: Final = 6
"""Changes told by name."""


def current(who: Who, target: str) -> WhatIf:
    """The changes of the link; none where it speaks of another user or target."""
    about = f"{who.name}|{target}|{who.row}"
    if st.session_state.setdefault("what_about", about) != about:
        st.session_state["what_about"] = about
        reset()
    try:
        return WhatIf.from_text(state.param(PARAM))
    except DataError as error:
        error_box(error)
        state.set_param(PARAM, None)
        return WhatIf()


def write(changes: WhatIf) -> None:
    """Keep changes in the link; the page follows with its next run."""
    state.set_param(PARAM, changes.to_text())


def reset() -> None:
    """Back to the user as he is."""
    state.set_param(PARAM, None)
    st.session_state["what_epoch"] = epoch() + 1


def epoch() -> int:
    """Part of every widget key: after a reset the widgets start anew."""
    return st.session_state.setdefault("what_epoch", 0)


def panel(run: Run, who: Who, target: str, changes: WhatIf) -> None:
    """All switches but those of single history items."""
    catalog = state.read(run, "catalog")
    section(t("user.sources"), t("user.sources_note"))
    _sources(run, who, target, changes)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        with st.popover(t("user.what.add"), icon=":material/add:"):
            _add(who, changes, catalog)
        with st.popover(t("user.what.time"), icon=":material/schedule:"):
            _time(who, changes)
        with st.popover(t("user.what.filter"), icon=":material/filter_alt:"):
            _filter(run, who.model, target, changes)
        if changes.changed:
            st.button(
                t("user.what.reset"),
                key="what_reset",
                icon=":material/restart_alt:",
                type="tertiary",
                on_click=reset,
            )


def told(trial: Trial) -> None:
    """What is changed, in words."""
    changes = trial.state
    if not changes.changed:
        return
    parts = [t("user.what.told_off", name=plain(name)) for name in sorted(changes.off)]
    if changes.removed:
        parts.append(t("user.what.told_removed", n=number(len(changes.removed))))
    parts += [
        t("user.what.told_added", item=plain(trial.title(item)), strength=signed(strength, 1))
        for _, item, strength in changes.added[:NAMED]
    ]
    if len(changes.added) > NAMED:
        parts.append(t("user.what.told_more", n=number(len(changes.added) - NAMED)))
    parts += [
        t("user.what.told_coefficient", name=plain(name), value=number(value, 2))
        for name, value in changes.coefficients
    ]
    if changes.half_life is not None:
        parts.append(_half_life_label(changes.half_life))
    if changes.weak_events != 1:
        parts.append(t("user.what.told_weak", factor=number(changes.weak_events, 2)))
    if changes.categories or changes.price_from is not None or changes.price_to is not None:
        parts.append(t("user.what.told_filter"))
    if changes.seen is not None:
        parts.append(t(f"seen.told_{changes.seen}"))
    st.caption(t("user.changed", parts=t("common.comma").join(parts)))


def _key(name: str) -> str:
    return f"{name}_{epoch()}"


def _on_change(key: str, change: Callable[[WhatIf, Any], WhatIf]) -> None:
    """The callback of a widget: its value goes into the link."""
    write(change(WhatIf.from_text(state.param(PARAM)), st.session_state[key]))


def _sources(run: Run, who: Who, target: str, changes: WhatIf) -> None:
    """A card per source with history: a switch and the coefficient."""
    space = who.model.space_
    code = space.scenarios.code(target, "scenario")
    learnt = trial.unchanged(run, who, target, changes).ranking.coefficients
    counts = who.one.counts()[0]
    names = [str(name) for name in space.scenarios.ids]
    open_ones = [at for at in range(len(names)) if at != code and counts[at]]
    if not open_ones:
        st.caption(t("user.sources_none"))
        return
    with st.container(horizontal=True, gap="small"):
        for at in open_ones:
            with st.container(border=True, gap="xsmall", width=212):
                _source(names[at], float(learnt[at]), int(counts[at]), changes)


def _source(name: str, learnt: float, items: int, changes: WhatIf) -> None:
    on_key, m_key = _key(f"on_{name}"), _key(f"m_{name}")
    on = name not in changes.off
    st.toggle(
        plain(name),
        value=on,
        key=on_key,
        on_change=_on_change,
        args=(on_key, lambda now, value: now.switched(name, on=value)),
    )
    st.slider(
        t("user.coefficient"),
        0.0,
        1.0,
        min(max(dict(changes.coefficients).get(name, learnt), 0.0), 1.0),
        step=0.01,
        key=m_key,
        disabled=not on,
        help=t("user.coefficient_help", learnt=number(learnt, 2)),
        on_change=_on_change,
        args=(m_key, lambda now, value: now.with_coefficient(name, float(value))),
    )
    st.caption(t("user.source_items", n=number(items), learnt=number(learnt, 2)))


def _add(who: Who, changes: WhatIf, catalog: Catalog) -> None:
    """An item found by search, as liked or as disliked."""
    item = pick.item_picker(catalog, _key("what_add"), param="")
    homes = trial.home_of(who.model, item) if item is not None else []
    if item is None or not homes:
        return
    place = homes[0]
    if len(homes) > 1:
        place = st.segmented_control(
            t("column.scenario"), homes, default=homes[0], required=True, key=_key("what_home")
        )
    with st.container(horizontal=True):
        for strength, word in ((1.0, "like"), (-1.0, "dislike")):
            st.button(
                t(f"user.what.add_{word}"),
                key=f"what_{word}",
                on_click=lambda strength=strength: write(
                    changes.with_added(place or homes[0], item, strength)
                ),
            )


def _half_life_label(value: float | str) -> str:
    if value == LEARNT:
        return t("user.what.half_learnt")
    if value == 0:
        return t("user.what.half_none")
    return t("user.what.half_items", n=number(float(value)))


def _time(who: Who, changes: WhatIf) -> None:
    """Half-life of history weights, and what weak events count."""
    known = who.one.ages is not None
    options: list[float | str] = [LEARNT, 0.0, *HALF_LIVES]
    chosen = LEARNT if changes.half_life is None else changes.half_life
    if chosen not in options:
        options.append(chosen)
    half_key, weak_key = _key("what_half"), _key("what_weak")
    st.selectbox(
        t("user.what.half"),
        options,
        index=options.index(chosen),
        format_func=_half_life_label,
        key=half_key,
        disabled=not known,
        help=t("user.what.half_help"),
        on_change=_on_change,
        args=(half_key, _with_half_life),
    )
    st.slider(
        t("user.what.weak"),
        0.0,
        4.0,
        float(changes.weak_events),
        step=0.25,
        key=weak_key,
        help=t("user.what.weak_help"),
        on_change=_on_change,
        args=(weak_key, lambda now, value: replace(now, weak_events=float(value))),
    )


def _with_half_life(now: WhatIf, value: float | str) -> WhatIf:
    return replace(now, half_life=None if value == LEARNT else float(value))


def _filter(run: Run, model: TransferModel, target: str, changes: WhatIf) -> None:
    """Which candidates are offered."""
    _seen(run.seen_in(target), changes)
    choices = kept.value(run, "filters", target, make=lambda: _choices(run, model, target))
    if choices.categories:
        _filter_category(choices.categories, changes)
    if choices.low < choices.high:
        _filter_price(choices.low, choices.high, changes)


def _seen(usual: Seen, changes: WhatIf) -> None:
    """Whether seen items are left out; what the run does anyway is no change."""

    def with_seen(now: WhatIf, leave_out: bool) -> WhatIf:  # noqa: FBT001  a widget's value
        chosen: Seen = EXCLUDE if leave_out else INCLUDE
        return replace(now, seen=None if chosen == usual else chosen)

    key = _key("what_seen")
    st.toggle(
        t("seen.exclude"),
        value=(changes.seen or usual) == EXCLUDE,
        key=key,
        help=t("seen.usual", does=t(f"seen.told_{usual}")),
        on_change=_on_change,
        args=(key, with_seen),
    )


@dataclass(frozen=True)
class _Choices:
    """What the candidates of a target can be filtered by: items per category, range of prices."""

    categories: Mapping[str, int]
    low: float
    high: float


def _choices(run: Run, model: TransferModel, target: str) -> _Choices:
    catalog = state.read(run, "catalog")
    codes = catalog.items.codes(model.space_.ids(model.space_.scenarios.code(target, "scenario")))
    here = codes[codes >= 0]
    columns = {name: column[here] for name, column in catalog.attributes.items()}
    counts = Counter(columns.get(CATEGORY, np.zeros(0)).astype(str).tolist())
    prices = columns.get(PRICE, np.zeros(0))
    prices = prices[np.isfinite(prices)] if prices.dtype.kind == "f" else np.zeros(0)
    low, high = (float(prices.min()), float(prices.max())) if len(prices) else (0.0, 0.0)
    return _Choices({name: n for name, n in counts.most_common() if name}, low, high)


def _filter_category(counts: Mapping[str, int], changes: WhatIf) -> None:
    key = _key("what_category")
    st.multiselect(
        t("user.what.categories"),
        list(counts),
        default=[name for name in counts if name in changes.categories],
        format_func=lambda name: f"{plain(name)} ({number(counts[name])})",
        key=key,
        placeholder=t("user.what.categories_all"),
        on_change=_on_change,
        args=(key, lambda now, value: replace(now, categories=frozenset(value))),
    )


def _filter_price(low: float, high: float, changes: WhatIf) -> None:
    key = _key("what_price")
    since = low if changes.price_from is None else changes.price_from
    until = high if changes.price_to is None else changes.price_to

    def narrowed(now: WhatIf, value: tuple[float, float]) -> WhatIf:
        return replace(
            now,
            price_from=value[0] if value[0] > low else None,
            price_to=value[1] if value[1] < high else None,
        )

    st.slider(
        t("user.what.price"),
        low,
        high,
        (min(max(since, low), high), min(max(until, low), high)),
        key=key,
        on_change=_on_change,
        args=(key, narrowed),
    )
