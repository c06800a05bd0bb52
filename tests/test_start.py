"""What a start loads: heavy libraries wait until they are needed."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from crossrec.workspace import Workspace

ROOT = Path(__file__).parents[1]
HEAVY = {"torch", "transformers", "implicit", "sklearn", "umap", "numba"}
FIRST_PAGE = f"""
from streamlit.testing.v1 import AppTest
app = AppTest.from_file({str(ROOT / "app.py")!r}, default_timeout=60).run()
assert not app.exception
"""
TRY_A_USER = f"""
import sys
sys.path.insert(0, {str(ROOT)!r})
from streamlit.testing.v1 import AppTest
for page in ("map", "transfer", "user", "compare"):
    file = {str(ROOT / "pages")!r} + "/" + page + ".py"
    app = AppTest.from_file(file, default_timeout=120).run()
    assert not app.exception, app.exception
    assert not app.error, app.error[0].value
"""
RUN_PAGES = f"""
import sys
sys.path.insert(0, {str(ROOT)!r})
from streamlit.testing.v1 import AppTest
from crossrec.workspace import Workspace
from tests.app.fabricate import make_run
make_run(Workspace())
for page in ("features", "map", "transfer"):
    file = {str(ROOT / "pages")!r} + "/" + page + ".py"
    assert not AppTest.from_file(file, default_timeout=60).run().exception
"""
HELP = """
from crossrec.cli import main
try:
    main(["--help"])
except SystemExit as ended:
    assert ended.code == 0
"""


@pytest.mark.parametrize(
    ("code", "absent"),
    [
        # Streamlit itself loads plotly, pandas and pyarrow.
        (FIRST_PAGE, HEAVY),
        (RUN_PAGES, HEAVY),
        (HELP, HEAVY | {"plotly", "pandas", "numpy", "scipy", "streamlit"}),
        ("import crossrec.jobs.supervisor", HEAVY | {"plotly", "pandas", "numpy", "streamlit"}),
    ],
    ids=["first page", "pages of a run", "help", "supervisor"],
)
def test_nothing_heavy_is_loaded(tmp_path, code, absent):
    assert_absent(tmp_path, code, absent)


def test_a_trained_run_is_looked_at_without_what_trained_it(tmp_path, finished_run):
    workspace = Workspace(tmp_path)
    shutil.copytree(finished_run, workspace.new_run_path(workspace.create_project("Shop"), "quick"))
    assert_absent(tmp_path, TRY_A_USER, HEAVY)


def assert_absent(tmp_path, code, absent):
    ending = f"\nimport sys\nfound = {absent!r} & set(sys.modules)\nassert not found, found"
    done = subprocess.run(
        [sys.executable, "-c", code + ending],
        cwd=ROOT,
        env={"PATH": "", "CROSSREC_WORKSPACE": str(tmp_path), "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
