"""One run, and others beside it, as one offline HTML file."""

from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

import pandas as pd

from crossrec import plots
from crossrec.data.phrases import translated
from crossrec.data.reading.lines import reading_lines
from crossrec.data.wording import shown
from crossrec.errors import SplitError
from crossrec.evaluation import (
    RunReport,
    Summary,
    board,
    board_rule,
    board_title,
    counts_told,
    headline,
    repeated,
    simpler_models,
    summary,
    tell,
    verdicts,
)
from crossrec.evaluation.runs import compare_runs, overall
from crossrec.report import page
from crossrec.report.board import STYLE, card, reach_of
from crossrec.report.compared import cost, differences, same_split, settings_of
from crossrec.report.words import words_of
from crossrec.workspace import Run
from crossrec.workspace.bridges import shown_bridges

_MODELS_SHOWN = ("ndcg", "recall", "mrr")
_MOST_CARDS = 4  # with all they say on one page of A4
_BRIDGES = 5  # of each pair of scenarios


def build_report(runs: Sequence[Run], *, lang: str = "en") -> str:
    """The whole page: the decision board first, all else folded below it.

    Printed as it opens, it is the board on one page of A4; what was unfolded follows.

    Args:
        runs: the run the page is about, and those it is compared with; runs that were judged on
            another split are named as not comparable.
        lang: language of the page, of :data:`~crossrec.report.words.LANGUAGES`.

    Returns:
        HTML of about 5 MB: nothing is loaded from anywhere, user ids do not stand in it.

    Raises:
        RunUnreadable: a run has no evaluation, or it is damaged.
    """
    run, report = runs[0], runs[0].report()
    words = words_of(lang)
    found, least = summary(report), run.least_shown
    about = _Page(lang, least)
    sections = [about.verdicts(found), about.pairs(run, report), about.cohorts(run, report, found)]
    sections += [about.models(report), about.both_ways(report), about.attributes(run)]
    sections += [about.comparison(runs)] if len(runs) > 1 else []
    sections += [about.reading(run), about.settings(run), about.notes(report)]
    parts = [*about.head(run, found), *about.board(report), *about.method(run, found)]
    parts += [piece for section in sections for piece in page.folded(section)]
    return page.document(words("title"), parts, lang=lang, style=STYLE)


