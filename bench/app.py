"""How fast the app answers over a run of a million interactions, and how much memory it takes.

    python -m bench.app [--workspace DIR] [--reruns 5] [--sessions 10] [--minutes 1]

The run with the most interactions is shown, usually that of ``make demo`` (1.0 M). A real server is
started; sessions speak its protocol directly, so that what is timed is the server and no browser.
Seconds of the processor are told beside those of the clock, which other work on the machine slows.
Bars: a rerun with warm caches within 0.5 s, the first page within 3 s of the server's start, memory
below 600 MB, two people at once do not block each other, ten sessions leak nothing.
"""

import argparse
import os
import random
import signal
import socket
import statistics
import subprocess
import sys
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Self

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import connect

from crossrec.workspace import Workspace

ROOT = Path(__file__).parents[1]
PAGES = ("", "data", "features", "map", "transfer", "user", "compare", "settings")
WAIT = 300.0


class Server:
    """The app in a process of its own."""

    def __init__(self, workspace: Path) -> None:
        self.query = _largest_run(workspace)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.started = time.perf_counter()
        command = [sys.executable, "-m", "crossrec", "app", "--workspace", str(workspace)]
        self.process = subprocess.Popen(
            [*command, "--port", str(self.port)],
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        while not self._healthy():
            time.sleep(0.02)
        self.ready = time.perf_counter() - self.started

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def cpu(self) -> float:
        """Seconds of the processor used so far."""
        used = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(used[11]) + int(used[12])) / os.sysconf("SC_CLK_TCK")

    def memory(self) -> float:
        """Resident megabytes."""
        for line in Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) / 1024
        raise RuntimeError("no VmRSS")

    def _healthy(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/_stcore/health", timeout=1):
                return True
        except OSError:
            return False


def _largest_run(workspace: Path) -> str:
    """The link to the run with the most interactions."""
    found = [
        (run.info.get("counts", {}).get("interactions", 0), project.slug, run.id)
        for project in Workspace(workspace).projects()
        for run in Workspace(workspace).runs(project)
    ]
    rows, project, run = max(found)
    print(f"run {run} of {project}: {rows:,} interactions")
    return f"project={project}&run={run}"


class Session:
    """One person's tab, without a browser."""

    def __init__(self, server: Server) -> None:
        self._query = server.query
        self._socket = connect(
            f"ws://127.0.0.1:{server.port}/_stcore/stream",
            subprotocols=["streamlit"],  # pyright: ignore[reportArgumentType]
            origin=f"http://127.0.0.1:{server.port}",  # pyright: ignore[reportArgumentType]
            max_size=None,
            open_timeout=WAIT,
            legacy=True,  # to be closed by hand
        )

    def visit(self, page: str) -> float:
        """Run a page; seconds until the server has finished it."""
        asked = BackMsg()
        asked.rerun_script.page_name, asked.rerun_script.query_string = page, self._query
        began = time.perf_counter()
        self._socket.send(asked.SerializeToString())
        while True:
            told = ForwardMsg()
            told.ParseFromString(self._socket.recv(timeout=WAIT, decode=False))
            if told.WhichOneof("type") == "delta" and told.delta.new_element.HasField("exception"):
                raise RuntimeError(f"{page}: {told.delta.new_element.exception.message}")
            # The very first script of a server asks to be run again (see crossrec.ui).
            if told.script_finished == ForwardMsg.FINISHED_EARLY_FOR_RERUN:
                continue
            if told.WhichOneof("type") == "script_finished":
                return time.perf_counter() - began

    def close(self) -> None:
        """Close the tab."""
        self._socket.close()


def reruns(server: Server, times: int) -> None:
    """Per page: first visit, median and slowest rerun after it, and the memory after both."""
    session = Session(server)
    for page in PAGES:
        first, before = session.visit(page), server.cpu()
        again = sorted(session.visit(page) for _ in range(times))
        busy = (server.cpu() - before) / times
        shown = (first, statistics.median(again), again[-1], busy)
        told = " | ".join(f"{seconds:.2f}" for seconds in shown)
        print(f"| {page or 'home'} | {told} | {server.memory():.0f} |", flush=True)
    session.close()


def beside(server: Server, times: int) -> tuple[float, float]:
    """Median rerun of Home alone, and while somebody else walks through all other pages."""
    mine, other = Session(server), Session(server)
    alone = statistics.median(mine.visit("") for _ in range(times))
    with ThreadPoolExecutor(1) as pool:
        walk = pool.submit(lambda: [other.visit(page) for page in PAGES[1:] * 2])
        seen = []
        while not walk.done():
            seen.append(mine.visit(""))
        walk.result()
    mine.close()
    other.close()
    return alone, statistics.median(seen)


def leak(server: Server, sessions: int, minutes: float) -> list[float]:
    """Memory once a tenth of the time, while people open tabs, walk about and close them."""
    end, seen = time.monotonic() + 60 * minutes, [server.memory()]

    def person(seed: int) -> None:
        dice = random.Random(seed)
        while time.monotonic() < end:
            tab = Session(server)
            for page in dice.sample(PAGES, 4):
                tab.visit(page)
                if time.monotonic() > end:
                    break
            tab.close()

    with ThreadPoolExecutor(sessions) as pool:
        people = [pool.submit(person, seed) for seed in range(sessions)]
        while not all(one.done() for one in people):
            time.sleep(max(1.0, 6 * minutes))
            seen.append(server.memory())
        for one in people:
            one.result()
    return seen


def main() -> None:
    """Measure, and print what was found as Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workspace", type=Path, default=ROOT / "workspace")
    parser.add_argument("--reruns", type=int, default=5)
    parser.add_argument("--sessions", type=int, default=10)
    parser.add_argument("--minutes", type=float, default=1.0)
    options = parser.parse_args()
    with Server(options.workspace.absolute()) as server:
        busy, first = server.cpu(), Session(server)
        page = first.visit("")
        first.close()
        told = f"server ready after {server.ready:.2f} s ({busy:.2f} of the processor)"
        print(f"{told}, first page {page:.2f} s later ({server.cpu() - busy:.2f})", flush=True)
        print("\n| page | first visit, s | rerun, s | slowest, s | rerun, CPU s | memory, MB |")
        print("|---|---|---|---|---|---|")
        reruns(server, options.reruns)
        alone, shared = beside(server, options.reruns)
        print(f"\nHome alone {alone:.2f} s, beside somebody on all other pages {shared:.2f} s")
        if options.minutes > 0:
            seen = leak(server, options.sessions, options.minutes)
            told = ", ".join(f"{one:.0f}" for one in seen)
            print(f"memory with {options.sessions} sessions for {options.minutes:g} min: {told} MB")


if __name__ == "__main__":
    main()
