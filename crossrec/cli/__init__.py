"""``crossrec ...``: arguments -> pipeline verb -> progress bar -> print."""

from crossrec.cli.main import main

__all__ = ["main"]
