"""A user who does not exist: put together from items, from a sentence, or from the map.

``?made=`` holds the items, ``?says=`` the sentence, ``?fills=`` the scenarios it fills, so that
the link shows the same user again.
"""

from typing import Final, cast

import pandas as pd
import streamlit as st

from crossrec.data.history import Histories
from crossrec.errors import CrossRecError, DataError
from crossrec.explanation.made_up import SENTENCE_ID, MadeUp, from_sentence
from crossrec.explanation.whatif import WhatIf
from crossrec.language import Encoder, load_encoder
from crossrec.language.bundled import MINILM
from crossrec.language.text import has_cjk
from crossrec.schema import ITEM, SCENARIO
from crossrec.ui import pick, selection, state, trial
from crossrec.ui.format import number, plain
from crossrec.ui.i18n import t
from crossrec.ui.trial import Engine, Who
from crossrec.ui.widgets import error_box
from crossrec.workspace import Run

ITEMS: Final = "made"
SENTENCE: Final = "says"
FILL: Final = "fills"
FILLS: Final = ("others", "all")
WAYS: Final = ("items", "sentence", "map")
USER: Final = "made-up"
MOST_FROM_MAP: Final = 50
"""Items of a selection on the map that make a history, the most active first."""


def linked() -> bool:
    """Whether the link names a made-up user."""
    return bool(state.param(ITEMS) or state.param(SENTENCE))


def forget() -> None:
    """Take the made-up user out of the link."""
    state.set_param(ITEMS, None)
    _forget_sentence()


def _forget_sentence() -> None:
    state.set_param(SENTENCE, None)
    state.set_param(FILL, None)


def make(run: Run, engine: Engine, target: str) -> Who:
    """The form, and the user it makes, to be tried out in a target scenario."""
    with st.container(border=True):
        st.caption(t("user.made_up.note"))
        way = st.segmented_control(
            t("user.made_up.way"),
            WAYS,
            format_func=lambda name: t(f"user.made_up.way_{name}"),
            default="sentence" if state.param(SENTENCE) else "items",
            required=True,
            key="way",
            label_visibility="collapsed",
        )
        if way == "sentence":
            return _said(run, engine, target)
        _forget_sentence()
        if way == "map":
            _from_map(run, engine)
        else:
            _from_items(run, engine)
        with st.container(horizontal=True, vertical_alignment="center"):
            _basket_line()
    one = Histories.of(
        [(USER, scenario, item, strength) for scenario, item, strength in basket().added],
        engine.space,
    )
    if not len(one):
        one = Histories.from_items({}, engine.space, user=USER)
    return Who(t("user.made_up.name"), one, None, engine.model)


def basket() -> WhatIf:
    """The items of the made-up user, as the link has them."""
    try:
        return WhatIf.from_text(state.param(ITEMS))
    except DataError as error:
        error_box(error)
        return WhatIf()


def put(scenario: str, item: str) -> None:
    """Put an item into the made-up user's history."""
    state.set_param(ITEMS, basket().with_added(scenario, item).to_text())


def _from_items(run: Run, engine: Engine) -> None:
    item = pick.item_picker(state.read(run, "catalog"), "basket", param="add")
    homes = trial.home_of(engine.model, item) if item is not None else []
    if item is not None and homes:
        place = homes[0]
        if len(homes) > 1:
            place = st.segmented_control(
                t("column.scenario"), homes, default=homes[0], required=True, key="basket_home"
            )
        if st.button(t("user.made_up.add"), key="basket_add", icon=":material/add:"):
            put(place or homes[0], item)


def _from_map(run: Run, engine: Engine) -> None:
    chosen = selection.chosen(run, "items")
    if chosen is None:
        st.caption(t("user.made_up.no_map"))
        st.page_link("pages/map.py", label=t("nav.map"), query_params=state.here(run))
        return
    n = min(len(chosen), MOST_FROM_MAP)
    st.caption(t("user.made_up.from_map", n=number(n), total=number(len(chosen))))
    if st.button(t("user.made_up.use_map"), key="basket_map", icon=":material/add:"):
        for scenario, item in zip(chosen.scenarios[:n], chosen.ids[:n], strict=True):
            if str(scenario) in trial.home_of(engine.model, str(item)):
                put(str(scenario), str(item))


