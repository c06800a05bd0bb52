"""A report without the figures of groups so small that they point at single people."""

from dataclasses import replace

from crossrec.evaluation.notes import Note
from crossrec.evaluation.results import RunReport


def without_small_groups(report: RunReport, least: int) -> RunReport:
    """The report with the means of cohorts that may be shown.

    Left out of ``table``: cohorts of a scenario with fewer users, and those whose rest has fewer
    (the rest's mean is what the means of both leave over). What each user got (``per_user``) stays:
    pages join it to groups of their own.

    Args:
        report: of :func:`~crossrec.evaluation.compare.compare`.
        least: smallest group of users that is shown; 1 shows all.

    Returns:
        The report, with a note where something was left out.
    """
    table = report.table
    if least <= 1 or table.empty:
        return report
    keys = [
        (str(name), str(cohort))
        for name, cohort in zip(table["scenario"], table["cohort"], strict=True)
    ]
    sizes: dict[str, dict[str, int]] = {}
    for (name, cohort), n in zip(keys, table["n"], strict=True):
        own = sizes.setdefault(name, {})
        own[cohort] = max(own.get(cohort, 0), int(n))
    hidden = {(name, one) for name, own in sizes.items() for one in _hidden(own, least)}
    if not hidden:
        return report
    note = Note("small_groups", {"least": least})
    shown = table[[key not in hidden for key in keys]].reset_index(drop=True)
    return replace(report, table=shown, notes=(*report.notes, note))


def _hidden(sizes: dict[str, int], least: int) -> set[str]:
    """The cohorts of a scenario that are not shown, by their number of users."""

    def few(n: int) -> bool:
        return 0 < n < least

    whole = sizes.get("all", 0)
    hidden = {cohort for cohort, n in sizes.items() if few(n) or few(abs(whole - n))}
    if few(sizes.get("warm", 0) - sizes.get("warm_few", 0)):
        hidden.add("warm_few")
    if few(whole - sizes.get("warm", 0) - sizes.get("cold", 0)):
        hidden.add("cold")  # with both, those without any history would be what is left
    return hidden
