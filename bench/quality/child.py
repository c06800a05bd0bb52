"""A process that runs cells: one as JSON per line of stdin, one answer as JSON per line of stdout.

Its memory is its own, and a set is read once for all cells that follow each other on it.
"""

import json
import os
import sys
import traceback
from pathlib import Path

from bench.quality.cells import described_cell, run_cell


def main(home: Path) -> None:
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what libraries print goes to stderr
    for line in sys.stdin:
        cell = described_cell(line)
        try:
            run_cell(cell, home)
        except Exception as error:  # noqa: BLE001 - told to the parent, who reports it
            traceback.print_exc()
            answer = {"failed": f"{type(error).__name__}: {error}"}
        else:
            answer = {"failed": ""}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
