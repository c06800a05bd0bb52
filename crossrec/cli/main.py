"""The command line: which commands there are and how they end.

Exit codes: 0 done; 1 the data, the run or the machine does not allow it (one sentence on stderr);
2 the command was not understood; 3 the audit found a blocker; 130 stopped by Ctrl-C, 143 by a
termination signal.
"""

import argparse
import contextlib
import os
import signal
import sys
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from crossrec.cli import (
    commands,
    data_commands,
    feature_commands,
    feedback_commands,
    jobs_commands,
    knowledge_commands,
    runs_commands,
    view_commands,
)
from crossrec.cli.options import add_seen
from crossrec.errors import Cancelled, CrossRecError
from crossrec.settings import read_settings
from crossrec.transfer.lineup import BASELINES, CHEAP


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    try:
        chosen = read_settings()
    except CrossRecError as error:
        print(f"crossrec: {error}", file=sys.stderr)
        return 1
    options = _parser(chosen.encoder).parse_args(arguments)
    chosen.use()
    with contextlib.suppress(ValueError):  # not in the main thread, as in some tests
        signal.signal(signal.SIGTERM, _stop)
    try:
        return options.command(options)
    except CrossRecError as error:
        print(f"crossrec: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(f"\ncrossrec: stopped; {_kept(options)}", file=sys.stderr)
        return 130
    except Cancelled:
        print(f"crossrec: ended from outside; {_kept(options)}", file=sys.stderr)
        return 143
    except BrokenPipeError:  # the reader of our output went away, as in `crossrec ... | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _stop(*_: object) -> None:
    raise Cancelled


def _kept(options: argparse.Namespace) -> str:
    """What a stopped command left behind, and how to go on."""
    from crossrec.workspace.unfinished import resume_folder  # heavy: only where it is needed

    out = getattr(options, "out", None)
    finished = resume_folder(out) if out is not None else None
    if finished is None or not finished.is_dir():
        return "nothing half-finished was kept."
    return (
        "no half-finished run was kept. The same command goes on from the last finished stage of "
        f"training, which {str(finished)!r} holds; delete that folder to start afresh."
    )


def _parser(encoder: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="crossrec",
        description="See where knowledge of one scenario helps another, where it hurts, and why.",
    )
    parser.add_argument("--version", action="version", version=version("crossrec"))
    verbs = parser.add_subparsers(required=True, metavar="COMMAND")

    run = verbs.add_parser("run", help="train, judge and map a data set; write a run folder")
    _inputs(run)
    run.add_argument("--out", type=Path, required=True, metavar="DIR", help="the run's folder")
    run.add_argument("--seed", type=int, default=0, help="of everything random; default 0")
    run.add_argument("--encoder", default=encoder, help=f"language model; default {encoder}")
    feature_commands.add_text_options(run)
    run.add_argument(
        "--attributes",
        nargs="?",
        const="auto",
        default="",
        metavar="JSON",
        help="read what items are about, by a vocabulary (default: proposed), and offer it to the "
        "model; judged with and without",
    )
    run.add_argument(
        "--scenario-texts",
        nargs="?",
        const="auto",
        default="",
        metavar="JSON",
        help="what scenarios are, by a JSON object of texts (default: written from the catalogue), "
        "kept with the run for its readers",
    )
    run.add_argument(
        "--new-item-weight",
        type=_not_negative,
        default=1.0,
        metavar="X",
        help="how loud items nobody used are, times what validation users chose; default 1",
    )
    run.add_argument("-k", type=_positive, default=10, help="length of judged lists; default 10")
    add_seen(run, "as often as users of a scenario come back to an item, which the audit says")
    run.add_argument(
        "--models",
        default="",
        metavar="NAME,...",
        help=f"baselines to judge beside transfer, and to keep: {', '.join(BASELINES)}; few "
        f"({', '.join(CHEAP)}) or all; default: popularity, item-knn",
    )
    run.add_argument(
        "--no-holdout", action="store_true", help="train on every row and judge nothing"
    )
    run.add_argument(
        "--profiles",
        action="store_true",
        help="the profiles of --users as one more source scenario, whose items are values like "
        '"age: 25-34"',
    )
    run.add_argument(
        "--feedback",
        type=Path,
        metavar="CSV",
        help="what people said, from `crossrec feedback export --events`: likes are learnt from, "
        "a no takes an interaction away",
    )
    _output(run)
    run.set_defaults(command=commands.run)

    recommend = verbs.add_parser("recommend", help="lists for many users, from a run")
    recommend.add_argument("--run", type=Path, required=True, metavar="DIR")
    recommend.add_argument(
        "--users", type=Path, required=True, metavar="CSV", help="columns user_id,scenario"
    )
    recommend.add_argument("-k", type=_positive, default=10, help="length of a list; default 10")
    runs_commands.add_model(recommend)
    add_seen(recommend)
    recommend.add_argument(
        "--rows",
        type=Path,
        metavar="CSV",
        help="what happened since the run, oldest first: user_id,scenario,item_id[,weight]; "
        "a weight below 0 is a dislike, 0 forgets the item. Counts at once, without training",
    )
    recommend.add_argument(
        "--described",
        action="store_true",
        help="every other place to an item near to what a language model describes, in a column "
        "of its own; measure its worth first: crossrec candidates",
    )
    recommend.add_argument("--out", type=Path, required=True, metavar="CSV")
    _key_file(
        recommend,
        "the key of a pseudonymised run, to name users by their own ids; default that of "
        "the workspace",
    )
    recommend.add_argument("-q", "--quiet", action="store_true", help="no progress")
    recommend.set_defaults(command=commands.recommend)

    explain = verbs.add_parser("explain", help="where a user's recommendations come from")
    explain.add_argument("--run", type=Path, required=True, metavar="DIR")
    explain.add_argument("--user", help="one user; or --users")
    explain.add_argument("--scenario", help="the target; with --users where its file names none")
    explain.add_argument("--item", help="one item; default: each of the k best")
    explain.add_argument("-k", type=_positive, default=10)
    add_seen(explain)
    explain.add_argument("--json", action="store_true", help="JSON on stdout")
    explain.add_argument(
        "--users", type=Path, metavar="CSV", help="columns user_id,scenario: many users, into --out"
    )
    explain.add_argument(
        "--out", type=Path, metavar="FILE", help="for --users: .parquet, .csv, .json or .jsonl"
    )
    explain.add_argument(
        "--most", type=_positive, default=5, help="for --users: history items told each; default 5"
    )
    _key_file(
        explain,
        "the key of a pseudonymised run, to name users by their own ids; default that of "
        "the workspace",
    )
    explain.add_argument("-q", "--quiet", action="store_true", help="no progress")
    explain.set_defaults(command=commands.explain)

    feedback_commands.add_to(verbs)

    audit = verbs.add_parser("audit", help="check a data set before anything is trained")
    _inputs(audit)
    audit.add_argument(
        "--test", type=Path, metavar="FILE", help="rows held out elsewhere: are they in the log?"
    )
    audit.add_argument(
        "--attributes",
        type=Path,
        metavar="PARQUET",
        help="which of these connect scenarios (of attributes --out); default the catalogue's",
    )
    audit.add_argument("--rejects", type=Path, metavar="CSV", help="write all rejected rows")
    _output(audit)
    audit.set_defaults(command=commands.audit)

    identify = verbs.add_parser("identify", help="tell the scenario of rows that do not name it")
    identify.add_argument("--interactions", type=Path, required=True, metavar="FILE")
    identify.add_argument("--items", type=Path, metavar="FILE", help="adds what the items are")
    identify.add_argument("--map", default="", metavar="NAME=COLUMN,...")
    identify.add_argument(
        "--leave-out", default="", metavar="COLUMN,...", help="columns not to learn from"
    )
    identify.add_argument(
        "--mask", type=_share, default=0.0, metavar="SHARE", help="hide labels, to try it out"
    )
    identify.add_argument("--clusters", type=_positive, metavar="N", help="without any label")
    identify.add_argument(
        "--apply", action="store_true", help="write the rows with a scenario and a confidence"
    )
    identify.add_argument("--out", type=Path, metavar="FILE", help=".csv or .parquet")
    identify.add_argument(
        "--least", type=_share, default=0.0, metavar="CONFIDENCE", help="leave others open"
    )
    identify.add_argument("--seed", type=int, default=0, help="of everything random; default 0")
    _output(identify)
    identify.set_defaults(command=data_commands.identify)

    pseudonym = verbs.add_parser("pseudonym", help="ids of users in a pseudonymised run")
    pseudonym.add_argument("user", nargs="+", metavar="USER")
    _key_file(pseudonym, "default keys/pseudonym.key in the workspace")
    pseudonym.set_defaults(command=data_commands.pseudonym)

    feature_commands.add_to(verbs, encoder)
    knowledge_commands.add_to(verbs)

    sample = verbs.add_parser("sample", help="write the sample data with its planted truth")
    sample.add_argument("--out", type=Path, required=True, metavar="DIR")
    sample.add_argument("--seed", type=int, default=7)
    sample.set_defaults(command=commands.sample)

    demo = verbs.add_parser("demo", help="run the whole way on real grocery data")
    demo.add_argument("--workspace", type=Path, metavar="DIR")
    demo.add_argument("--again", action="store_true", help="even if a finished run is there")
    demo.add_argument("-q", "--quiet", action="store_true", help="no progress")
    demo.set_defaults(command=commands.demo)

    app = verbs.add_parser("app", help="open the app in the browser")
    app.add_argument("--workspace", type=Path, metavar="DIR")
    app.add_argument("--port", type=int, default=8501)
    app.set_defaults(command=commands.app)

    doctor = verbs.add_parser("doctor", help="what is installed, found and missing")
    doctor.add_argument("--workspace", type=Path, metavar="DIR")
    doctor.add_argument("--json", action="store_true", help="JSON on stdout")
    doctor.set_defaults(command=commands.doctor)

    jobs_commands.add(verbs)
    runs_commands.add(verbs)
    view_commands.add(verbs)
    return parser


def _inputs(parser: argparse.ArgumentParser) -> None:
    for name, needed in (("interactions", "; or --scenario-file"), ("items", ""), ("users", "")):
        parser.add_argument(
            f"--{name}", type=Path, nargs="+", metavar="FILE", help=f"one file or several{needed}"
        )
    parser.add_argument(
        "--map",
        default="",
        metavar="NAME=COLUMN,...",
        help="which column is which, e.g. user_id=buyer,item_id=asin, or a saved .json;"
        " others are recognised",
    )
    reading = parser.add_argument_group("reading")
    reading.add_argument(
        "--scenario-file",
        action="append",
        default=[],
        metavar="NAME=FILE",
        help="the log of one scenario, in place of --interactions; once per scenario",
    )
    reading.add_argument(
        "--max-rejects", type=_share, metavar="SHARE", help="more bad rows stop; default 0.5"
    )
    reading.add_argument(
        "--duplicates",
        choices=("first", "last", "sum"),
        default="first",
        help="of rows that stand twice in all columns; default first",
    )
    reading.add_argument(
        "--zone", default="UTC", metavar="ZONE", help="of times that name none; default UTC"
    )
    reading.add_argument(
        "--event-weight",
        action="append",
        default=[],
        metavar="EVENT=WEIGHT,...",
        help="how much an event says, e.g. view=1,cart=3,purchase=5; 0: it was only shown; others"
        " keep theirs (view 0.25, like 0.5, cart 0.75, purchase and unknown ones 1)",
    )
    reading.add_argument(
        "--signal",
        action="append",
        default=[],
        metavar="COLUMN:VALUE=KIND",
        help="what a value says: positive, exposure (only shown) or negative, e.g."
        " event:3=positive, is_valid:0=exposure; the event column is called event",
    )
    reading.add_argument(
        "--positive-from",
        type=float,
        metavar="RATING",
        help="lowest rating that is positive, lower ones are dislikes; default: the middle of the"
        " scale, which is said",
    )
    reading.add_argument(
        "--rename-scenario",
        action="append",
        default=[],
        metavar="OLD=NEW",
        help="another name for a scenario; several may get one name, which makes them one",
    )
    cleaning = parser.add_argument_group("cleaning (recorded; the file stays as it is)")
    cleaning.add_argument("--clean", type=Path, metavar="PLAN.json", help="a whole plan")
    cleaning.add_argument(
        "--repeats", choices=("keep", "first", "last", "sum"), help="of a user and item"
    )
    cleaning.add_argument(
        "--core", type=_positive, metavar="K", help="users and items with K others at least"
    )
    cleaning.add_argument("--drop-outliers", action="store_true", help="likely bots")
    privacy = parser.add_argument_group("privacy")
    privacy.add_argument(
        "--pseudonymise", action="store_true", help="replace user ids by keyed hashes"
    )
    _key_file(privacy, "the key (made if missing); default keys/pseudonym.key in the workspace")
    privacy.add_argument("--drop-profile", default="", metavar="COLUMN,...")
    privacy.add_argument("--band", default="", metavar="COLUMN=EDGE/EDGE,...")
    privacy.add_argument(
        "--least-group", type=_positive, metavar="N", help="hide figures of fewer users"
    )


def _key_file(parser: Any, help_: str) -> None:
    parser.add_argument("--key-file", type=Path, metavar="FILE", help=help_)


def _output(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="JSON on stdout")
    parser.add_argument("-q", "--quiet", action="store_true", help="no progress")


def _share(text: str) -> float:
    value = float(text)
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError(f"expected a number from 0 to 1, found {text}")
    return value


def _not_negative(text: str) -> float:
    value = float(text)
    if not 0 <= value < float("inf"):
        raise argparse.ArgumentTypeError(f"expected a number from 0, found {text}")
    return value


def _positive(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"expected a number of at least 1, found {text}")
    return value
