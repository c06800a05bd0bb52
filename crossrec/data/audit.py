"""Look at the data before training: what is wrong, what limits it, what to do."""

import numpy as np
import pandas as pd

from crossrec.data.catalog import Catalog
from crossrec.data.catalog_checks import check_catalog, check_users
from crossrec.data.checks import Facts, check_log, rows_per_code
from crossrec.data.findings import (
    COUNT_COLUMNS,
    AuditReport,
    Finding,
    Severity,
    State,
    Verdict,
    verdict_of,
)
from crossrec.data.log import InteractionLog
from crossrec.data.users import UserTable
from crossrec.progress import Progress, silent

__all__ = ["AuditReport", "Finding", "Severity", "State", "Verdict", "audit"]

_ORDER = (Severity.BLOCKER, Severity.WARNING, Severity.INFO)


def audit(
    log: InteractionLog,
    catalog: Catalog | None = None,
    users: UserTable | None = None,
    *,
    progress: Progress = silent,
) -> AuditReport:
    """Check a log and what is known about its items and users.

    The rules: ``rejected_rows, duplicates, overlap, many_scenarios, sparse, repeats, no_time,
    time_order, coarse_time, nested_behaviour`` on the log; ``no_text, same_text, not_in_catalog,
    id_shift, twins`` on the items; ``no_profile`` on the users; ``missing`` on both tables.

    Args:
        log: the interactions.
        catalog: the items, if known.
        users: the profiles, if known.
        progress: told of phase "audit".

    Returns:
        Findings, and a verdict per scenario: blocked by a blocker about it (or about all), usable
        with limits by a warning, else ready. An audit never raises for what it finds.
    """
    progress("audit", 0, 3, "log")
    facts = Facts(log)
    has_text = catalog is not None and bool(np.any((catalog.title != "") | (catalog.text != "")))
    findings = list(check_log(facts, has_text=has_text))
    progress("audit", 1, 3, "items and users")
    findings += check_catalog(facts, catalog)
    findings += check_users(facts, users)
    findings.sort(key=lambda finding: _ORDER.index(finding.severity))
    progress("audit", 2, 3, "verdicts")
    overlap = pd.DataFrame(facts.overlap, index=facts.names, columns=facts.names)
    report = AuditReport(tuple(findings), {}, overlap, _counts(facts))
    verdicts = {name: verdict_of(report.of(name)) for name in facts.names}
    progress("audit", 3, 3)
    return AuditReport(report.findings, verdicts, overlap, report.counts)


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
