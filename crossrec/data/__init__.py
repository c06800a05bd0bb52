"""Files -> clean typed logs, audit, splits."""

from crossrec.data.audit.rules import AuditReport, Finding, Severity, State, Verdict, audit
from crossrec.data.catalog import Catalog
from crossrec.data.history import Histories
from crossrec.data.ids import UNKNOWN, IdMap
from crossrec.data.log import InteractionLog, Reject, RejectSummary, TimeKind
from crossrec.data.reading.mapping import ColumnMap, suggest
from crossrec.data.reading.readers import read_catalog, read_log, read_users
from crossrec.data.space import ItemSpace
from crossrec.data.split.cutting import ScenarioSplit
from crossrec.data.users import UserTable

__all__ = [
    "UNKNOWN",
    "AuditReport",
    "Catalog",
    "ColumnMap",
    "Finding",
    "Histories",
    "IdMap",
    "InteractionLog",
    "ItemSpace",
    "Reject",
    "RejectSummary",
    "ScenarioSplit",
    "Severity",
    "State",
    "TimeKind",
    "UserTable",
    "Verdict",
    "audit",
    "read_catalog",
    "read_log",
    "read_users",
    "suggest",
]
