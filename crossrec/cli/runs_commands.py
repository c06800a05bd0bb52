"""``crossrec runs|compare|report|export``: what is kept, which run wins, and how to show it."""

import json
import sys
from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crossrec.cli.options import add_seen
from crossrec.cli.terminal import TerminalProgress
from crossrec.settings import read_settings
from crossrec.transfer.lineup import LINEUP, TRANSFER

if TYPE_CHECKING:
    from crossrec.workspace import Workspace


def add(verbs: Any) -> None:
    """Add the commands to the parser.

    Args:
        verbs: what ``ArgumentParser.add_subparsers`` gave.
    """
    _add_runs(verbs)
    compare_ = verbs.add_parser("compare", help="two runs on one split, user by user")
    compare_.add_argument("first", type=Path, metavar="RUN")
    compare_.add_argument("second", type=Path, metavar="RUN")
    compare_.add_argument("--json", action="store_true", help="JSON on stdout")
    compare_.set_defaults(command=compare)

    report_ = verbs.add_parser(
        "report", help="one offline HTML file about a run, and others beside; or four slides"
    )
    report_.add_argument("run", type=Path, nargs="+", metavar="RUN")
    report_.add_argument("--out", type=Path, metavar="HTML")
    report_.add_argument("--pptx", type=Path, metavar="FILE", help="four slides about the first")
    report_.add_argument(
        "--lang",
        choices=("en", "zh"),
        help="language of the file; default: that of the settings, else English",
    )
    report_.set_defaults(command=report)

    export_ = verbs.add_parser("export", help="lists for all users and scenarios of a run")
    export_.add_argument("--run", type=Path, required=True, metavar="DIR")
    export_.add_argument("--out", type=Path, required=True, metavar="FILE", help=".parquet or .csv")
    export_.add_argument("-k", type=int, default=10, help="length of a list; default 10")
    add_model(export_)
    add_seen(export_)
    export_.add_argument("-q", "--quiet", action="store_true", help="no progress")
    export_.set_defaults(command=export)


def add_model(parser: Any) -> None:
    """Add the option that says which model recommends."""
    parser.add_argument(
        "--model",
        default=TRANSFER,
        metavar="NAME",
        help=f"who recommends: {', '.join(LINEUP)}; default {TRANSFER}. A baseline that the run "
        "does not keep is fitted first, and kept",
    )


def _add_runs(verbs: Any) -> None:
    runs = verbs.add_parser("runs", help="list, show, rename, archive, delete, restore")
    actions = runs.add_subparsers(
        required=True, metavar="list|show|rename|archive|use|delete|restore"
    )
    listed = actions.add_parser("list", help="all runs of the workspace, newest first")
    listed.add_argument("--archived", action="store_true", help="those put aside")
    listed.add_argument("--json", action="store_true", help="JSON on stdout")
    listed.set_defaults(command=list_)
    shown = actions.add_parser("show", help="with against without transfer, from a run's folder")
    shown.add_argument("run", type=Path, metavar="DIR")
    shown.set_defaults(command=show)
    renamed = actions.add_parser("rename", help="give a run a name")
    renamed.add_argument("run", metavar="ID")
    renamed.add_argument("name", metavar="NAME")
    renamed.set_defaults(command=rename)
    for name, told in (
        ("archive", "put a run aside: it is no longer listed"),
        ("use", "list a run again that was put aside"),
        ("delete", "move a run to the trash"),
        ("restore", "bring a deleted run back"),
    ):
        action = actions.add_parser(name, help=told)
        action.add_argument("run", metavar="ID")
        action.set_defaults(command=move, move=name)
    for action in actions.choices.values():
        action.add_argument("--workspace", type=Path, metavar="DIR")


