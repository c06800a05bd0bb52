"""An audit without the figures of groups so small that they point at single people."""

from collections.abc import Mapping
from dataclasses import replace

import pandas as pd

from crossrec.data.audit.findings import AuditReport, Finding, PairVerdict
from crossrec.schema import SCENARIO, USER

ABOUT_USERS = frozenset(
    {"bots", "no_profile", "overlap.few", "few_users", "few_users.all", "train_test_leak.copies"}
)
"""Keys of findings whose count is a number of users."""
_LIMITS = frozenset({"needed", "needed_items"})
"""Values of findings that are no figures of the data."""


def withheld(report: AuditReport, least: int) -> AuditReport:
    """The report as it may be shown; verdicts, twins and nesting stay as they are.

    Withheld (None in tables and pairs): the figures of scenarios with fewer users; numbers of
    common users below ``least``, and those that leave such a rest on either side (the rest is the
    total minus what is shown); in findings all figures of so few users or such a rest, and
    examples that name users.

    Args:
        report: of :func:`crossrec.data.audit.audit`.
        least: smallest group of users that is shown; 1 shows everything.
    """
    if least <= 1:
        return report
    names = report.overlap.index.to_list()
    own = {name: int(report.overlap.loc[name, name]) for name in names}
    shown = {
        (one, other): _shown(int(report.overlap.loc[one, other]), own[one], own[other], least)
        for one in names
        for other in names
    }
    small = {name for name in names if own[name] < least}
    overlap = pd.DataFrame(
        [[shown[one, other] for other in names] for one in names],
        index=names, columns=names, dtype=object,
    )  # fmt: skip
    return replace(
        report,
        findings=tuple(_finding(found, least) for found in report.findings),
        overlap=overlap if overlap.isna().to_numpy().any() else report.overlap,
        counts=_without(report.counts, small),
        coverage=_without(report.coverage, small),
        pairs=tuple(
            _pair(pair, own[pair.source], shown[pair.source, pair.target], least)
            for pair in report.pairs
        ),
        attribute_bridges=withheld_bridges(report.attribute_bridges, shown, least),
    )


def withheld_bridges(
    table: pd.DataFrame | None, common: Mapping[tuple[str, str], int | None], least: int
) -> pd.DataFrame | None:
    """Attributes between scenarios as they may be shown.

    Args:
        table: as :attr:`AuditReport.attribute_bridges`; not changed.
        common: users of two scenarios, None where that may not be told.
        least: smallest group of users that is shown.
    """
    if table is None or table.empty:
        return table
    both = [common[pair] for pair in zip(table["source"], table["target"], strict=True)]
    keep = [
        total is not None and users >= least and not 0 < total - users < least
        for total, users in zip(both, table["users"], strict=True)
    ]
    return table.loc[keep].reset_index(drop=True)


def _shown(common: int, one: int, other: int, least: int) -> int | None:
    groups = (common, one - common, other - common)
    return None if any(0 < group < least for group in groups) else common


def _pair(pair: PairVerdict, users: int, shared: int | None, least: int) -> PairVerdict:
    cold = None if shared is None or 0 < users - shared < least else users - shared
    return replace(pair, shared_users=shared, cold_users=cold)


def _without(table: pd.DataFrame, small: set[str]) -> pd.DataFrame:
    if not small or SCENARIO not in table:
        return table
    hidden = table[SCENARIO].isin(sorted(small))
    figures = [name for name in table.columns if name != SCENARIO]
    return table.assign(
        **{name: table[name].astype(object).where(~hidden, None) for name in figures}
    )


def _finding(found: Finding, least: int) -> Finding:
    examples = tuple(example for example in found.examples if USER not in example)
    total = found.values.get("users")
    groups = [found.count] if found.key in ABOUT_USERS else []
    groups += [total, *(total - group for group in groups)] if isinstance(total, int) else []
    if any(0 < group < least for group in groups):
        values = {name: value for name, value in found.values.items() if name in _LIMITS}
        return replace(found, count=least, values=values, examples=(), withheld=True)
    return replace(found, examples=examples)
