"""The Data page in a browser: a messy file is mapped, checked and cleaned; bad rows go home."""

import re
from pathlib import Path

import pandas as pd
import pytest

from tests.app.fabricate import interactions
from tests.browser.conftest import settled

pytestmark = pytest.mark.browser


@pytest.fixture
def messy(tmp_path) -> Path:
    """Times under an odd header, and six rows without a user."""
    lines = interactions().rename(columns={"timestamp": "c4"}).to_csv(index=False).splitlines()
    for at in range(6):
        lines.insert(5 + at, ",b01,books,1600000000")
    path = tmp_path / "messy log.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.mark.timeout(240)
def test_from_a_messy_file_to_a_cleaned_one(server, page, messy):
    page.goto(f"{server.url}/data")
    page.locator(".st-key-upload_log input[type=file]").set_input_files(str(messy))
    page.get_by_role("heading", name="messy log.csv is ready to be checked.").wait_for()
    page.locator(".st-key-ask_log_timestamp button").click()
    page.wait_for_url(re.compile("map="))
    settled(page)
    page.reload()
    page.get_by_role("heading", name="messy log.csv is ready to be checked.").wait_for()

    page.locator(".st-key-check button").click()
    page.get_by_role("heading", name=re.compile("can be trained on")).wait_for(timeout=90_000)
    page.locator(".st-key-part").get_by_text("Rows", exact=True).click()
    page.locator(".st-key-rejects_csv button").wait_for()
    assert "part=rows" in page.url
    with page.expect_download() as download:
        page.locator(".st-key-rejects_csv button").click()
    bad = pd.read_csv(download.value.path(), encoding="utf-8-sig")
    assert bad["Line"].tolist() == [6, 7, 8, 9, 10, 11]

    page.locator(".st-key-part").get_by_text("Cleaning", exact=True).click()
    page.locator(".st-key-clean_item_core input").fill("30")
    page.locator(".st-key-clean_item_core input").press("Enter")
    page.get_by_text("k-core", exact=True).first.wait_for()
    page.locator(".st-key-clean_apply button").click()
    page.get_by_text("Cleaning applied: what each step took away").wait_for(timeout=90_000)
    assert "clean=" in page.url
    page.locator(".st-key-part").get_by_text("Verdict", exact=True).click()
    page.locator(".st-key-overlap_block .js-plotly-plot").wait_for()
    assert page.locator("[data-testid=stException]").count() == 0
