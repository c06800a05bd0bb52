"""Try a user through AppTest, on a small real run: every panel, every way in, hostile titles."""

import json
import re
import shutil
from dataclasses import asdict, replace

import numpy as np
import pandas as pd
import pytest

from crossrec.data.sample.generator import generate_sample
from crossrec.explanation import contributions, rank
from crossrec.explanation.whatif import WhatIf
from crossrec.language.attributes import AttributeTable, stated_attributes
from crossrec.language.calibration import Calibration
from crossrec.language.vocabulary import Facet, Value, Vocabulary
from crossrec.pipeline import RunConfig, RunInputs, load_model
from crossrec.pipeline import run as run_pipeline
from crossrec.pipeline.candidates import Gain
from crossrec.ui import i18n, user_described, user_made, user_reason
from crossrec.ui.card_sheet import Card, html_sheet
from crossrec.ui.i18n import wording
from crossrec.workspace import Run, Workspace
from crossrec.workspace.feedback import FeedbackStore, data_set_of
from crossrec.workspace.knowledge import write_attributes, write_candidates
from tests.app.test_pages import go, open_page, shown
from tests.describing import SAID
from tests.describing import describing as describing

WORDS = wording("en")
ITEM_VIEWS = ("why", "removal", "paths", "reason")
USER_VIEWS = ("gate", "variety", "cards", "cohort", "described", "feedback")
SECRET = "[l](http://evil.example) $x$"
HOSTILE = (
    "![x](http://evil.example/a.png) <img src=x onerror=alert(1)> [l](http://evil.example) $x$"
)


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A run on a small sample in which many titles are hostile, trained once for this file."""
    files = generate_sample(tmp_path_factory.mktemp("sample"), users=260)
    items = pd.read_csv(files.items)
    items.loc[::3, "title"] = [f"{HOSTILE} {at}" for at in range(len(items.loc[::3]))]
    items.to_csv(files.items, index=False)
    out = tmp_path_factory.mktemp("runs") / "run"
    inputs = RunInputs(files.interactions, files.items, files.users)
    return run_pipeline(inputs, out, RunConfig(encoder="tfidf"))


@pytest.fixture
def trained(workspace, finished) -> Run:
    path = workspace.new_run_path(workspace.create_project("Shop"), "quick")
    shutil.copytree(finished, path)
    return Run(path)


def param(app, name: str) -> str:
    """A part of the link: a list in AppTest where it was given, text where the page wrote it."""
    value = app.query_params[name]
    return value if isinstance(value, str) else value[0]


def user_of(run: Run, at: int = 3) -> str:
    return str(run.report().per_user["user_id"].iloc[at])


def test_what_a_link_names_wrongly_is_said_with_the_nearest(trained):
    app = open_page("user", scenario="boks")
    shown_instead = app.selectbox(key="target").value
    (said,) = [one.value for one in app.caption if "boks" in one.value]
    assert said == (
        f"The link names boks, which is not here; {shown_instead} is shown instead. Nearest: books."
    )
    app.selectbox(key="target").set_value("films").run()
    assert not any("boks" in one.value for one in app.caption)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_panel_opens_without_an_error(trained, lang, monkeypatch):
    monkeypatch.setattr(i18n, "FALLBACK", lang)
    app = open_page("user", lang=lang)
    assert re.search(r"\d", app.header[0].value)
    for key, views in (("user_view", ITEM_VIEWS), ("user_more", USER_VIEWS)):
        for view in views:
            app.button_group(key=key).set_value(view)
            go(app)
            assert not app.error, view


def test_titles_are_inert(trained):
    """No markdown of the page holds a live image, link or tag out of a title."""
    app = open_page("user", k="50")
    for key, views in (("user_view", ITEM_VIEWS), ("user_more", ("cards", "gate"))):
        for view in views:
            app.button_group(key=key).set_value(view)
            go(app)
            texts = [box.value for box in (*app.markdown, *app.caption, *app.subheader)]
            assert not [text for text in texts if re.search(r"(?<!\\)!\[|(?<!\\)<img", text)]
            assert not [text for text in texts if re.search(r"(?<!\\)\]\(", text)]


def test_the_link_is_the_memory(trained):
    user = user_of(trained)
    app = open_page("user", user=user, scenario=trained.info["scenarios"][1])
    assert user in app.header[0].value
    app.button_group(key="k").set_value(20)
    go(app)
    assert param(app, "k") == "20"
    assert param(app, "user") == user


def test_a_changed_state_comes_back_from_the_link(trained):
    user, target = user_of(trained), trained.info["scenarios"][0]
    other = next(name for name in trained.info["scenarios"] if name != target)
    state = WhatIf().switched(other, on=False)
    app = open_page("user", user=user, scenario=target, what=state.to_text())
    assert f"{other} off" in shown(app)
    app.button(key="what_reset").click()
    go(app)
    assert f"{other} off" not in shown(app)
    assert "what" not in app.query_params


def test_a_broken_state_in_the_link_is_said_and_dropped(trained):
    app = open_page("user", user=user_of(trained), what="!!!")
    assert app.error
    assert app.dataframe


def test_an_unknown_id_offers_ids_to_click(trained):
    app = open_page("user", user="u00O1")
    assert "of the 260 users" in app.error[0].value
    near = [button for button in app.button if str(button.key).startswith(("nearest_", "starts_"))]
    assert near
    near[0].click()
    go(app)
    assert not app.error
    assert near[0].label.replace("\\", "") in app.header[0].value


def test_paths_follow_what_a_language_model_read(trained):
    """Before, only columns of the catalogue link; afterwards also what was read, as such."""
    user, target = user_of(trained), trained.info["scenarios"][0]
    model, known = load_model(trained.path), trained.split().histories()
    one = known.take(np.array([known.users.code(user)]))
    item = str(rank(model, one, target).item_ids[0])
    told = contributions(model, one, user, target, item).contributions
    linked = {item, *told.loc[told["amount"] > 0, "item_id"].head(4)}
    catalog = trained.catalog()
    values = np.where(np.isin(catalog.items.ids, list(linked)), 0, 1).astype(np.int16)[:, None]
    sure = np.full((len(catalog), 1), 0.9, dtype=np.float32)
    vocabulary = Vocabulary((Facet("use", (Value(SECRET, "secret"), Value("other", "other"))),))
    curve = {"use": Calibration(1.0, 0.0, 80, 0.75, 0.04)}
    read = AttributeTable(catalog.items, vocabulary, values, sure, "encoder:fake:1", curve)

    app = open_page("user", user=user, scenario=target, view="paths")
    app.session_state["paths_as_table"] = True
    assert SECRET not in set(_paths(go(app))[WORDS["user.paths.value"]])
    write_attributes(trained, read, stated_attributes(catalog))
    now = _paths(go(app))

    shared = now.loc[now[WORDS["user.paths.value"]] == SECRET]
    assert len(shared) == len(linked) - 1
    assert set(shared[WORDS["user.paths.evidence"]]) == {WORDS["user.paths.by_read"]}
    rest = now.loc[now[WORDS["user.paths.attribute"]] == "category"]
    assert set(rest[WORDS["user.paths.evidence"]]) <= {WORDS["user.paths.by_catalogue"]}


def _paths(app) -> pd.DataFrame:
    """The table of paths; empty where the page says that there are none."""
    names = [WORDS[f"user.paths.{name}"] for name in ("attribute", "value", "evidence")]
    tables = (one.value for one in app.dataframe if names[1] in one.value)
    return next(tables, pd.DataFrame(columns=names))


def test_feedback_shows_its_effect_is_kept_listed_and_deleted_in_a_later_visit(
    trained, workspace: Workspace
):
    user, store = user_of(trained), FeedbackStore(workspace)
    app = open_page("user", user=user)
    before = _right(app)
    app.button(key="say_not_interested").click()
    go(app)
    assert _right(app) == before  # shown, not kept
    assert store.entries() == []
    effect = _effect(app)
    gone = effect[effect[WORDS["user.feedback.after"]] == "–"][WORDS["column.title"]].tolist()
    assert gone == [before[0]]
    app.text_input(key="say_reason").input("  seen it ")
    app.button(key="say_keep").click()
    go(app)
    after = _right(app)
    assert effect[WORDS["column.title"]].tolist()[: len(after)] == after
    (said,) = store.entries()
    assert (said.user, said.run, said.verdict) == (user, trained.id, "not_interested")
    assert (said.rank, said.reason) == (1, "seen it")
    assert said.data == data_set_of(trained.info["inputs"])

    later = open_page("user", user=user)  # another visit
    assert _right(later) == after
    assert WORDS["user.feedback.counts"].format(n="1") in [one.label for one in later.expander]
    later.button(key=f"feedback_delete_{said.id}").click()
    go(later)
    assert _right(later) == before
    assert store.entries() == []


def test_feedback_is_dropped_and_undone(trained, workspace: Workspace):
    user, store = user_of(trained), FeedbackStore(workspace)
    app = open_page("user", user=user)
    before = _right(app)
    for name in ("say_like", "say_drop"):
        app.button(key=name).click()
        go(app)
    assert (_right(app), store.entries()) == (before, [])
    for name in ("say_like", "say_keep"):
        app.button(key=name).click()
        go(app)
    assert before[0] not in _right(app)
    app.button(key="say_undo").click()
    go(app)
    assert (_right(app), store.entries()) == (before, [])


def test_feedback_of_another_data_set_is_not_heard(trained, workspace: Workspace):
    user, store = user_of(trained), FeedbackStore(workspace)
    app = open_page("user", user=user)
    before = _right(app)
    for name in ("say_dislike", "say_keep"):
        app.button(key=name).click()
        go(app)
    assert _right(app) != before
    (said,) = store.entries()
    store.delete(said.id)
    store.add(replace(said, data="another"))
    assert _right(open_page("user", user=user)) == before


def _effect(app) -> pd.DataFrame:
    """The table of a verdict that is not kept yet."""
    tables = [one.value for one in app.dataframe]
    return next(one for one in tables if WORDS["user.feedback.after"] in one.columns)


def _right(app) -> list[str]:
    """Titles of the list with transfer."""
    tables = [one.value for one in app.dataframe if WORDS["user.from"] in one.value.columns]
    return tables[0][WORDS["column.title"]].str.removeprefix("● ").tolist()


def test_described_candidates_are_an_option_with_their_worth(trained, describing, monkeypatch):
    user, target = user_of(trained), trained.info["scenarios"][0]
    monkeypatch.setattr(user_described, "generator_installed", lambda: True)
    app = open_page("user", user=user, scenario=target, more="described")
    assert WORDS["candidates.found"] in shown(app)
    assert not app.toggle(key="described").value
    shelf = trained.split().space
    log = trained.log().to_frame()
    had = set(log.loc[log["user_id"] == user, "item_id"])
    best = set(_right(app))
    titles = trained.catalog().titles_of(shelf.ids(0))
    wanted = next(
        str(item)
        for item, title in zip(shelf.ids(0), titles, strict=True)
        if item not in had and title not in best
    )
    describing(trained, wanted)
    gain = Gain(target, 9, 100, 0.3, 0.1, 0.2, -0.15, -0.05, 0.01)
    write_candidates(trained, {"generator": "says", "gains": [asdict(gain)]})
    app.toggle(key="described").set_value(True)
    go(app)
    text = shown(app)
    assert "change −0.100 [−0.150, −0.050]" in text
    assert SAID not in text
    assert SAID.replace("*", "") in text.replace("\\*", "")
    place = WORDS["user.described.place"]
    table = next(one.value for one in app.dataframe if place in one.value)
    origin = table.set_index(WORDS["column.title"])[WORDS["user.described.from"]]
    title = str(trained.catalog().titles_of(np.array([wanted], dtype=object))[0])
    assert origin.iloc[0] == WORDS["user.described.model"]
    assert origin[title] == WORDS["user.described.described"]
    assert set(_right(app)) == best  # the page's own list stays


def test_feedback_view_counts(trained):
    app = open_page("user", user=user_of(trained), more="feedback")
    assert WORDS["user.feedback.none"] in shown(app)
    app.button(key="say_dislike").click()
    go(app)
    app.button(key="say_keep").click()
    go(app)
    assert "1 entries, 0 likes" in shown(app)


def test_a_made_up_user_from_items_lives_in_the_link(trained):
    app = open_page("user")
    app.button_group(key="kind").set_value("made_up")
    go(app)
    assert WORDS["user.history_empty"] in shown(app)
    app.button(key="basket_add").click()
    go(app)
    assert WORDS["user.history_empty"] not in shown(app)
    made = param(app, "made")
    again = open_page("user", made=made)
    assert "Checked: base" in shown(again)
    assert not again.error
    assert _right(again) == _right(app)


def test_a_sentence_needs_the_encoder_of_the_run_and_says_so(trained):
    app = open_page("user", says="likes slow science fiction")
    assert app.error  # this run read its items by TF-IDF, which has no encoder
    assert len(app.exception) == 0


class Reads:
    """An encoder of the run's own name that reads a wish as an item of the run, or as nothing."""

    def __init__(self, run: Run, words: dict[str, str]) -> None:
        features = run.features()
        self.id, self.revision, self.dim = features.encoder, "1", features.dim
        self.of = {word: features.rows(np.array([item]))[0] for word, item in words.items()}

    def encode(self, texts, *, progress=None):
        nothing = np.zeros(self.dim, dtype=np.float32)
        return np.array([self.of.get(text, nothing) for text in texts])


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_sentence_fills_the_other_scenarios_and_says_what_matched(trained, lang, monkeypatch):
    words = wording(lang)
    target, other = trained.info["scenarios"][:2]
    space = trained.split().space
    item = str(space.ids(space.scenarios.code(other))[0])
    monkeypatch.setattr(i18n, "FALLBACK", lang)
    reads = Reads(trained, {"红茶": item})
    monkeypatch.setattr(user_made, "load_encoder", lambda _: reads)
    app = open_page("user", says="我喜欢红茶和呜呜", scenario=target, lang=lang)
    assert not app.error
    (matches,) = [
        one.value for one in app.dataframe if words["user.made_up.words"] in one.value.columns
    ]
    assert set(matches[words["user.made_up.words"]]) <= {"红茶", "呜呜"}
    assert target not in set(matches[words["column.scenario"]])
    (warning,) = [one.value for one in app.warning if "呜呜" in one.value]
    assert "红茶" not in warning
    app.session_state["past_None"] = True  # the history, with the sentence in it
    go(app)
    past = [one.value for one in app.dataframe if words["user.weight"] in one.value.columns]
    titles = [title for one in past for title in one[words["column.title"]]]
    assert "“红茶”" in titles
    assert not any("crossrec:sentence" in title for title in titles)
    app.button_group(key="fills").set_value("all")
    go(app)
    assert param(app, "fills") == "all"


