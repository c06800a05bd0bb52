"""Long work outlives what shows it: a second tab sees it, and a new server after a kill."""

import pytest

from crossrec import jobs
from crossrec.jobs.supervisor import IDLE_ENVIRONMENT
from crossrec.jobs.verbs import REGISTRY_ENVIRONMENT
from crossrec.workspace import Workspace
from tests.app.fabricate import make_run
from tests.browser.conftest import Server, free_port, settled
from tests.jobs.job_verbs import Settings

pytestmark = pytest.mark.browser

LONG = Settings(steps=3000, delay=0.1)  # longer than any test; it is cancelled


@pytest.fixture
def server(tmp_path, monkeypatch):
    """A server of its own, to be killed, whose jobs only take time."""
    monkeypatch.setenv(REGISTRY_ENVIRONMENT, "tests.jobs.job_verbs")
    monkeypatch.setenv(IDLE_ENVIRONMENT, "0.5")
    running = Server(tmp_path / "workspace", free_port()).start()
    yield running
    running.stop()


@pytest.fixture
def workspace(server):
    made = Workspace(server.workspace)
    yield made
    for job in jobs.list_jobs(made.jobs_db):
        if job.active:
            jobs.cancel(made.jobs_db, job.id)
            jobs.wait(made.jobs_db, job.id, timeout=30)


def bars(tab, place: str):
    return tab.locator(f".st-key-job_{place} [role=progressbar]")


@pytest.mark.timeout(240)
def test_a_job_goes_on_in_a_second_tab_and_under_a_new_server(server, workspace, page, browser):
    db = workspace.jobs_db
    stopped = jobs.submit(db, "slow", {"settings": LONG})
    jobs.cancel(db, stopped)
    jobs.wait(db, stopped, timeout=30)

    page.goto(f"{server.url}/settings?part=jobs&job={stopped}")  # the server itself starts it
    page.locator(".st-key-job_resume_history button").first.click()
    bars(page, "history").wait_for()
    job = jobs.list_jobs(db)[0]
    assert job.id != stopped

    context = browser.new_context()
    second = context.new_page()
    second.goto(f"{server.url}/settings?part=jobs")
    bars(second, "history").wait_for()
    bars(second, "sidebar").wait_for()

    server.process.kill()
    server.process.wait(10)
    done = jobs.get(db, job.id).fraction
    server.start()
    second.goto(f"{server.url}/data")
    bars(second, "sidebar").wait_for()
    after = jobs.get(db, job.id)
    assert after.active
    assert after.fraction > done
    second.locator(".st-key-job_cancel_sidebar button").click()
    assert jobs.wait(db, job.id, timeout=30).state == "cancelled"
    context.close()


@pytest.mark.timeout(120)
def test_a_link_shows_its_run_whichever_is_the_newest(server, workspace, page):
    runs = [make_run(workspace), make_run(workspace, label="balanced")]
    for shown, other in (runs, runs[::-1]):
        page.goto(f"{server.url}/map?project=my-shop&run={shown.id}")
        page.locator(".st-key-answer").wait_for()
        settled(page)
        assert f"run={shown.id}" in page.url
        assert page.get_by_text(shown.id).count() > 0
        assert page.get_by_text(other.id).count() == 0
