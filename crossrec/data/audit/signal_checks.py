"""The audit's rules on what rows say: interactions, exposures, dislikes, and what is unclear."""

from collections.abc import Iterator, Mapping, Sequence

from crossrec.data.audit.findings import EXAMPLES, Finding, Severity
from crossrec.data.log import InteractionLog, SignalFacts
from crossrec.data.meaning.ratings import Scale
from crossrec.data.meaning.vocabulary import Kind
from crossrec.data.wording import Value
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
            examples=_examples([one for one in summary.signals if one.kind == Kind.EXPOSURE]),
        )
    if summary.negatives:
        negative = [one for one in summary.signals if one.kind == Kind.NEGATIVE]
        key, reasons = _reasons(negative, summary.scales)
        examples = _examples(negative)
        yield Finding(key, Severity.INFO, "", summary.negatives, reasons, examples)
    yield from _scales(summary.scales)


def _unknown(signals: Sequence[SignalFacts]) -> Iterator[Finding]:
    """Words and codes of which nobody has said what they mean."""
    if not signals:
        return
    rows = sum(one.rows for one in signals)
    yield Finding(
        "unknown_signals",
        Severity.WARNING,
        "",
        rows,
        {"columns": tuple(dict.fromkeys(one.column for one in signals))},
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
        yield Finding(
            "binary_columns",
            Severity.INFO,
            "",
            len(columns),
            {"columns": tuple(dict.fromkeys(each["column"] for each in columns))},
            tuple(columns[:EXAMPLES]),
        )


def _scales(scales: Sequence[Scale]) -> Iterator[Finding]:
    mixed = [scale for scale in scales if scale.mixed]
    different = len({(scale.low, scale.high) for scale in scales}) > 1
    if mixed or different:
        yield Finding(
            "mixed_scales.one_column" if mixed else "mixed_scales",
            Severity.WARNING,
            "",
            len(mixed) or len(scales),
            examples=tuple(_scale(scale) for scale in scales[:EXAMPLES]),
        )
    outside = [scale for scale in scales if scale.outside]
    if outside:
        rows = sum(scale.outside for scale in outside)
        yield Finding(
            "rating_outliers",
            Severity.WARNING,
            "",
            rows,
            examples=tuple(_scale(scale) | {"rows": scale.outside} for scale in outside[:EXAMPLES]),
        )


def _scale(scale: Scale) -> dict[str, object]:
    return {
        SCENARIO: scale.scenario,
        "low": scale.low,
        "high": "" if scale.high is None else scale.high,
        "positive_from": scale.positive_from,
    }


def _reasons(
    negative: Sequence[SignalFacts], scales: Sequence[Scale]
) -> tuple[str, Mapping[str, Value]]:
    """By what the dislikes were told: the key of its sentence, and its values."""
    reasons = [f"{one.column} {one.value}" for one in negative if one.source != "rating"][:EXAMPLES]
    rated = dict.fromkeys(
        f"{scale.positive_from:g}"
        for scale in scales
        if scale.given or not (scale.mixed or scale.high is None)
    )
    by_rating = bool(rated) and any(one.source == "rating" for one in negative)
    values = {"reasons": tuple(reasons), "below": " / ".join(rated)}
    if reasons:
        return "dislikes.both" if by_rating else "dislikes.values", values
    return "dislikes.ratings" if by_rating else "dislikes", values


def _examples(signals: Sequence[SignalFacts]) -> tuple[dict[str, object], ...]:
    return tuple(
        {"column": one.column, "value": one.value, "rows": one.rows} for one in signals[:EXAMPLES]
    )
