"""Which attributes connect the scenarios of a run: as read by a model, else as its audit says."""

import pandas as pd

from crossrec.data.privacy.withheld import withheld_bridges
from crossrec.language.graph import LEAST_USERS, AttributeGraph
from crossrec.workspace.knowledge import Knowledge, read_attributes
from crossrec.workspace.run import Run

SHOWN = 10  # bridges of one pair of scenarios


def graph_of(run: Run, knowledge: Knowledge) -> AttributeGraph:
    """The user–item–attribute graph of a run, all its rows included."""
    listed = run.catalog().listed_ids()
    return AttributeGraph.of(run.log(), knowledge.attributes, listed=listed)


def shown_bridges(run: Run, k: int = SHOWN, least: int = 1) -> tuple[pd.DataFrame | None, str]:
    """Attributes between every two scenarios of a run, and what read them.

    Small groups are withheld where the run asks for it, or ``least`` does.

    Args:
        run: with its log.
        k: how many of each pair; of what the audit found at most ten were kept.
        least: smallest group of users that is shown, if the run does not ask for more.

    Returns:
        As :attr:`crossrec.data.findings.AuditReport.attribute_bridges`, and the reader, "" for
        the catalogue's own columns.

    Raises:
        RunUnreadable: a part of the run is damaged.
    """
    audit = run.audit() if "audit" in run.parts else None
    knowledge = read_attributes(run)
    if knowledge is None:
        return (None if audit is None else audit.attribute_bridges), ""
    least = max(least, run.least_shown)
    found = graph_of(run, knowledge).all_bridges(k, least_users=max(least, LEAST_USERS))
    if audit is None or least <= 1:
        return found, knowledge.reader
    common = {
        (str(one), str(other)): None if pd.isna(users) else int(users)
        for one, row in audit.overlap.to_dict("index").items()
        for other, users in row.items()
    }
    return withheld_bridges(found, common, least), knowledge.reader
