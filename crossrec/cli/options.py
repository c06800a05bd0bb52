"""Options that several commands share."""

from typing import Any

SEEN = ("exclude", "include")


def add_seen(parser: Any, default: str = "as the run does") -> None:
    """Add ``--seen``.

    Args:
        parser: of the command.
        default: what happens without it.
    """
    parser.add_argument(
        "--seen",
        choices=SEEN,
        help="whether lists leave out or may include seen items, those a user already has in the "
        f"scenario; default {default}",
    )