def _basket_line() -> None:
    n = len(basket().added)
    if not n:
        return
    st.caption(t("user.made_up.count", n=number(n)))
    st.button(t("user.made_up.clear"), key="basket_clear", on_click=forget, type="tertiary")


def _said(run: Run, engine: Engine, target: str) -> Who:
    state.set_param(ITEMS, None)
    sentence = st.text_input(
        t("user.made_up.sentence"),
        value=state.param(SENTENCE),
        key="sentence",
        max_chars=300,
        placeholder=t("user.made_up.sentence_example"),
    ).strip()
    state.set_param(SENTENCE, sentence)
    places = _filled(engine, target)
    nobody = Histories.from_items({}, engine.space, user=USER)
    empty = Who(t("user.made_up.name"), nobody, None, engine.model)
    if not sentence:
        return empty
    if has_cjk(sentence) and state.read(run, "features").encoder == MINILM:
        st.warning(t("user.made_up.english_only", encoder=MINILM))
        return empty
    try:
        with st.spinner(t("user.made_up.reading")):
            made = _of_sentence(str(run.path), str(run.info.get("created")), sentence, places)
    except CrossRecError as error:
        error_box(error)
        return empty
    _matches(run, made)
    texts = tuple((f"{SENTENCE_ID}:{at}", f"“{wish}”") for at, wish in enumerate(made.wishes))
    return Who(t("user.made_up.name"), made.history, None, made.model, texts)


def _filled(engine: Engine, target: str) -> tuple[str, ...]:
    """Names of the scenarios that the sentence fills: without the target, unless it is asked for.

    A history in the target would leave nothing for transfer to do.
    """
    fills = st.segmented_control(
        t("user.made_up.fills"),
        FILLS,
        format_func=lambda name: t(f"user.made_up.fills_{name}", target=plain(target)),
        default=FILLS[state.param(FILL) == FILLS[1]],
        required=True,
        key="fills",
        help=t("user.made_up.fills_help"),
    )
    state.set_param(FILL, fills if fills == FILLS[1] else None)
    everywhere = fills == FILLS[1]
    return tuple(name for name in engine.targets if everywhere or name != target)


def _matches(run: Run, made: MadeUp) -> None:
    """Which items stand for which words, and what nothing is near to."""
    if made.far:
        words = t("common.comma").join(f"“{plain(wish)}”" for wish in made.far)
        every = len(made.far) == len(made.wishes)
        st.warning(t("user.made_up.far_all" if every else "user.made_up.far", words=words))
    near = made.nearest
    st.caption(t("user.made_up.read_as"))
    st.dataframe(
        pd.DataFrame(
            {
                t("user.made_up.words"): near["wish"],
                t("column.title"): state.read(run, "catalog").titles_of(
                    near[ITEM].to_numpy(dtype=object)
                ),
                t("column.scenario"): near[SCENARIO],
                t("user.made_up.likeness"): near["similarity"],
            }
        ),
        hide_index=True,
        key="made_matches",
        column_config={
            t("user.made_up.likeness"): st.column_config.NumberColumn(
                format="%.2f", help=t("user.made_up.likeness_help")
            )
        },
    )


@st.cache_resource(max_entries=20, show_spinner=False)
def _of_sentence(path: str, created: str, sentence: str, places: tuple[str, ...]) -> MadeUp:
    del created  # part of the cache key: a run that was replaced is read anew
    run = Run(path)
    features = state.read(run, "features")
    encoder = cast("Encoder", load_encoder(features.encoder))
    model = trial.engine(run).model
    return from_sentence(model, features, encoder, sentence, scenarios=places, user=USER)
