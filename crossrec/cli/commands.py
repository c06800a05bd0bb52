"""One function per command: arguments -> one engine call -> print. Heavy parts load on demand."""

import json
import os
import sys
import tomllib
from argparse import Namespace
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crossrec.cli.data_commands import inputs_of
from crossrec.cli.terminal import TerminalProgress
from crossrec.errors import ColumnMissing, DataError, FileUnreadable, WorkspaceError
from crossrec.schema import ITEM, SCENARIO, USER, WEIGHT
from crossrec.settings import ENVIRONMENT, LEAN, read_settings, settings_path

if TYPE_CHECKING:
    import pandas as pd

    from crossrec.workspace import Run

BLOCKED = 3


def run(options: Namespace) -> int:
    """``crossrec run``."""
    from crossrec.cli import tables
    from crossrec.evaluation import board, simpler_models, summary
    from crossrec.language import USUAL
    from crossrec.pipeline import RunConfig
    from crossrec.pipeline import run as verb
    from crossrec.workspace import Run

    config = RunConfig(
        seed=options.seed,
        encoder=options.encoder,
        holdout=not options.no_holdout,
        k=options.k,
        columns=options.columns or USUAL,
        whole=options.whole,
        dim=options.dim,
        attributes=options.attributes,
        scenario_texts=options.scenario_texts,
        new_items=options.new_item_weight,
        profiles=options.profiles,
        baselines=options.models,
        seen=options.seen,
    )
    progress = TerminalProgress(quiet=options.quiet)
    try:
        verb(inputs_of(options), options.out, config, feedback=options.feedback, progress=progress)
    finally:
        progress.close()
    finished = Run(options.out)
    report = finished.report()
    if options.json:
        told = summary(report).to_dict()
        rows = board(report, least=finished.least_shown).rows
        told["decisions"] = {row.scenario: row.decision for row in rows}
        told["simpler"] = simpler_models(report, least=finished.least_shown).to_dict()
        _print_json({"run": str(finished.path), **told, **finished.info})
    else:
        print(tables.reading(finished.info["reading"]))
        print(tables.results(report, least=finished.least_shown))
        print(
            f"\nWritten to {options.out}. Next: crossrec recommend --run {options.out} "
            "--users USERS.csv --out RECS.csv"
        )
    return 0


def recommend(options: Namespace) -> int:
    """``crossrec recommend``."""
    from crossrec.pipeline import recommend as verb
    from crossrec.pipeline.described import Describer
    from crossrec.workspace import Run, write_file

    finished = Run(options.run)
    users = _read_users(options.users)
    rows = None if options.rows is None else _read_rows(options.rows)
    progress = TerminalProgress(quiet=options.quiet)
    try:
        describer = Describer.of(finished) if options.described else None
        found = verb(
            finished,
            users,
            options.k,
            rows=rows,
            describer=describer,
            seen=options.seen,
            key_file=options.key_file,
            model=options.model,
            progress=progress,
        )
    finally:
        progress.close()
    _name_strangers(finished, users, options.key_file, rows)
    write_file(options.out, found.to_csv(index=False))
    if options.described:
        _tell_worth(finished)
    print(f"{len(found):,} rows written to {options.out}", file=sys.stderr)
    return 0


def _tell_worth(finished: "Run") -> None:
    """Say what described items were found to be worth."""
    from crossrec.workspace.knowledge import read_candidates

    told = read_candidates(finished)
    if told is None:
        print(
            "crossrec: what described items are worth here is not measured; on food and kitchen "
            "they cost recall (-0.11 and -0.05 of recall@100). Measure it with: "
            f"crossrec candidates --run {finished.path}",
            file=sys.stderr,
        )
        return
    for each in told["gains"]:
        print(
            f"crossrec: described items change recall@{each['k']} in {each['target']} by "
            f"{each['union'] - each['model']:+.3f} [{each['low']:+.3f}, {each['high']:+.3f}]",
            file=sys.stderr,
        )


def explain(options: Namespace) -> int:
    """``crossrec explain``."""
    from crossrec.cli import tables
    from crossrec.pipeline import explain as verb
    from crossrec.workspace import Run

    finished = Run(options.run)
    if options.users is not None:
        return _explain_users(options, finished)
    if options.user is None or options.scenario is None:
        raise DataError(
            "expected --user and --scenario, or --users with --out", "", "See crossrec explain -h"
        )
    found = verb(
        finished,
        options.user,
        options.scenario,
        options.item,
        options.k,
        seen=options.seen,
        key_file=options.key_file,
    )
    if options.json:
        one = options.item is not None
        _print_json(found[0].to_dict() if one else [each.to_dict() for each in found])
    else:
        catalog = finished.catalog()
        print("\n\n".join(tables.explanation(each, catalog) for each in found))
    return 0


def _explain_users(options: Namespace, finished: "Run") -> int:
    from crossrec.pipeline import explain_users as verb

    if options.out is None or options.user is not None or options.item is not None:
        raise DataError(
            "expected --users with --out, and without --user and --item",
            "",
            "Name a file that ends in .parquet, .csv, .json or .jsonl",
        )
    users = _read_users(options.users)
    if SCENARIO not in users.columns and options.scenario is not None:
        users = users.assign(**{SCENARIO: options.scenario})
    progress = TerminalProgress(quiet=options.quiet)
    try:
        told = verb(
            finished,
            users,
            options.out,
            k=options.k,
            most=options.most,
            seen=options.seen,
            key_file=options.key_file,
            progress=progress,
        )
    finally:
        progress.close()
    _name_strangers(finished, users, options.key_file)
    print(f"{told:,} recommendations explained in {options.out}", file=sys.stderr)
    return 0


