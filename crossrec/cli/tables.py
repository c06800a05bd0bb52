"""Results as plain text for a terminal."""

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any

import numpy as np
import pandas as pd

from crossrec.data.audit.rules import AuditReport, PairVerdict
from crossrec.data.catalog import Catalog
from crossrec.data.privacy.plan import MIN_GROUP
from crossrec.data.reading.lines import reading_lines
from crossrec.data.seen import INCLUDE, SeenItems
from crossrec.doctor import Check
from crossrec.evaluation import (
    HELPS,
    HURTS,
    RunReport,
    board,
    board_rule,
    board_title,
    headline,
    method,
    repeated,
    row_text,
    simpler_models,
    summary,
    tell,
)
from crossrec.evaluation.summary import JUDGED_COHORTS
from crossrec.explanation import Explanation
from crossrec.report.words import words_of
from crossrec.schema import ITEM, SOURCE_SCENARIO
from crossrec.transfer.lineup import key_of

SHOWN_TERMS = 8
SHOWN_PAIRS = 30
SHOWN_BRIDGES = 3
NOTHING = "(nothing to list)"
SEEN_WORDS = {"exclude": "left out", "include": "may be included", "": "–"}


def plain(rows: Sequence[Mapping[str, object]]) -> str:
    """Rows as aligned columns with a header; says so where there are none."""
    return frame(pd.DataFrame(list(rows)), justify="left")


def frame(table: pd.DataFrame, **look: Any) -> str:
    """A table as aligned columns with a header; says so where it has no rows.

    Args:
        table: what to show.
        **look: of :meth:`pandas.DataFrame.to_string`.
    """
    return NOTHING if table.empty else table.to_string(index=False, **look)


def results(report: RunReport, *, least: int = MIN_GROUP) -> str:
    """The decisions, and with against without transfer per scenario, cohort and pair.

    Args:
        report: of a run.
        least: smallest group of users whose decision may be shown.
    """
    found = summary(report)
    title, told = headline(found)
    rows = [
        {
            "scenario": one.scenario,
            "users": one.cohort,
            "n": f"{one.n:,}",
            "target only": f"{one.without:.4f}",
            "transfer": f"{one.value:.4f}",
            "lift [95 % interval]": f"{one.lift:+.4f} [{one.low:+.4f}, {one.high:+.4f}]",
            "verdict": tell(one.verdict, one.why),
        }
        for one in found.answers
        if one.n >= MIN_GROUP  # fewer people are not shown
    ]
    lines = [title, *told, "", *decisions(report, least=least)]
    lines += [method(found.k), plain(rows), ""] if rows else []
    for verdict, cohort in product((HELPS, HURTS), JUDGED_COHORTS):
        pairs = [
            f"{one.source} -> {one.target} {one.lift:+.4f}"
            for one in found.pairs_that(verdict)
            if one.cohort == cohort
        ]
        lines += [f"{verdict} {cohort} users: {', '.join(pairs)}"] if pairs else []
    lines += simpler(report)
    lines += _both_ways(report)
    lines += [f"note: {note}" for note in report.notes]
    return "\n".join(lines)


def decisions(report: RunReport, lang: str = "en", *, least: int = MIN_GROUP) -> list[str]:
    """The decision board: what to do in each scenario, and why.

    Args:
        report: of a run.
        lang: "en" or "zh".
        least: smallest group of users that may be shown.
    """
    words = words_of(lang, "plot")
    found = board(report, least=least)
    if not found.rows:
        return []
    lines = [board_title(found, words), ""]
    for row in found.rows:
        said = row_text(row, found.k, words)
        groups = [
            words("board_line", label=one.label, gain=one.gain, said=one.said)
            for one in said.groups
        ]
        parts = [said.because, f"{said.gain}  {said.base}  {said.whom}", said.hits, said.ratio]
        parts += [*groups, said.adds_up, said.person, said.settle, *said.notes]
        head = {name: getattr(said, name) for name in ("scenario", "decision", "sources")}
        lines += [words("board_head", **head), *(f"  {one}" for one in parts if one), ""]
    return [*lines, board_rule(words), ""]


def simpler(report: RunReport) -> list[str]:
    """Where a simpler model is clearly better than transfer; that none is, where some were judged.

    Models are called what ``--model`` takes; groups of fewer people than in the table are left out.
    """
    found, said = simpler_models(report, least=MIN_GROUP), "clearly better than transfer:"
    if found.models and not found.better:
        return [f"{said} none of {', '.join(str(key_of(model)) for model in found.models)}"]
    return [
        f"{said} {key_of(one.model)} for {one.cohort} users of {one.scenario}, {one.value:.4f} to "
        f"{one.transfer:.4f} ({one.gain:+.4f} [{one.low:+.4f}, {one.high:+.4f}], n = {one.n:,})"
        for one in found.better
    ]