def list_(options: Namespace) -> int:
    """``crossrec runs list``."""
    workspace = _workspace(options)
    found = [
        {
            "project": project.name,
            "id": run.id,
            "name": run.name,
            "created": run.info.get("created"),
            "path": str(run.path),
        }
        for project in workspace.projects()
        for run in workspace.runs(project, archived=options.archived)
    ]
    if options.json:
        _print_json(found)
    elif not found:
        print(f"No run in {workspace.root} yet: crossrec demo makes one.", file=sys.stderr)
    else:
        from crossrec.cli import tables

        print(tables.plain(found))
    return 0


def show(options: Namespace) -> int:
    """``crossrec runs show``."""
    from crossrec.cli import tables
    from crossrec.workspace import Run

    run = Run(options.run)
    print(tables.results(run.report(), least=run.least_shown))
    return 0


def rename(options: Namespace) -> int:
    """``crossrec runs rename``."""
    from crossrec.workspace import rename_run

    run = rename_run(_workspace(options), options.run, options.name)
    print(f"{run.id} is called {run.name!r} now." if run.name else f"{run.id} has no name now.")
    return 0


def move(options: Namespace) -> int:
    """``crossrec runs archive|use|delete|restore``."""
    from crossrec.workspace import archive_run

    workspace, run = _workspace(options), options.run
    if options.move == "delete":
        workspace.delete_run(run)
        print(f"{run} is in the trash; crossrec runs restore {run} brings it back.")
    elif options.move == "restore":
        print(f"{workspace.restore_run(run).path} is back.")
    else:
        aside = options.move == "archive"
        archive_run(workspace, run, archived=aside)
        print(f"{run} is {'put aside' if aside else 'in use'}.")
    return 0


def compare(options: Namespace) -> int:
    """``crossrec compare``."""
    from crossrec.cli import tables
    from crossrec.evaluation import rule
    from crossrec.evaluation.runs import compare_runs
    from crossrec.report import differences, settings_of
    from crossrec.workspace import Run

    first, second = Run(options.first), Run(options.second)
    found = compare_runs(first.report(), second.report())
    unequal = differences({"first": settings_of(first), "second": settings_of(second)})
    rows, settings = found.to_dict("records"), unequal.to_dict("records")
    if options.json:
        _print_json({"scenarios": rows, "settings": settings})
    else:
        print(tables.plain([{str(name): value for name, value in row.items()} for row in rows]))
        print(rule())
        print("\n".join(f"{s['setting']}: {s['first']} -> {s['second']}" for s in settings))
    return 0


def report(options: Namespace) -> int:
    """``crossrec report``."""
    from crossrec.cli import tables
    from crossrec.report import build_report, build_slides
    from crossrec.workspace import Run, write_file

    runs = [Run(path) for path in options.run]
    lang = options.lang or read_settings().language or "en"
    if options.out is not None:
        page = build_report(runs, lang=lang)
        write_file(options.out, page)
        print(f"{len(page.encode()) / 1e6:.1f} MB written to {options.out}", file=sys.stderr)
    if options.pptx is not None:
        write_file(options.pptx, build_slides(runs[0], lang=lang))
        print(f"Slides written to {options.pptx}", file=sys.stderr)
    print("\n".join(tables.decisions(runs[0].report(), lang, least=runs[0].least_shown)))
    return 0


def export(options: Namespace) -> int:
    """``crossrec export``."""
    from crossrec.pipeline.exports import export_lists

    progress = TerminalProgress(quiet=options.quiet)
    kind = "csv" if options.out.suffix == ".csv" else "parquet"
    try:
        export_lists(
            options.run,
            options.out,
            options.k,
            kind,
            options.model,
            seen=options.seen,
            progress=progress,
        )
    finally:
        progress.close()
    print(f"Written to {options.out}", file=sys.stderr)
    return 0


def _workspace(options: Namespace) -> "Workspace":
    from crossrec.workspace import Workspace

    return Workspace(options.workspace)


def _print_json(value: object) -> None:
    print(json.dumps(value, ensure_ascii=False, indent=2, default=str))