class _Page:
    """The parts of the page, in one language."""

    def __init__(self, lang: str, least: int) -> None:
        self._words, self._figure_words, self._reader_words = (
            words_of(lang, part) for part in ("report", "plot", "reader")
        )
        self._least = least

    def head(self, run: Run, found: Summary) -> list[str]:
        words, counts = self._words, run.info.get("counts", {})
        answer, _ = headline(found, self._figure_words)
        facts = words(
            "facts",
            rows=f"{counts.get('interactions', 0):,}",
            users=f"{counts.get('users', 0):,}",
            items=f"{counts.get('items', 0):,}",
            scenarios=len(run.info.get("scenarios", ())),
        )
        return [
            f"<h1>{page.text(words('title'))}</h1>",
            page.paragraph(answer, "answer"),
            page.paragraph(facts),
        ]

    def board(self, report: RunReport) -> list[str]:
        """A card per scenario, with how a decision is made."""
        words, found = self._figure_words, board(report, least=self._least)
        if not found.rows:
            return []
        reach = reach_of(found)
        cards = [card(row, found.k, words, reach=reach) for row in found.rows]
        many = " many" if len(cards) > _MOST_CARDS else ""
        return [
            page.paragraph(board_title(found, words)),
            f"<div class='boards{many}'>{''.join(cards)}</div>",
            page.paragraph(board_rule(words), "small"),
        ]

    def method(self, run: Run, found: Summary) -> list[str]:
        """The sentences below the answer, what a lift is, and where this comes from."""
        words, made = self._words, datetime.now(UTC).strftime("%Y-%m-%d")
        _, notes = headline(found, self._figure_words)
        return [
            page.paragraph(" ".join(notes), "small"),
            page.paragraph(self._figure_words("headline_method", k=found.k), "small"),
            page.paragraph(
                words("made", date=made, version=version("crossrec"), run=_name(run)), "small"
            ),
        ]

    def reading(self, run: Run) -> list[str]:
        """How the files were read."""
        if "reading" not in run.info:
            return []
        lines = reading_lines(run.info["reading"], self._how, self._read)
        return [page.heading(self._words("reading")), page.listed(lines)]

    def _read(self, sentence: str) -> str:
        return translated(sentence, self._reader_words)

    def _how(self, key: str, **values: object) -> str:
        return self._words(f"how_{key}", **values)

    def verdicts(self, found: Summary) -> list[str]:
        words = self._words
        rows = [
            {
                words("scenario"): one.scenario,
                words("cohort"): self._figure_words(f"cohort_{one.cohort}"),
                words("users"): f"{one.n:,}",
                words("target_only"): f"{one.without:.4f}",
                words("transfer"): f"{one.value:.4f}",
                words("lift"): _interval(one.lift, one.low, one.high),
                words("verdict"): tell(one.verdict, one.why, self._figure_words),
            }
            for one in found.answers
            if one.n >= self._least
        ]
        return [page.heading(words("verdicts")), page.table(rows)] if rows else []

    def pairs(self, run: Run, report: RunReport) -> list[str]:
        found = verdicts(report)
        found = found.loc[found["n"] >= self._least]
        if found.empty:
            return []
        drawn = plots.transfer_figure(found, _scenarios(run), words=self._figure_words)
        alt = plots.transfer_alt(found, words=self._figure_words)
        return [page.heading(self._words("pairs")), page.figure(drawn, alt)]

    def cohorts(self, run: Run, report: RunReport, found: Summary) -> list[str]:
        shown = [one for one in found.answers if one.n >= self._least]
        rows = plots.forest_rows(shown, _scenarios(run))
        if rows.empty:
            return []
        drawn = plots.forest_figure(rows, _scenarios(run), words=self._figure_words)
        alt = plots.forest_alt(rows, words=self._figure_words)
        counts = counts_told(report, self._least, self._figure_words)
        figure = page.figure(drawn, alt)
        return [page.heading(self._words("cohorts")), figure, *map(page.paragraph, counts)]

    def models(self, report: RunReport) -> list[str]:
        words, table = self._words, report.table
        own = table.loc[
            (table["source"] == "")
            & (table["cohort"] == "all")
            & (table["k"] == report.config["k"])
            & table["metric"].isin(_MODELS_SHOWN)
            & (table["n"] >= self._least)
        ]
        rows: dict[tuple[str, str], dict[str, str]] = {}
        for one in own.to_dict("records"):
            key = (one["scenario"], one["model"])
            row = rows.setdefault(
                key, {words("scenario"): one["scenario"], words("model"): one["model"]}
            )
            row[one["metric"].upper()] = _interval(one["value"], one["low"], one["high"], sign="")
        if not rows:
            return []
        told = [page.paragraph(one) for one in self._simpler(report)]
        return [page.heading(words("models")), *told, page.table(list(rows.values()))]

    def _simpler(self, report: RunReport) -> list[str]:
        """Where a simpler model is clearly better than transfer, or that none is."""
        words, found = self._words, simpler_models(report, least=self._least)
        if not found.models:
            return []
        if not found.better:
            models = " · ".join(found.models)  # names may hold commas
            return [words("simpler_none", models=models), words("simpler_method")]
        better = [
            words(
                "simpler_better",
                model=one.model,
                cohort=self._figure_words(f"cohort_{one.cohort}"),
                scenario=one.scenario,
                value=f"{one.value:.4f}",
                transfer=f"{one.transfer:.4f}",
                gain=_interval(one.gain, one.low, one.high),
                users=f"{one.n:,}",
            )
            for one in found.better
        ]
        return [*better, words("simpler_method")]

    def both_ways(self, report: RunReport) -> list[str]:
        words, found = self._words, repeated(report)
        rows = [
            {
                words("scenario"): row["scenario"],
                words("seen_lists"): words(f"seen_{row['lists'] or 'exclude'}"),
                words("users"): f"{row['n']:,}",
                words("seen_new"): f"{row['new']:.4f}",
                words("seen_repeats"): f"{row['repeats']:.4f}",
                words("lift"): _interval(row["lift"], row["low"], row["high"]),
            }
            for row in found.loc[found["n"] >= self._least].to_dict("records")
        ]
        return [page.heading(words("seen")), page.table(rows)] if rows else []

    def attributes(self, run: Run) -> list[str]:
        """Which attributes of the items connect two scenarios, with the strongest of each pair."""
        words = self._words
        found, reader = shown_bridges(run, _BRIDGES)
        if found is None or found.empty:
            return []
        best = found.groupby(["source", "target"], sort=False).head(_BRIDGES)
        rows = [
            {
                words("between"): f"{one['source']} – {one['target']}",
                words("attribute"): f"{one['facet']}: {one['value']}",
                words("users_both"): f"{one['users']:,}",
                words("expected"): f"{one['expected']:,.1f}",
            }
            for one in best.to_dict("records")
        ]
        note = words("attributes_note", reader=reader or words("attributes_stated"))
        return [page.heading(words("attributes")), page.paragraph(note), page.table(rows)]

    def settings(self, run: Run) -> list[str]:
        words, found = self._words, settings_of(run).items()
        rows = [{words("setting"): name, words("setting_value"): value} for name, value in found]
        return [page.heading(words("all_settings")), page.table(rows)]

    def notes(self, report: RunReport) -> list[str]:
        """What must be known when reading."""
        words, comma = self._words, self._words("how_comma")
        notes = [words(f"note_{one.key}", **shown(one.values, comma=comma)) for one in report.notes]
        notes += [words("withheld", least=self._least)] if self._least > 1 else []
        return [page.heading(words("notes")), page.listed(notes)] if notes else []

    def comparison(self, runs: Sequence[Run]) -> list[str]:
        words = self._words
        own, others = same_split(runs)
        parts = [page.heading(words("runs"))]
        parts += [page.paragraph(words("refused", run=_name(run))) for run in others]
        if len(own) < 2:
            return parts
        table = [{"run": _name(run), "cost": cost(run), **overall(run.report())} for run in own]
        parts.append(page.table([self._standing(row) for row in table]))
        for other in own[1:]:
            parts += self._paired(own[0], other)
        unequal = differences({_name(run): settings_of(run) for run in own})
        if len(unequal):
            shown = unequal.rename(columns={"setting": words("setting")})
            parts += [page.heading(words("settings")), page.table(_records(shown))]
        return [*parts, *self._trade(table)]

    def _standing(self, row: dict[str, Any]) -> dict[str, object]:
        words = self._words
        return {
            words("run"): row["run"],
            words("value"): _interval(row["value"], row["low"], row["high"], sign=""),
            words("target_only"): f"{row['baseline']:.4f}",
            words("cost"): f"{row['cost']:,.0f}" if row["cost"] else "–",
        }

    def _paired(self, first: Run, second: Run) -> list[str]:
        words = self._words
        title = words("paired", first=_name(first), second=_name(second))
        try:
            found = compare_runs(first.report(), second.report())
        except SplitError as error:
            return [page.heading(title), page.paragraph(str(error))]
        rows = [
            {
                words("scenario"): row["scenario"],
                words("difference"): _interval(row["difference"], row["low"], row["high"]),
                words("users"): f"{row['n']:,}",
                words("verdict"): tell(row["verdict"], row["why"], self._figure_words),
            }
            for row in found.to_dict("records")
            if row["n"] >= self._least
        ]
        return [page.heading(title), page.table(rows)]

    def _trade(self, table: list[dict[str, Any]]) -> list[str]:
        priced = pd.DataFrame([row for row in table if row["cost"] > 0])
        if len(priced) < 2:
            return []
        drawn = plots.tradeoff_figure(priced, words=self._figure_words)
        alt = plots.tradeoff_alt(priced, words=self._figure_words)
        caption = page.paragraph(self._words("trade_caption"))
        return [page.heading(self._words("trade")), page.figure(drawn, alt), caption]


def _name(run: Run) -> str:
    return f"{run.name} ({run.id})" if run.name else run.id


def _scenarios(run: Run) -> list[str]:
    return [str(name) for name in run.info.get("scenarios", ())]


def _records(table: Any) -> list[dict[str, object]]:
    return [{str(name): value for name, value in row.items()} for row in table.to_dict("records")]


def _interval(value: float, low: float, high: float, *, sign: str = "+") -> str:
    return f"{value:{sign}.4f} [{low:{sign}.4f}, {high:{sign}.4f}]".replace("-", "−")