def _both_ways(report: RunReport) -> list[str]:
    """New items alone beside all with repeats, where that was judged."""
    found = repeated(report)
    rows = [
        {
            "scenario": row["scenario"],
            "seen items in lists": SEEN_WORDS[row["lists"]],
            "n": f"{row['n']:,}",
            "new items": f"{row['new']:.4f}",
            "with repeats": f"{row['repeats']:.4f}",
            "target only": f"{row['repeats_without']:.4f}",
            "lift [95 % interval]": f"{row['lift']:+.4f} [{row['low']:+.4f}, {row['high']:+.4f}]",
        }
        for row in found.to_dict("records")
        if row["n"] >= MIN_GROUP
    ]
    return ["", "seen items: judged without and with repeats", plain(rows), ""] if rows else []


def explanation(one: Explanation, catalog: Catalog) -> str:
    """One explanation: score, base and its largest terms."""
    terms = one.contributions.head(SHOWN_TERMS)
    names = catalog.titles_of(terms[ITEM].to_numpy())
    lines = [
        f"{catalog.titles_of(np.array([one.item_id]))[0]} ({one.item_id})",
        f"  score {one.score:.5f} = base {one.base:.5f} + {len(one.contributions)} terms",
    ]
    lines += [
        f"  {row['amount']:+.5f}  {name}  [{row[SOURCE_SCENARIO]}, "
        f"coefficient {row['coefficient']:.2f}, text {row['text']:+.5f}]"
        for name, row in zip(names, terms.to_dict(orient="records"), strict=True)
    ]
    rest = one.contributions["amount"].iloc[SHOWN_TERMS:]
    if len(rest):
        lines.append(f"  {rest.sum():+.5f}  other ({len(rest)} terms)")
    return "\n".join(lines)


def reading(report: Mapping[str, Any]) -> str:
    """How the files were read; see :func:`crossrec.data.reading.report.reading_report`."""
    return "\n".join(
        ["How the files were read", *(f"  {one}" for one in reading_lines(report)), ""]
    )


def audit(report: AuditReport) -> str:
    """Verdicts, then findings with what to do."""
    lines = [frame(report.counts, float_format="{:.4g}".format), ""]
    lines += [
        f"{name}: {verdict.state}" + (f" ({', '.join(verdict.reasons)})" if verdict.reasons else "")
        for name, verdict in report.verdicts.items()
    ]
    if len(report.coverage):
        lines += ["", frame(report.coverage, float_format="{:.2f}".format)]
    lines += ["", *(_pair(pair) for pair in report.pairs[:SHOWN_PAIRS])] if report.pairs else []
    if len(report.pairs) > SHOWN_PAIRS:
        lines.append(f"and {len(report.pairs) - SHOWN_PAIRS:,} more pairs (all with --json)")
    lines += ["", *map(_seen, report.seen)] if report.seen else []
    lines += _attributes(report.attribute_bridges)
    for finding in report.findings:
        where = f" [{finding.scenario}]" if finding.scenario else ""
        lines += [
            "",
            f"{finding.severity} {finding.rule}{where}: {finding.what}",
            f"  do: {finding.action}",
        ]
        lines += [
            "  e.g. " + ", ".join(f"{key} {value}" for key, value in example.items())
            for example in finding.examples[:3]
        ]
    return "\n".join(lines)


def _attributes(found: pd.DataFrame | None) -> list[str]:
    """The strongest attributes between scenarios; a hint where none is known."""
    if found is None:
        hint = "map a category or price column, or give --attributes"
        return ["", f"attributes between scenarios: none known ({hint})"]
    if found.empty:
        return ["", "attributes between scenarios: none that five users chose on both sides"]
    best = found.groupby(["source", "target"], sort=False).head(SHOWN_BRIDGES).head(SHOWN_PAIRS)
    return ["", "attributes between scenarios, users on both sides (expected by chance):"] + [
        f"  {one['source']} - {one['target']}: {one['facet']} {one['value']}, "
        f"{one['users']:,} ({one['expected']:,.1f})"
        for one in best.to_dict("records")
    ]


def _seen(one: SeenItems) -> str:
    does = "may include seen items" if one.lists == INCLUDE else "leave seen items out"
    return f"{one.scenario}: {one.share:.0%} of later rows repeat an item: lists {does}"


def _pair(pair: PairVerdict) -> str:
    limits = f" ({', '.join(pair.reasons)})" if pair.reasons else ""
    return f"{pair.source} -> {pair.target}: {pair.state}{limits}. {pair.what}."


def checks(found: Sequence[Check]) -> str:
    """The doctor's list."""
    lines = []
    for check in found:
        lines.append(f"{check.state:8} {check.name}: {check.found}")
        if check.action:
            lines.append(f"{'':8} do: {check.action}")
    return "\n".join(lines)
