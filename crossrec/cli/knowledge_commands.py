"""What ``crossrec`` does about knowledge: attributes, profiles, adaptation, ideal items."""

import json
import sys
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from pathlib import Path
from typing import Any

from crossrec.cli.terminal import TerminalProgress


def add_to(verbs: Any) -> None:
    """Add the commands of this module to the parser."""
    attributes = verbs.add_parser("attributes", help="read a run's items: theme, use, audience ...")
    _run(attributes)
    attributes.add_argument(
        "--reader", choices=("encoder", "generator", "endpoint"), default="encoder"
    )
    attributes.add_argument(
        "--model", default="", metavar="NAME", help="for an endpoint: http://HOST/v1#MODEL"
    )
    attributes.add_argument("--vocabulary", type=Path, metavar="JSON", help="what may be said")
    attributes.add_argument(
        "--vocabulary-out", type=Path, metavar="JSON", help="only write a proposal, to be edited"
    )
    attributes.add_argument("--themes", type=int, default=0, help="how many; default by the items")
    attributes.add_argument("--seed", type=int, default=0)
    attributes.add_argument("--out", type=Path, metavar="PARQUET", help="the table, also there")
    _output(attributes)
    attributes.set_defaults(command=read_attributes)

    bridges = verbs.add_parser("bridges", help="which attributes connect two scenarios")
    _run(bridges)
    bridges.add_argument("-k", type=_positive, default=10, help="of each pair; default 10")
    _output(bridges)
    bridges.set_defaults(command=show_bridges)

    profiles = verbs.add_parser("profiles", help="users in each scenario, in numbers and words")
    _run(profiles)
    profiles.add_argument("--user", nargs="+", default=[], help="default: some, drawn")
    profiles.add_argument("--most", type=_positive, default=20, help="how many to draw; default 20")
    profiles.add_argument("--plain", action="store_true", help="no sentence by a language model")
    _output(profiles)
    profiles.set_defaults(command=show_profiles)

    adapt = verbs.add_parser(
        "adapt", help="teach an encoder a run's items; measured, off by default"
    )
    _run(adapt)
    adapt.add_argument("--out", type=Path, required=True, metavar="DIR", help="the adapter")
    adapt.add_argument("--encoder", default="auto", help="what to adapt; default auto")
    adapt.add_argument("--method", choices=("lora", "full"), default="lora")
    adapt.add_argument(
        "--objective", choices=("contrastive", "triplet", "label", "none"), default="contrastive"
    )
    adapt.add_argument("--pairs", type=_positive, default=10_000, help="default 10000")
    adapt.add_argument(
        "--layers", type=int, default=3, help="the uppermost so many change; default 3, 0 for all"
    )
    adapt.add_argument("--masked", type=int, default=0, metavar="STEPS", help="masked words first")
    adapt.add_argument("--seed", type=int, default=0)
    _output(adapt)
    adapt.set_defaults(command=adapt_encoder)

    candidates = verbs.add_parser(
        "candidates", help="what items described by a language model add to a run's candidates"
    )
    _run(candidates)
    candidates.add_argument(
        "--users", type=_positive, default=60, help="judged in each scenario; default 60"
    )
    candidates.add_argument("-k", type=_positive, default=100, help="of each user; default 100")
    candidates.add_argument("--seed", type=int, default=0)
    _output(candidates)
    candidates.set_defaults(command=show_candidates)

    scenarios = verbs.add_parser("scenarios", help="what a run's scenarios are, from its catalogue")
    _run(scenarios)
    _output(scenarios)
    scenarios.set_defaults(command=show_scenarios)


def read_attributes(options: Namespace) -> int:
    """``crossrec attributes``."""
    from crossrec.pipeline.knowledge import KnowledgeConfig, propose_vocabulary, read_knowledge
    from crossrec.workspace import Run, write_file, write_json
    from crossrec.workspace.knowledge import read_attributes as kept

    if options.vocabulary_out is not None:
        proposed = propose_vocabulary(options.run, themes=options.themes, seed=options.seed)
        write_json(options.vocabulary_out, proposed.to_json())
        print(f"A vocabulary to edit was written to {options.vocabulary_out}", file=sys.stderr)
        return 0
    config = KnowledgeConfig(
        options.reader, options.model, options.vocabulary, options.themes, options.seed
    )
    told = _with_progress(options, read_knowledge, options.run, config)
    if options.out is not None and (knowledge := kept(Run(options.run))) is not None:
        write_file(options.out, knowledge.attributes.to_parquet(None, index=False))
    rows = [{"facet": name, "known": f"{share:.0%}"} for name, share in told["known"].items()]
    _show(options, told, rows)
    return 0