def _name_strangers(
    finished: "Run",
    users: "pd.DataFrame",
    key_file: Path | None,
    rows: "pd.DataFrame | None" = None,
) -> None:
    """Say which users neither the log nor further rows know."""
    from crossrec.pipeline.use import unknown_users

    if strangers := unknown_users(finished, users, key_file, rows):
        print(
            f"crossrec: {len(strangers):,} users are not in the log of this run (first: "
            f"{', '.join(strangers[:3])}); they got the list of a user without history.",
            file=sys.stderr,
        )


def audit(options: Namespace) -> int:
    """``crossrec audit``."""
    from crossrec.cli import tables
    from crossrec.data.reading.rejects import RejectTable
    from crossrec.intake import read_inputs
    from crossrec.workspace.files import writable
    from crossrec.workspace.knowledge import read_long

    attributes = None if options.attributes is None else read_long(options.attributes)
    progress = TerminalProgress(quiet=options.quiet)
    try:
        read = read_inputs(inputs_of(options), attributes=attributes, progress=progress)
    finally:
        progress.close()
    found = read.audit
    if options.rejects is not None:
        rows = read.log.rejects.rows
        with writable(options.rejects.parent):
            RejectTable.of(rows).write_csv(options.rejects)
    if options.json:
        _print_json({**found.to_json(), "reading": read.treatment["reading"]})
    else:
        print(tables.reading(read.treatment["reading"]))
        print(tables.audit(found))
    return BLOCKED if found.blocked else 0


def sample(options: Namespace) -> int:
    """``crossrec sample``."""
    from crossrec.data.sample.generator import generate_sample

    generate_sample(options.out, options.seed)
    print(f"Sample data with its planted truth written to {options.out}", file=sys.stderr)
    return 0


def demo(options: Namespace) -> int:
    """``crossrec demo``."""
    from crossrec.cli import tables
    from crossrec.pipeline.demo import finished_demo, run_demo
    from crossrec.workspace import Workspace

    workspace = Workspace(options.workspace)
    finished = None if options.again else finished_demo(workspace)
    if finished is None:
        progress = TerminalProgress(quiet=options.quiet)
        try:
            finished = run_demo(workspace, progress=progress)
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
    os.environ[ENVIRONMENT] = str(settings_path())
    for name, value in LEAN.items():
        os.environ.setdefault(name, value)
    theme = _theme_options(home, read_settings().theme)
    os.chdir(home)  # Streamlit reads .streamlit/config.toml from here
    print(f"CrossRec runs at http://127.0.0.1:{options.port} (Ctrl-C ends it)", file=sys.stderr)
    command = [sys.executable, "-m", "crossrec.ui.server", "run", "app.py"]
    os.execv(sys.executable, [*command, "--server.port", str(options.port), *theme])


def _theme_options(home: Path, theme: str) -> list[str]:
    """Options that make the app look light or dark whatever the browser asks for.

    Streamlit follows the browser where it is told a light and a dark look, so both become the one.
    """
    if theme == "system":
        return []
    looks = tomllib.loads((home / ".streamlit" / "config.toml").read_text())["theme"]
    given = ["--theme.base", theme]  # tells the figures
    for asked in ("light", "dark"):
        for name, value in looks[theme].items():
            parts = value.items() if isinstance(value, dict) else [("", value)]
            for part, colour in parts:
                option = ".".join(filter(None, ["--theme", asked, name, part]))
                given += [option, str(colour)]
    return given


def doctor(options: Namespace) -> int:
    """``crossrec doctor``."""
    from crossrec.cli import tables
    from crossrec.doctor import checkup
    from crossrec.workspace import Workspace

    checks = checkup(Workspace(options.workspace).root)
    if options.json:
        _print_json([asdict(check) for check in checks])
    else:
        print(tables.checks(checks))
    return 1 if any(check.state == "missing" for check in checks) else 0


def _read_users(path: Path) -> "pd.DataFrame":
    return _read_text_table(path, "user_id,scenario", "one user and target scenario per row")


def _read_rows(path: Path) -> "pd.DataFrame":
    """Interactions since the run; the weight is a number, NaN where there is none."""
    found = _read_text_table(path, "user_id,scenario,item_id", "one interaction per row")
    if missing := [name for name in (USER, SCENARIO, ITEM) if name not in found]:
        raise ColumnMissing(
            f"expected the column {missing[0]!r} in {path}",
            ", ".join(map(str, found.columns)),
            "Give user_id, scenario and item_id, oldest row first",
        )
    if WEIGHT not in found:
        return found
    import pandas as pd

    from crossrec.data.clean_ids import clean_id

    texts = [clean_id(text) for text in found[WEIGHT]]
    try:
        return found.assign(**{WEIGHT: pd.Series(texts, found.index, dtype=object).astype(float)})
    except ValueError as error:
        raise DataError(
            f"expected numbers in the column {WEIGHT!r} of {path}", str(error), "Mend that row"
        ) from error


def _read_text_table(path: Path, columns: str, rows: str) -> "pd.DataFrame":
    import pandas as pd

    try:
        return pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    except (OSError, ValueError) as error:  # ValueError: no table, or not UTF-8
        raise FileUnreadable(
            f"expected a CSV file with columns {columns} in {path}",
            getattr(error, "strerror", None) or str(error),
            f"Give a UTF-8 file with {rows}",
        ) from error


def _print_json(value: Any) -> None:
    print(json.dumps(value, ensure_ascii=False, indent=2, default=str))
