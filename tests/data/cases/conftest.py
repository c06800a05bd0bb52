"""Small files that were read wrongly once, and what is right; skipped where they are absent."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

HOME = Path(__file__).parents[3].parent / "shared" / "cases"
CASES = Path(os.environ.get("CROSSREC_TEST_CASES", HOME))


@pytest.fixture
def case() -> Callable[[str], Path]:
    """The folder of a case: ``case("14-na-user-ids")``."""
    if not CASES.is_dir():
        pytest.skip("no cases here (set CROSSREC_TEST_CASES to their folder)")
    return CASES.joinpath