def test_a_chinese_sentence_for_an_english_encoder_leaves_the_page_whole(trained, monkeypatch):
    monkeypatch.setattr(user_made, "MINILM", "tfidf")  # as if this run's encoder knew English alone
    app = open_page("user", says="喜欢红茶")
    assert [one for one in app.warning if "English" in one.value]
    assert not app.error
    assert WORDS["user.history_empty"] in shown(app)


def test_the_table_of_changes_filters_and_pages(trained):
    app = open_page("user")
    app.session_state["table"] = True
    go(app)
    assert WORDS["user.table.note"] in shown(app)


def test_the_card_sheet_is_inert():
    card = Card(1, "<i>", HOSTILE, "<b>c</b>", "1", '"><script>x</script>', "s", "why", 1.0, True,
                "#000000")  # fmt: skip
    page = html_sheet("<t>", "n", [card], "en")
    assert "<script" not in page
    assert "<img" not in page
    assert "default-src 'none'" in page
    assert page.count("<section") == 1


class Says:
    """A writer that says what it is told."""

    id = "fake"
    text = ""

    def write(self, prompts, **_):
        return [self.text for _ in prompts]


def test_a_refused_reason_is_shown_as_refused_and_the_template_stands(trained, monkeypatch):
    monkeypatch.setattr(user_reason, "load_writer", lambda *_: Says())
    said = f"Everybody buys Dracula for 9.99: {HOSTILE}."
    monkeypatch.setattr(Says, "text", said)
    app = open_page("user", user=user_of(trained), view="reason")
    before = WORDS["user.reason.template"]
    assert before in shown(app)
    app.text_input(key="reason_model").set_value("http://127.0.0.1:9/v1#fake")
    app.button(key="reason_write").click()
    go(app)
    assert before in shown(app)
    assert "What fake wrote was refused: it holds markup or an address" in shown(app)
    assert "Dracula" in "\n".join(text.value for text in app.text)
    texts = [box.value for box in (*app.markdown, *app.caption)]
    assert not [text for text in texts if re.search(r"(?<!\\)!\[|(?<!\\)<img", text)]


