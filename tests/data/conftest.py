"""A place to write files to; every audit of these tests is said alike in every language."""

import pytest

from crossrec.data.audit.findings import AuditReport
from tests.data.alike import check_alike


@pytest.fixture
def write(tmp_path):
    """Write text or bytes to a file and give its path."""

    def _write(content, name="log.csv", encoding="utf-8"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
        return path

    return _write


@pytest.fixture(autouse=True)
def _alike(monkeypatch):
    """Check every finding that a test here comes upon."""
    plain = AuditReport.__init__

    def checking(report, *args, **options):
        plain(report, *args, **options)
        for finding in report.findings:
            check_alike(finding)

    monkeypatch.setattr(AuditReport, "__init__", checking)
