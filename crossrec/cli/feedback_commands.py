"""Commands on feedback: what people said of recommendations in the app."""

import argparse
import sys
from argparse import Namespace
from pathlib import Path
from typing import Any

from crossrec.errors import WorkspaceError


def add_to(verbs: Any) -> None:
    """Add ``crossrec feedback`` to the commands."""
    feedback = verbs.add_parser("feedback", help="what people said of recommendations")
    actions = feedback.add_subparsers(required=True, metavar="show|export")
    show = actions.add_parser("show", help="counts by scenario, and agreement with the model")
    export = actions.add_parser("export", help="all that stands, as a file")
    for parser in (show, export):
        parser.add_argument("--workspace", type=Path, metavar="DIR")
        parser.add_argument("--project", metavar="SLUG", help="only of this project")
        parser.add_argument("--run", metavar="ID", help="only given on this run's lists")
    export.add_argument("--out", type=Path, required=True, metavar="FILE", help=".csv or .json")
    export.add_argument(
        "--events", action="store_true", help="as rows that `crossrec run` can read as a log"
    )
    show.add_argument("--json", action="store_true", help="JSON on stdout")
    show.set_defaults(command=shown)
    export.set_defaults(command=exported)


def shown(options: Namespace) -> int:
    """``crossrec feedback show``."""
    from crossrec.cli import tables
    from crossrec.workspace.agreement import agreement

    table = agreement(_store(options).entries(project=options.project, run=options.run))
    if options.json:
        print(table.to_json(orient="records", force_ascii=False, indent=2))
    else:
        named = table.assign(scenario=table["scenario"].replace("", "all"))
        print(tables.frame(named, float_format="{:.3f}".format, na_rep="-"))
    return 0


def exported(options: Namespace) -> int:
    """``crossrec feedback export``."""
    from crossrec.workspace import write_file
    from crossrec.workspace.feedback import to_frame
    from crossrec.workspace.sheet import csv_bytes

    store, out = _store(options), options.out
    if out.suffix.lower() not in (".csv", ".json"):
        raise WorkspaceError("expected a file that ends in .csv or .json", repr(str(out)))
    asked = {"project": options.project, "run": options.run}
    table = store.events(**asked) if options.events else to_frame(store.entries(**asked))
    if out.suffix.lower() == ".json":
        content = str(table.to_json(orient="records", force_ascii=False, indent=2)).encode()
    else:  # a program reads events: their ids must stay as they are
        content = str(table.to_csv(index=False)).encode() if options.events else csv_bytes(table)
    write_file(out, content)
    print(f"{len(table):,} entries written to {out}", file=sys.stderr)
    return 0


def _store(options: argparse.Namespace) -> Any:
    from crossrec.workspace import Workspace
    from crossrec.workspace.feedback import FeedbackStore

    return FeedbackStore(Workspace(options.workspace))
