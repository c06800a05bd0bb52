"""Look at the data before training: what is wrong, what limits it, what to do."""

import numpy as np
import pandas as pd

from crossrec.data.audit.catalog_checks import check_catalog, check_users
from crossrec.data.audit.checks import check_log
from crossrec.data.audit.facts import Facts, rows_per_code
from crossrec.data.audit.findings import (
    COUNT_COLUMNS,
    AuditReport,
    Bridge,
    Finding,
    PairVerdict,
    Severity,
    State,
    Verdict,
    verdict_of,
)
from crossrec.data.audit.leak_checks import (
    check_copies,
    check_held_out,
    check_nested,
    check_twins,
    nested_pairs,
)
from crossrec.data.audit.outliers import check_outliers
from crossrec.data.audit.personal import check_personal
from crossrec.data.audit.reader_notes import check_reading
from crossrec.data.audit.readiness import pair_verdicts
from crossrec.data.audit.signal_checks import check_signals
from crossrec.data.audit.time_checks import check_time, time_coverage
from crossrec.data.audit.twins import find_twins
from crossrec.data.audit.zeros import check_zeros
from crossrec.data.catalog import Catalog
from crossrec.data.log import InteractionLog
from crossrec.data.users import UserTable
from crossrec.progress import Progress, silent

__all__ = [
    "AuditReport",
    "Bridge",
    "Finding",
    "PairVerdict",
    "Severity",
    "State",
    "Verdict",
    "audit",
]

_ORDER = (Severity.BLOCKER, Severity.WARNING, Severity.INFO)
_STEPS = 5


def audit(
    log: InteractionLog,
    catalog: Catalog | None = None,
    users: UserTable | None = None,
    *,
    test: InteractionLog | None = None,
    now: float | None = None,
    progress: Progress = silent,
) -> AuditReport:
    """Check a log and what is known about its items and users.

    The rules stand beside this module: `reading_checks` (ids and names), `checks` (the rows),
    `signal_checks` (what they say), `time_checks`, `outliers`, `leak_checks`, `catalog_checks`
    and `personal`.

    Args:
        log: the interactions.
        catalog: the items, if known.
        users: the profiles, if known.
        test: rows that somebody has held out of ``log`` already, if there are such; only
            ``train_test_leak`` looks at them.
        now: seconds since 1970, after which times lie in the future; the clock's by default.
        progress: told of phase "audit".

    Returns:
        Findings, and a verdict per scenario: blocked by a blocker about it (or about all), usable
        with limits by a warning, else ready; and one per ordered pair of scenarios. An audit never
        raises for what it finds.
    """
    progress("audit", 0, _STEPS, "log")
    facts = Facts(log)
    has_text = catalog is not None and bool(np.any((catalog.title != "") | (catalog.text != "")))
    findings = [
        *check_reading(log, catalog, users),
        *check_log(facts, has_text=has_text),
        *check_signals(log),
        *check_time(facts, now),
        *check_outliers(facts),
    ]
    progress("audit", 1, _STEPS, "items and users")
    findings += check_catalog(facts, catalog)
    findings += check_users(facts, users)
    findings += check_zeros(facts, catalog, users)
    findings += check_personal(log, catalog, users)
    progress("audit", 2, _STEPS, "twins")
    twins = find_twins(facts, catalog)
    twin_ids = twins.id_pairs(log.items.ids)
    findings += check_twins(facts, twins, catalog)
    progress("audit", 3, _STEPS, "leakage")
    nested = nested_pairs(facts, twins)
    findings += check_nested(facts, nested)
    findings += check_copies(facts)
    if test is not None:
        findings += check_held_out(log, test, twin_ids)
    findings.sort(key=lambda finding: _ORDER.index(finding.severity))
    progress("audit", 4, _STEPS, "verdicts")
    names = facts.names
    verdicts = {
        name: verdict_of(tuple(found for found in findings if found.scenario in ("", name)))
        for name in names
    }
    inside = [(names[inner], names[outer]) for inner, outer, *_ in nested]
    report = AuditReport(
        findings=tuple(findings),
        verdicts=verdicts,
        overlap=pd.DataFrame(facts.overlap, index=names, columns=names),
        counts=_counts(facts),
        pairs=pair_verdicts(facts, catalog, twins, verdicts, inside),
        item_overlap=pd.DataFrame(facts.item_overlap, index=names, columns=names),
        coverage=time_coverage(facts),
        twins=twin_ids,
        nested=tuple(inside),
        seen=facts.seen,
    )
    progress("audit", _STEPS, _STEPS)
    return report


def _counts(facts: Facts) -> pd.DataFrame:
    table = []
    for code, name in enumerate(facts.names):
        rows, users, items = (len(part[code]) for part in (facts.rows, facts.users, facts.items))
        per_user = rows_per_code(facts.log.user[facts.rows[code]])
        table.append(
            (
                name,
                rows,
                users,
                items,
                int(facts.common_pairs[code, code]) / max(users * items, 1),
                float(np.median(per_user)) if rows else 0.0,
            )
        )
    return pd.DataFrame(table, columns=COUNT_COLUMNS)
