"""The map at a million points: first view, lasso, size of the figure. ``make bench-map``.

It makes a run of so many items (places and titles made up, nothing trained), opens its Map page in
a real browser against a real server, and draws a lasso. Bars: first view below 3 s once the
places exist, the answer to a lasso below 2 s, the figure below 1.5 MB. Without Chromium only the
work of the server is measured.
"""

import argparse
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from crossrec import plots
from crossrec.data.catalog import Catalog
from crossrec.data.ids import IdMap
from crossrec.workspace import Run, RunWriter, Workspace, lookup, staged_folder

BARS = {"first view": 3.0, "lasso": 2.0, "figure": 1.5}  # seconds, seconds, MB
SCENARIOS = {"books": 0.4, "films": 0.3, "music": 0.2, "games": 0.08, "food": 0.02}
CHROMIUM = Path(os.environ.get("CROSSREC_CHROMIUM", "/usr/bin/chromium"))
FLAGS = ["--no-sandbox", "--disable-gpu", "--enable-unsafe-swiftshader", "--no-first-run",
         "--disable-background-networking", "--disable-component-update"]  # fmt: skip
READY = "[data-testid=stApp][data-test-script-state=notRunning]"
ANSWER = re.compile(r"[\d,]+ selected")
CHART = ".st-key-map_items_2d .js-plotly-plot .scatterlayer, .st-key-map_items_2d canvas"


