"""Commands on what the language model sees: reading items, looking in, comparing, models."""

import json
import sys
from argparse import Namespace
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crossrec.cli.data_commands import map_of
from crossrec.cli.terminal import TerminalProgress
from crossrec.errors import DataError, ModelMissing

if TYPE_CHECKING:
    from crossrec.data.catalog import Catalog
    from crossrec.language import Cost, FeatureTable, NeighbourQuality, TextTemplate


_FURTHER = (
    "What a model knows of a finished run's items and users: crossrec attributes, bridges, "
    "profiles, scenarios, candidates, adapt."
)


def add_to(verbs: Any, encoder: str) -> None:
    """Add ``crossrec features`` and ``crossrec models`` to the commands.

    Args:
        verbs: the sub-parsers.
        encoder: the default one.
    """
    features = verbs.add_parser(
        "features", help="vectors of the items' texts, as Parquet", epilog=_FURTHER
    )
    features.add_argument("--items", type=Path, required=True, metavar="FILE")
    features.add_argument("--map", default="", metavar="NAME=COLUMN,...")
    features.add_argument(
        "--encoder",
        default=encoder,
        help="a bundled model, a folder, hf:ORGANISATION/MODEL, http://HOST/v1#MODEL, tfidf, bow "
        f"or word2vec; default {encoder}",
    )
    add_text_options(features)
    features.add_argument("--threads", type=int, metavar="N", help="of the processor")
    features.add_argument("--out", type=Path, metavar="PARQUET")
    looks = features.add_mutually_exclusive_group()
    looks.add_argument("--cost", action="store_true", help="what reading would take; reads nothing")
    looks.add_argument("--show", metavar="ITEM", help="the exact text of an item, and its tokens")
    looks.add_argument(
        "--compare",
        type=_names,
        metavar="A,B,...",
        help="encoders by the neighbours they find, against chance",
    )
    features.add_argument(
        "--label",
        default="",
        metavar="COLUMN",
        help="what belongs together, for --compare; default category, else scenario",
    )
    features.add_argument("--json", action="store_true", help="JSON on stdout")
    features.add_argument("-q", "--quiet", action="store_true", help="no progress")
    features.set_defaults(command=run)
    _add_models(verbs)


def add_text_options(parser: Any) -> None:
    """Add what makes up an item's text, and how many numbers it becomes."""
    parser.add_argument(
        "--columns",
        type=_names,
        default=(),
        metavar="COLUMN,...",
        help="what makes up an item's text, in order; default title,category,text",
    )
    parser.add_argument(
        "--whole", action="store_true", help="read long texts whole, in chunks, instead of cutting"
    )
    parser.add_argument("--dim", type=int, metavar="N", help="keep N principal components")


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())


def _add_models(verbs: Any) -> None:
    models = verbs.add_parser("models", help="bundled language models")
    actions = models.add_subparsers(required=True, metavar="list|install")
    listed = actions.add_parser("list", help="which there are")
    listed.add_argument("--json", action="store_true", help="JSON on stdout")
    listed.set_defaults(command=models_list)
    install = actions.add_parser("install", help="install their packages; default: both encoders")
    install.add_argument("names", nargs="*", metavar="NAME")
    install.set_defaults(command=models_install)


def run(options: Namespace) -> int:
    """``crossrec features``."""
    from crossrec.data.reading.readers import read_catalog

    asked = bool(options.cost or options.show or options.compare)
    if not asked and options.out is None:
        raise DataError(
            "expected --out, --cost, --show or --compare", "", "See crossrec features -h"
        )
    catalog = read_catalog(options.items, map_of(options.map))
    template = _template(options)
    if options.cost:
        return _cost(options, catalog, template)
    if options.show:
        return _show(options, catalog, template)
    progress = TerminalProgress(quiet=options.quiet)
    act: Callable[..., int] = _compare if options.compare else _extract
    try:
        return act(options, catalog, template, progress)
    finally:
        progress.close()


def _template(options: Namespace) -> "TextTemplate":
    from crossrec.language import USUAL, TextTemplate

    return TextTemplate(options.columns or USUAL, options.whole)


def _cost(options: Namespace, catalog: "Catalog", template: "TextTemplate") -> int:
    from dataclasses import asdict

    from crossrec.language import cost

    found = cost(catalog, encoder=options.encoder, template=template)
    if options.json:
        _print_json({**asdict(found), "new": found.new})
    else:
        print(_cost_line(found))
    return 0


