"""The audit's rules on what rows say: interactions, exposures, dislikes, and what is unclear."""

from collections.abc import Iterator, Sequence

from crossrec.data.audit.findings import EXAMPLES, Finding, Severity, counted
from crossrec.data.log import InteractionLog, SignalFacts
from crossrec.data.meaning.ratings import Scale
from crossrec.data.meaning.vocabulary import Kind
from crossrec.schema import SCENARIO


def check_signals(log: InteractionLog) -> Iterator[Finding]:
    """All findings about what the rows say."""
    summary = log.rejects
    yield from _unknown([one for one in summary.signals if one.kind == Kind.UNKNOWN])
    yield from _binary_columns(log)
    if summary.exposures:
        yield Finding(
            "exposures",
            Severity.INFO,
            "",
            summary.exposures,
            f"{counted(summary.exposures, 'row')} of an item that was only shown",
            "Nothing to do if that is right: they are kept apart and never count as interactions;"
            " else say what their values mean",
            _examples([one for one in summary.signals if one.kind == Kind.EXPOSURE]),
        )
    if summary.negatives:
        yield Finding(
            "dislikes",
            Severity.INFO,
            "",
            summary.negatives,
            f"{counted(summary.negatives, 'row')} against an item"
            f" ({_reasons(summary.signals, summary.scales)})",
            "Nothing to do if that is right: they are never hits, and push what is like them down;"
            " else say what their values mean, or from which rating on people like an item",
            _examples([one for one in summary.signals if one.kind == Kind.NEGATIVE]),
        )
    yield from _scales(summary.scales)


def _unknown(signals: Sequence[SignalFacts]) -> Iterator[Finding]:
    """Words and codes of which nobody has said what they mean."""
    if not signals:
        return
    rows = sum(one.rows for one in signals)
    columns = ", ".join(dict.fromkeys(one.column for one in signals))
    yield Finding(
        "unknown_signals",
        Severity.WARNING,
        "",
        rows,
        f"{counted(rows, 'row')} with a value in {columns} of which it is not known what it says;"
        " each counts as an interaction unless another column speaks against it",
        "Say for each of them whether it is positive, an exposure (only shown) or negative",
        _examples(signals),
    )


def _binary_columns(log: InteractionLog) -> Iterator[Finding]:
    """Columns that may say whether anything happened, by values or by name, and are not used."""
    columns = [
        {"file": facts.name, "column": column}
        for facts in log.rejects.files
        for column in facts.binary
    ]
    if columns:
        names = ", ".join(dict.fromkeys(each["column"] for each in columns))
        yield Finding(
            "binary_columns",
            Severity.INFO,
            "",
            len(columns),
            f"Columns that may say what happened and are not used: {names}",
            "Nothing to do unless one of them says whether the person did anything: then say what"
            " its values mean",
            tuple(columns[:EXAMPLES]),
        )


def _scales(scales: Sequence[Scale]) -> Iterator[Finding]:
    mixed = [scale for scale in scales if scale.mixed]
    different = len({(scale.low, scale.high) for scale in scales}) > 1
    if mixed or different:
        yield Finding(
            "mixed_scales",
            Severity.WARNING,
            "",
            len(mixed) or len(scales),
            "Two scales seem to stand in one column of ratings; no rating is taken as a dislike"
            if mixed
            else "Ratings are on different scales; each scenario is read on its own",
            "Bring the ratings to one scale, or say from which rating on people like an item",
            tuple(_scale(scale) for scale in scales[:EXAMPLES]),
        )
    outside = [scale for scale in scales if scale.outside]
    if outside:
        rows = sum(scale.outside for scale in outside)
        yield Finding(
            "rating_outliers",
            Severity.WARNING,
            "",
            rows,
            f"{counted(rows, 'rating')} beyond the scale of the others; their rows are rejected",
            "Correct them in the file; a 0 or -1 that means 'not rated' may be left empty",
            tuple(_scale(scale) | {"rows": scale.outside} for scale in outside[:EXAMPLES]),
        )


def _scale(scale: Scale) -> dict[str, object]:
    return {
        SCENARIO: scale.scenario,
        "low": scale.low,
        "high": "" if scale.high is None else scale.high,
        "positive_from": scale.positive_from,
    }


def _reasons(signals: Sequence[SignalFacts], scales: Sequence[Scale]) -> str:
    """By what the dislikes were told, in a few words."""
    negative = [one for one in signals if one.kind == Kind.NEGATIVE]
    reasons = [f"{one.column} {one.value}" for one in negative if one.source != "rating"][:EXAMPLES]
    rated = dict.fromkeys(
        f"{scale.positive_from:g}" for scale in scales if not scale.mixed and scale.high is not None
    )
    if any(one.source == "rating" for one in negative):
        reasons.append(f"ratings below {' or '.join(rated)}")
    return ", ".join(reasons)


def _examples(signals: Sequence[SignalFacts]) -> tuple[dict[str, object], ...]:
    return tuple(
        {"column": one.column, "value": one.value, "rows": one.rows} for one in signals[:EXAMPLES]
    )