def test_a_reason_within_the_facts_is_marked_as_machine_written(trained, monkeypatch):
    monkeypatch.setattr(user_reason, "load_writer", lambda *_: Says())
    app = open_page("user", user=user_of(trained), view="reason")
    facts = next(json.loads(code.value) for code in app.code if '"because"' in code.value)
    title = facts["because"][0][0]
    monkeypatch.setattr(Says, "text", f"It is like {title}.")
    app.button(key="reason_write").click()
    go(app)
    assert "Machine-written by fake" in shown(app)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_hit_that_transfer_lost_is_told_with_what_passed_it(trained, lang, monkeypatch):
    """The user and target whose list lost most: the page names the item and the source."""
    monkeypatch.setattr(i18n, "FALLBACK", lang)
    per_user = trained.report().per_user
    columns = ["user_id", "scenario"]
    names = trained.report().config
    with_, without = (
        per_user.loc[per_user["model"] == names[name]].set_index(columns)["ndcg"]
        for name in ("transfer", "baseline")
    )
    user, scenario = (with_ - without).idxmin()
    app = open_page("user", user=user, scenario=scenario, lang=lang)
    start = wording(lang)["user.fallen"].split("**")[0]
    lines = [one.value for one in app.markdown if one.value.startswith(start)]
    assert lines
    assert not any(SECRET in line for line in lines)
