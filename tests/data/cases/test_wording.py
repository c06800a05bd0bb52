"""Whatever the audit finds in these files is said alike in every language."""

from collections import Counter
from pathlib import Path

import pytest

from crossrec.data.privacy.plan import PrivacyPlan
from crossrec.errors import DataError
from crossrec.intake import RunInputs, read_inputs
from tests.data.alike import check_alike

ABOUT_ITEMS = ("items", "meta")


def inputs(folder: Path, plan: PrivacyPlan | None) -> list[RunInputs]:
    """Every log of a folder, alone and with every catalogue there."""
    files = sorted(
        one for one in folder.iterdir() if one.suffix != ".json" or "truth" not in one.name
    )
    catalogues = [one for one in files if one.stem.startswith(ABOUT_ITEMS)]
    logs = [one for one in files if one not in catalogues]
    return [RunInputs(log, items, privacy=plan) for log in logs for items in (None, *catalogues)]


@pytest.mark.parametrize("plan", [None, PrivacyPlan(least=5)], ids=["all", "withheld"])
def test_findings_are_said_alike(case, plan):
    keys: Counter[str] = Counter()
    for folder in sorted(one for one in case("").iterdir() if one.is_dir()):
        for asked in inputs(folder, plan):
            try:
                report = read_inputs(asked).audit
            except DataError:
                continue  # a file that has to be refused, or a catalogue of another log
            for finding in report.findings:
                check_alike(finding)
                keys[finding.key] += 1
    assert sum(keys.values()) > 100
    assert len(keys) > 20, keys
