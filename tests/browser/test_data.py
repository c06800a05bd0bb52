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
    page.goto(f"{server.url}/data?new=1")
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


@pytest.mark.timeout(240)
def test_what_values_say_is_asked_answered_and_undone(server, page, tmp_path):
    log = interactions()
    log["event"] = ["1", "2", "view"] * (len(log) // 3)
    log.to_csv(tmp_path / "codes.csv", index=False)
    page.goto(f"{server.url}/data?new=1")
    upload = page.locator(".st-key-upload_log input[type=file]")
    upload.set_input_files(str(tmp_path / "codes.csv"))
    page.get_by_role("heading", name="codes.csv is ready to be checked.").wait_for()
    settled(page)
    page.locator(".st-key-check button").click()
    page.locator(".st-key-go_signals button").click(timeout=90_000)
    question = page.locator(".st-key-signal_event_1")
    question.get_by_text("Only shown", exact=True).click()
    page.locator(".st-key-signals_apply button:enabled").click()
    page.locator(".st-key-signals_undo button").wait_for(timeout=90_000)
    settled(page)
    assert "reading=" in page.url
    page.locator(".st-key-how_folded summary").click()
    page.get_by_text("1,680 rows: 1,120 interactions, 560 only shown").wait_for()
    page.locator(".st-key-signals_undo button").click()
    question.get_by_text("Only shown", exact=True).wait_for()
    assert "reading=" not in page.url
    assert page.locator("[data-testid=stException]").count() == 0