def main() -> int:
    """Measure, print a line a figure, and return 1 where a bar is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--points", type=int, default=1_000_000)
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        run = made_up_run(Workspace(folder), options.points)
        found = in_process(run, options.repeats)
        print({name: round(value, 2) for name, value in found.items()}, flush=True)
        if CHROMIUM.exists():
            found |= in_browser(Path(folder), run, options.repeats)
    missed = [name for name, bar in BARS.items() if found.get(name, 0.0) >= bar]
    for name, value in found.items():
        unit = "MB" if name == "figure" else "s"
        bar = f"  (bar {BARS[name]} {unit})" if name in BARS else ""
        print(f"{name:<28} {value:8.2f} {unit}{bar}")
    print("missed: " + ", ".join(missed) if missed else "all bars met")
    return bool(missed)


def made_up_run(workspace: Workspace, points: int, *, seed: int = 0) -> Run:
    """A run with a map of so many items in five scenarios, and a catalogue of their titles."""
    rng = np.random.default_rng(seed)
    scenario = rng.choice(len(SCENARIOS), points, p=list(SCENARIOS.values()))
    centres = rng.normal(0, 3, (40, 2))
    places = centres[rng.integers(0, 40, points)] + rng.normal(0, 0.7, (points, 2))
    ids = np.array([f"item{at:07d}" for at in range(points)], dtype=object)
    titles = np.array([f"Title number {at} of the bench" for at in range(points)], dtype=object)
    category = np.array([f"category {at}" for at in range(30)], dtype=object)
    table = pd.DataFrame(
        {
            "item_id": ids,
            "scenario": np.array(list(SCENARIOS), dtype=object)[scenario],
            "x": places[:, 0].astype(np.float32),
            "y": places[:, 1].astype(np.float32),
            "count": rng.integers(0, 5_000, points),
        }
    )
    path = workspace.new_run_path(workspace.create_project("bench"), "map")
    with staged_folder(path) as folder:
        writer = RunWriter(folder)
        attributes = {"category": category[rng.integers(0, 30, points)]}
        writer.catalog(Catalog(IdMap(ids), titles, titles, {}, attributes))
        writer.map(items=table)
        writer.info({"scenarios": list(SCENARIOS), "config": {}, "map": {}})
    return Run(path)


def in_process(run: Run, repeats: int) -> dict[str, float]:
    """What the server does for a first view and for a lasso, without the browser."""
    took: dict[str, list[float]] = {}
    size = 0
    for _ in range(repeats):
        clock = _Laps(took)
        table = run.map_items()
        clock("server: read the places")
        labels = plots.labels_of(table["scenario"], list(SCENARIOS))
        clock("server: labels")
        x, y = (table[name].to_numpy() for name in "xy")
        figure = plots.map_figure(x, y, labels, drawn=plots.drawn_rows(labels))
        size = len(str(figure.to_json()))
        clock("server: figure and its JSON")
        rows = plots.selected_rows(x, y, {"lasso": [ring(x, y)]})
        clock("server: lasso of 400 corners")
        order = rows[np.argsort(-table["count"].to_numpy()[rows], kind="stable")]
        lookup.titles_of(run, table["item_id"].iloc[order[:100]].to_numpy(dtype=object))
        clock("server: first 100 with titles")
        lookup.find_items(run, "number 777", 50)
        clock("server: search in titles")
    return {"figure": size / 1e6, **{name: float(np.median(laps)) for name, laps in took.items()}}


def ring(x: np.ndarray, y: np.ndarray) -> dict[str, list[float]]:
    """A lasso with dents around the middle of the points."""
    turn = np.linspace(0, 2 * np.pi, 400, endpoint=False)
    reach = 1 + 0.3 * np.sin(7 * turn)
    across = float(x.mean()) + 2 * float(x.std()) * reach * np.cos(turn)
    up = float(y.mean()) + 2 * float(y.std()) * reach * np.sin(turn)
    return {"x": across.tolist(), "y": up.tolist()}


class _Laps:
    """Seconds since the last lap, by name."""

    def __init__(self, took: dict[str, list[float]]) -> None:
        self.took, self.last = took, time.perf_counter()

    def __call__(self, name: str) -> None:
        now = time.perf_counter()
        self.took.setdefault(name, []).append(now - self.last)
        self.last = now


def in_browser(root: Path, run: Run, repeats: int) -> dict[str, float]:
    """From the click on a link to a drawn map, and from a finished lasso to its answer."""
    from playwright.sync_api import sync_playwright

    first, lassos = [], []
    for _ in range(repeats):  # a new server each time: nothing is warm but the disk
        with served(root) as url, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
            page = browser.new_page(viewport={"width": 1280, "height": 900})
            page.set_default_timeout(60_000)
            page.goto(f"{url}/data")  # the app's own imports are no part of the map
            page.wait_for_selector(READY)
            page.wait_for_timeout(1_500)
            began = time.perf_counter()
            page.goto(f"{url}/map?run={run.id}")
            page.wait_for_selector(CHART)
            page.wait_for_selector(READY)
            first.append(time.perf_counter() - began)
            page.wait_for_timeout(3_000)  # the chart is remounted once its theme is known
            page.wait_for_selector(READY)
            lassos.append(lasso(page))
            browser.close()
    return {"first view": float(np.median(first)), "lasso": float(np.median(lassos))}


def lasso(page: Any) -> float:
    """Draw a lasso through the middle half of the chart; seconds until its answer stands there."""
    box = page.locator(".st-key-map_items_2d .nsewdrag").first.bounding_box()
    corners = [(0.3, 0.3), (0.5, 0.22), (0.7, 0.3), (0.75, 0.6), (0.5, 0.75), (0.28, 0.6)]
    spots = [(box["x"] + a * box["width"], box["y"] + b * box["height"]) for a, b in corners]
    page.mouse.move(*spots[0])
    page.mouse.down()
    for spot in [*spots[1:], spots[0]]:
        page.mouse.move(*spot, steps=8)
    began = time.perf_counter()
    page.mouse.up()
    page.get_by_role("heading", name=ANSWER).wait_for()
    page.wait_for_selector(READY)
    return time.perf_counter() - began


@contextmanager
def served(root: Path) -> Iterator[str]:
    """The app over a workspace, on a free port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port)]
    process = subprocess.Popen(
        command,
        cwd=Path(__file__).parents[1],
        env={**os.environ, "CROSSREC_WORKSPACE": str(root)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        for _ in range(300):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=1)
                break
            except OSError:
                time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(20)


if __name__ == "__main__":
    sys.exit(main())