def show_bridges(options: Namespace) -> int:
    """``crossrec bridges``."""
    from crossrec.errors import RunUnreadable
    from crossrec.workspace import Run
    from crossrec.workspace.bridges import shown_bridges
    from crossrec.workspace.knowledge import was_read

    run = Run(options.run)
    if not was_read(run):
        raise RunUnreadable(
            "expected a run whose items were read",
            "no attributes there",
            f"Read them with: crossrec attributes --run {options.run}",
        )
    table, _ = shown_bridges(run, options.k)
    found = [] if table is None else table.round(3).to_dict(orient="records")
    _show(options, found, found)
    return 0


def show_profiles(options: Namespace) -> int:
    """``crossrec profiles``."""
    from crossrec.pipeline.knowledge import profile_users

    found = _with_progress(
        options,
        profile_users,
        options.run,
        tuple(options.user),
        most=options.most,
        written=not options.plain,
    )
    rows = [
        {
            "user": each.user,
            "scenario": each.scenario,
            "items": each.items,
            "by": each.writer or "numbers",
            "profile": each.sentence,
        }
        for each in found
    ]
    _show(options, [each.to_dict() for each in found], rows)
    return 0


def adapt_encoder(options: Namespace) -> int:
    """``crossrec adapt``."""
    from crossrec.language.adaptation import AdaptConfig
    from crossrec.pipeline.adaptation import adapt

    config = AdaptConfig(
        encoder=options.encoder,
        method=options.method,
        objective=options.objective,
        pairs=options.pairs,
        mlm_steps=options.masked,
        layers=options.layers,
        seed=options.seed,
    )
    told = _with_progress(options, adapt, options.run, options.out, config)
    rows = [
        {
            "from": each["source"],
            "to": each["target"],
            "users": each["users"],
            "before": f"{each['before']:.4f}",
            "after": f"{each['after']:.4f}",
            "change": _interval(each),
            "verdict": _verdict(each),
        }
        for each in told["quality"]
    ]
    _show(options, told, rows)
    return 0


def show_candidates(options: Namespace) -> int:
    """``crossrec candidates``."""
    from crossrec.pipeline.candidates import measure_candidates

    told = _with_progress(
        options,
        measure_candidates,
        options.run,
        users=options.users,
        k=options.k,
        seed=options.seed,
    )
    rows = [
        {
            "target": each["target"],
            "users": each["users"],
            f"model@{options.k}": f"{each['model']:.4f}",
            "described": f"{each['described']:.4f}",
            "both": f"{each['union']:.4f}",
            "change": _interval(each),
            "verdict": _verdict(each),
        }
        for each in told["gains"]
    ]
    _show(options, told, rows)
    return 0


def show_scenarios(options: Namespace) -> int:
    """``crossrec scenarios``."""
    from crossrec.pipeline.knowledge import scenario_descriptions
    from crossrec.workspace import Run

    found = scenario_descriptions(Run(options.run))
    rows = [{"scenario": name, "description": said} for name, said in found.items()]
    _show(options, found, rows)
    return 0


def _verdict(each: dict[str, Any]) -> str:
    from crossrec.evaluation import judge, tell

    return tell(*judge(each["low"], each["high"], each["p_holm"], each["users"]))


def _interval(each: dict[str, Any]) -> str:
    return f"[{each['low']:+.4f}, {each['high']:+.4f}]"


def _with_progress(options: Namespace, verb: Any, *arguments: Any, **named: Any) -> Any:
    progress = TerminalProgress(quiet=options.quiet)
    try:
        return verb(*arguments, **named, progress=progress)
    finally:
        progress.close()


def _show(options: Namespace, told: Any, rows: list[dict[str, Any]]) -> None:
    from crossrec.cli import tables  # heavy: only where it is needed
    from crossrec.evaluation import rule

    if options.json:
        print(json.dumps(told, ensure_ascii=False, indent=2, default=str))
    else:
        print(tables.plain(rows))
        if rows and "verdict" in rows[0]:
            print(rule())


def _run(parser: ArgumentParser) -> None:
    parser.add_argument("--run", type=Path, required=True, metavar="DIR", help="a finished run")


def _output(parser: ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="JSON on stdout")
    parser.add_argument("-q", "--quiet", action="store_true", help="no progress")


def _positive(text: str) -> int:
    value = int(text)
    if value < 1:
        raise ArgumentTypeError(f"expected a number of at least 1, found {text}")
    return value
