"""Commands on data before a run: which files and how they are read, scenarios, pseudonyms."""

import json
from argparse import Namespace
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crossrec.cli.terminal import TerminalProgress
from crossrec.errors import DataError

if TYPE_CHECKING:
    from crossrec.data.cleaning.plan import CleaningPlan
    from crossrec.data.privacy.plan import PrivacyPlan
    from crossrec.data.reading.mapping import ColumnMap
    from crossrec.intake import RunInputs


def inputs_of(options: Namespace) -> "RunInputs":
    """The files that were named and how they are to be read."""
    from crossrec.data.reading.readers import MAX_REJECTS, ReadOptions
    from crossrec.intake import RunInputs

    log, items, users = options.interactions, options.items or [], options.users or []
    files: dict[str, Path] = {}
    for text in options.scenario_file:
        name, equals, path = text.partition("=")
        if not (equals and name.strip() and path.strip()) or name.strip() in files:
            raise DataError("expected --scenario-file NAME=FILE, each name once", repr(text))
        files[name.strip()] = Path(path.strip())
    if not (log or files):
        raise DataError("expected --interactions FILE or --scenario-file NAME=FILE", "neither")
    limit = MAX_REJECTS if options.max_rejects is None else options.max_rejects
    first, *further = log or files.values()
    return RunInputs(
        first,
        items[0] if items else None,
        users[0] if users else None,
        dict(map_of(options.map).columns),
        cleaning=cleaning_of(options),
        privacy=privacy_of(options),
        key_file=options.key_file,
        test=getattr(options, "test", None),
        reading=ReadOptions(
            limit,
            options.duplicates,
            options.zone,
            event_weights_of(options.event_weight),
            signals_of(options.signal),
            options.positive_from,
            new_names_of(options.rename_scenario),
        ),
        further=tuple(further) if log else (),
        scenario_files=files,
        further_items=tuple(items[1:]),
        further_users=tuple(users[1:]),
    )


def event_weights_of(texts: Sequence[str]) -> dict[str, float]:
    """``["view=1", "purchase=5"]`` or ``["view=1,purchase=5"]`` as event -> weight."""
    weights: dict[str, float] = {}
    for part in (part.strip() for text in texts for part in text.split(",")):
        name, equals, weight = part.rpartition("=")
        name = name.strip()
        try:
            value = float(weight)
        except ValueError:
            equals = ""
            value = 0.0
        if not (equals and name) or name in weights:
            raise DataError(
                "expected --event-weight EVENT=NUMBER, each event once",
                repr(part),
                "Write it like --event-weight view=1,cart=3,purchase=5",
            )
        weights[name] = value
    return weights


def signals_of(texts: Sequence[str]) -> dict[str, dict[str, str]]:
    """``["event:3=positive"]`` as column -> value -> kind."""
    signals: dict[str, dict[str, str]] = {}
    for text in texts:
        place, equals, kind = text.rpartition("=")
        column, colon, value = place.rpartition(":")
        column, value = column.strip(), value.strip()
        if not (equals and colon and column and value) or value in signals.get(column, {}):
            raise DataError(
                "expected --signal COLUMN:VALUE=KIND, each value once",
                repr(text),
                "Write it like --signal event:impression=exposure; kinds are positive, exposure"
                " and negative",
            )
        signals.setdefault(column, {})[value] = kind.strip()
    return signals


def new_names_of(texts: Sequence[str]) -> dict[str, str]:
    """``["App feed=app", "app2=app"]`` as old name -> new name."""
    names: dict[str, str] = {}
    for text in texts:
        old, equals, new = (part.strip() for part in text.partition("="))
        if not (equals and old and new) or old in names:
            raise DataError("expected --rename-scenario OLD=NEW, each old name once", repr(text))
        names[old] = new
    return names


def map_of(text: str) -> "ColumnMap":
    """A column map: written out, or the name of the JSON file it was saved in."""
    from crossrec.data.reading.mapping import ColumnMap

    return ColumnMap.load(Path(text)) if text.endswith(".json") else ColumnMap.parse(text)


def identify(options: Namespace) -> int:
    """``crossrec identify``."""
    from crossrec.pipeline.identification import tell_scenarios

    if options.apply and options.out is None:
        raise DataError("expected --out FILE beside --apply", "none", "Name the file to write")
    progress = TerminalProgress(quiet=options.quiet)
    try:
        told = tell_scenarios(
            options.interactions,
            items=options.items,
            mapping=map_of(options.map).columns,
            leave_out=_names(options.leave_out),
            mask=options.mask,
            clusters=options.clusters,
            least=options.least,
            seed=options.seed,
            out=options.out if options.apply else None,
            progress=progress,
        )
    finally:
        progress.close()
    print(json.dumps(told, ensure_ascii=False, indent=2) if options.json else _words(told))
    return 0


