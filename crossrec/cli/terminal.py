"""What a terminal shows while work goes on: one bar per phase, on stderr."""

import sys
import time

from tqdm import tqdm

_LABELS = {
    "import": "reading files",
    "audit": "checking data",
    "split": "splitting",
    "features": "reading items",
    "train": "training",
    "evaluate": "judging",
    "map": "drawing the map",
    "save": "saving",
}


class TerminalProgress:
    """A :class:`crossrec.progress.Progress` that draws bars with time left.

    Where stderr is no terminal, each phase is one line when it ends.

    Args:
        quiet: show nothing.
    """

    def __init__(self, *, quiet: bool = False) -> None:
        self._quiet = quiet
        self._live = sys.stderr.isatty()
        self._phase = ""
        self._bar: tqdm | None = None
        self._began = 0.0

    def __call__(self, phase: str, done: float, total: float, note: str = "") -> None:
        """Show how far a phase is."""
        if self._quiet:
            return
        if phase != self._phase:
            self.close()
            self._phase, self._began = phase, time.monotonic()
        if not self._live:
            return
        if self._bar is None:
            self._bar = tqdm(
                desc=f"{_LABELS.get(phase, phase):16}",
                total=total,
                file=sys.stderr,
                bar_format="{desc} {bar:24} {percentage:3.0f}% [{elapsed}<{remaining}] {postfix}",
                mininterval=0.1,
            )
        if total != self._bar.total:
            self._bar.reset(total)
        self._bar.set_postfix_str(note[:60], refresh=False)
        self._bar.update(done - self._bar.n)

    def close(self) -> None:
        """End the bar of the last phase."""
        if self._bar is not None:
            self._bar.close()
            self._bar = None
        elif self._phase and not self._quiet:
            seconds = time.monotonic() - self._began
            print(f"{_LABELS.get(self._phase, self._phase)}: {seconds:.1f} s", file=sys.stderr)
        self._phase = ""
