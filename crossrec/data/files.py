"""The input files of one data set."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class InputFiles:
    """Where the tables of a data set lie; what the makers of sample and demo data return."""

    interactions: Path
    items: Path
    users: Path
