"""``crossrec jobs``: the queue of the app, from a terminal."""

import argparse
import json
import sys
import time
from argparse import Namespace
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crossrec.errors import JobError

if TYPE_CHECKING:
    from crossrec.jobs import Job

LOG_LINES = 12


def add(verbs: Any) -> None:
    """Add the command to the parser.

    Args:
        verbs: what ``ArgumentParser.add_subparsers`` gave.
    """
    jobs = verbs.add_parser("jobs", help="work in the background: list, show, cancel, resume")
    actions = jobs.add_subparsers(required=True, metavar="list|show|cancel|resume")
    listed = actions.add_parser("list", help="the newest jobs")
    listed.add_argument("-n", type=int, default=20, help="how many; default 20")
    listed.set_defaults(command=list_)
    for name, command, told in (
        ("show", show, "one job with the end of its log"),
        ("cancel", cancel, "ask a job to stop"),
        ("resume", resume, "go on with a failed or cancelled job where it stopped"),
    ):
        action = actions.add_parser(name, help=told)
        action.add_argument("job", nargs="?", metavar="ID", help="default: the newest job")
        action.set_defaults(command=command)
        if name == "show":
            action.add_argument("--log", type=int, default=LOG_LINES, metavar="N")
        _common(action)
    _common(listed)


def _common(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--workspace", type=Path, metavar="DIR")
    parser.add_argument("--json", action="store_true", help="JSON on stdout")


def list_(options: Namespace) -> int:
    """``crossrec jobs list``."""
    from crossrec import jobs

    found = jobs.list_jobs(_db(options), limit=options.n)
    if options.json:
        _print_json([_record(job) for job in found])
        return 0
    if not found:
        print("No job was started in this workspace yet.", file=sys.stderr)
    for job in found:
        print(f"{job.id}  {job.state:9}  {job.fraction:4.0%}  {_when(job.created)}  {_what(job)}")
    return 0


def show(options: Namespace) -> int:
    """``crossrec jobs show``."""
    from crossrec import jobs

    db = _db(options)
    job = jobs.get(db, _chosen(options))
    log = jobs.log_tail(db, job.id, options.log)
    if options.json:
        _print_json({**_record(job), "log": log})
        return 0
    print(f"{job.id}: {_what(job)}, {job.state.value}")
    if job.active:
        left = f", {job.eta[0]:.0f} to {job.eta[1]:.0f} s left" if job.eta else ""
        print(f"{job.fraction:.0%} {job.phase} {job.message}, {job.elapsed:.0f} s so far{left}")
    if job.run_path:
        print(f"result: {job.run_path}")
    if job.error:
        print(job.error)
    if job.resumable:
        print(f"crossrec jobs resume {job.id} goes on where it stopped.")
    print("\n".join(["", *log]) if log else "")
    return 0


def cancel(options: Namespace) -> int:
    """``crossrec jobs cancel``."""
    from crossrec import jobs

    db, job_id = _db(options), _chosen(options)
    active = jobs.get(db, job_id).active
    jobs.cancel(db, job_id)
    if options.json:
        _print_json(_record(jobs.get(db, job_id)))
    else:
        print(f"{job_id} is asked to stop." if active else f"{job_id} has ended before.")
    return 0


def resume(options: Namespace) -> int:
    """``crossrec jobs resume``."""
    from crossrec import jobs

    db, job_id = _db(options), _chosen(options)
    again = jobs.resume(db, job_id)
    if options.json:
        _print_json(_record(jobs.get(db, again)))
    else:
        print(f"{again} goes on with {job_id}; crossrec jobs show {again} tells how far it is.")
    return 0


def _db(options: Namespace) -> Path:
    from crossrec.workspace import Workspace

    return Workspace(options.workspace).jobs_db


def _chosen(options: Namespace) -> str:
    """The named job, else the newest."""
    from crossrec import jobs

    if options.job:
        return options.job
    newest = jobs.list_jobs(_db(options), limit=1)
    if not newest:
        raise JobError(
            "expected a job in this workspace", "none", "Start one in the app, or name a workspace"
        )
    return newest[0].id


def _record(job: "Job") -> dict[str, Any]:
    return {**asdict(job), "state": job.state.value, "resumable": job.resumable}


def _what(job: "Job") -> str:
    return f"{job.verb} {job.run_path.rstrip('/').rsplit('/', 1)[-1]}".rstrip()


def _when(seconds: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(seconds))


def _print_json(value: object) -> None:
    print(json.dumps(value, ensure_ascii=False, indent=2))