def _cost_line(found: "Cost") -> str:
    return (
        f"{found.distinct:,} different texts for {found.encoder}: {found.cached:,} read before, "
        f"{found.new:,} new, about {found.tokens:,} tokens and {found.seconds:,.0f} s"
    )


def _show(options: Namespace, catalog: "Catalog", template: "TextTemplate") -> int:
    from dataclasses import asdict

    from crossrec.language import preview

    seen = preview(catalog, options.encoder, options.show, template=template)
    if options.json:
        _print_json(asdict(seen))
        return 0
    about = "" if seen.tokens else "about "
    limit = f" of at most {seen.limit}" if seen.limit else ""
    print(f"{seen.encoder}: {about}{seen.count:,} tokens{limit}, read in {seen.pieces} part(s)")
    for name, part in (("read", seen.read), ("not read", seen.cut), ("asked", seen.ending)):
        if part:
            print(f"\n{name}:\n{part}")
    if seen.tokens:
        print(f"\ntokens:\n{' '.join(seen.tokens)}")
    return 0


def _compare(
    options: Namespace,
    catalog: "Catalog",
    template: "TextTemplate",
    progress: TerminalProgress,
) -> int:
    from crossrec.language import compare_encoders, label_of

    label = options.label or label_of(catalog)
    found = compare_encoders(
        catalog,
        options.compare,
        label=label,
        template=template,
        threads=options.threads,
        progress=progress,
    )
    progress.close()
    if options.json:
        _print_json({"label": label, "encoders": [one.to_json() for one in found]})
    else:
        print(_comparison(found, label))
    return 0


def _comparison(found: "list[NeighbourQuality]", label: str) -> str:
    first = found[0]
    lines = [
        f"Share of the {first.k} nearest items with the same {label} ({first.queries:,} items; "
        f"by chance {first.chance:.1%}; 95 % intervals; gain over {first.encoder})",
        f"{'encoder':<32}{'share':>8}{'interval':>18}{'nearest':>9}{'gain':>9}{'interval':>19}"
        f"{'numbers':>9}{'seconds':>9}",
    ]
    for one in found:
        gain = "" if one is first else f"{one.gain:+.1%}"
        span = "" if one is first else f"[{one.gain_low:+.1%}, {one.gain_high:+.1%}]"
        took = f"{one.seconds:,.1f}" if one.read else "cached"
        lines.append(
            f"{one.encoder[-31:]:<32}{one.share:>8.1%}{f'[{one.low:.1%}, {one.high:.1%}]':>18}"
            f"{one.nearest:>9.1%}{gain:>9}{span:>19}{one.dim:>9}{took:>9}"
        )
    return "\n".join(lines)


def _extract(
    options: Namespace,
    catalog: "Catalog",
    template: "TextTemplate",
    progress: TerminalProgress,
) -> int:
    from crossrec.language import cost, extract_features

    if "://" in options.encoder and not options.quiet:
        print(
            _cost_line(cost(catalog, encoder=options.encoder, template=template)), file=sys.stderr
        )
    table = extract_features(
        catalog,
        encoder=options.encoder,
        template=template,
        dim=options.dim,
        threads=options.threads,
        progress=progress,
    )
    progress.close()
    _write(options.out, table)
    told = {
        "items": len(table.items),
        "dim": table.dim,
        "encoder": table.encoder,
        "revision": table.revision,
        "fingerprint": table.fingerprint,
        "columns": list(template.columns),
        "whole": template.whole,
        "out": str(options.out),
    }
    if options.json:
        _print_json(told)
    else:
        print(f"{len(table.items):,} items, {table.dim} numbers each, by {table.encoder}")
    return 0


def _write(out: Path, table: "FeatureTable") -> None:
    from crossrec.language import vectors_parquet
    from crossrec.workspace import write_file

    write_file(out, vectors_parquet(table))


def models_list(options: Namespace) -> int:
    """``crossrec models list``."""
    from crossrec.cli import tables
    from crossrec.language import KNOWN

    rows = [
        {
            "name": info.id,
            "role": info.role,
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
        return 0
    print(tables.plain(rows))
    print(
        "\nAlso: a local folder, hf:ORGANISATION/MODEL (fetched once, when you name it), "
        "http://HOST/v1#MODEL (a server; key in CROSSREC_ENDPOINT_KEY),\nand the baselines tfidf, "
        "bow and word2vec."
    )
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


def _print_json(value: Any) -> None:
    print(json.dumps(value, ensure_ascii=False, indent=2, default=str))