def pseudonym(options: Namespace) -> int:
    """``crossrec pseudonym``: the ids under which users stand in a pseudonymised run."""
    from crossrec.data.clean_ids import clean_id
    from crossrec.data.privacy.plan import load_key
    from crossrec.intake import default_key_file

    key = load_key(options.key_file or default_key_file())
    for user in options.user:
        # The id as the run had it before it got a pseudonym.
        print(f"{user}\t{key.pseudonym(clean_id(user) or user)}")
    return 0


def cleaning_of(options: Namespace) -> "CleaningPlan | None":
    """The cleaning that was asked for: a plan file, changed by single options; None without."""
    from crossrec.data.cleaning.plan import CleaningPlan

    plan: dict[str, Any] = {} if options.clean is None else _read_plan(options.clean)
    if options.repeats:
        plan["repeats"] = options.repeats
    if options.core:
        plan |= {"user_core": options.core, "item_core": options.core}
    if options.drop_outliers:
        plan["drop_outliers"] = True
    return CleaningPlan.from_json(plan) if plan else None


def privacy_of(options: Namespace) -> "PrivacyPlan | None":
    """The protection that was asked for; None without."""
    from crossrec.data.privacy.plan import MIN_GROUP, PrivacyPlan, parse_bands

    drop, band = tuple(_names(options.drop_profile)), parse_bands(options.band)
    if not (options.pseudonymise or drop or band or options.least_group is not None):
        return None
    least = MIN_GROUP if options.least_group is None else options.least_group
    return PrivacyPlan(options.pseudonymise, drop, band, least)


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


def _read_plan(path: Path) -> dict[str, Any]:
    try:
        held = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DataError(
            f"expected a cleaning plan as JSON in {path.name}",
            getattr(error, "strerror", None) or str(error),
            'Write it like {"repeats": "sum", "user_core": 5}',
        ) from error
    if not isinstance(held, dict):
        raise DataError(f"expected a JSON object in {path.name}", type(held).__name__)
    return held


def _words(told: Mapping[str, Any]) -> str:
    if told["kind"] == "groups":
        lines = [
            "No row names its scenario; rows were grouped by context.",
            _table(told["groups"]),
            f"stability between two halves of the rows {told['stability']:.2f}"
            " (1 is the same groups)"
            + ("" if told["useful"] else ": too low to be used as scenarios"),
            "",
            *told["tree"],
        ]
        return "\n".join([*lines, *_footer(told)])
    yes = "Context tells the scenario better than the majority does"
    no = "Context does not tell the scenario better than the majority does: do not use it"
    confusion = [{"": true, **row} for true, row in told["confusion"].items()]
    lines = [
        f"{told['labelled']:,} rows name their scenario, {told['unlabelled']:,} do not.",
        f"{yes if told['useful'] else no} (users and items that were not learnt from).",
        "",
        _table(told["scores"]),
        "leak: rows of one item or user on both sides, so that memory looks like understanding",
        "",
        "Told (columns) against true (rows), forest, new users and items:",
        _table(confusion),
        "",
        "What a confidence is worth:",
        _table(told["confidence"]),
        "",
        *told["tree"],
    ]
    if told["giveaways"]:
        names = ", ".join(told["giveaways"])
        lines += ["", f"These columns name the scenario: {names}; rather map one as the scenario."]
    return "\n".join([*lines, *_footer(told)])


def _table(rows: Sequence[Mapping[str, Any]]) -> str:
    import pandas as pd

    from crossrec.cli import tables

    return tables.frame(pd.DataFrame(list(rows)), float_format="{:.3f}".format)


def _footer(told: Mapping[str, Any]) -> list[str]:
    lines = []
    for row in told.get("masked", ()):
        right = "" if row["accuracy"] is None else f", {row['accuracy']:.1%} right"
        lines.append(f"masked rows told by {row['how']}: {row['rows']:,}{right}")
    if told["left_out"]:
        lines.append(f"{told['left_out']:,} rows without user, item or time were left out")
    if "out" in told:
        lines.append(f"written to {told['out']}")
    return ["", *lines] if lines else []
