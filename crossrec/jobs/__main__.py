"""``python -m crossrec.jobs supervise DB`` and ``... work DB JOB TOKEN PARENT``: not for people."""

import sys
from pathlib import Path

from crossrec.jobs.supervisor import supervise
from crossrec.jobs.worker import work


def main(arguments: list[str]) -> int:
    """Be the supervisor, or the process of one job."""
    match arguments:
        case ["supervise", db]:
            return supervise(Path(db))
        case ["work", db, job_id, token, parent]:
            return work(Path(db), job_id, token, int(parent))
        case _:
            sys.stderr.write(f"{__doc__}\n")
            return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
