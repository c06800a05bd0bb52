"""``crossrec pairs|map``: what the Transfer and the Map page show, without the app."""

import json
import sys
from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crossrec.errors import DataError
from crossrec.schema import ITEM, SCENARIO, USER

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from crossrec.plots import Labels
    from crossrec.workspace import Run
    from crossrec.workspace.lookup import Kind

VIEWS = ("lift", "forced", "coefficient")
COHORTS = ("cold", "warm", "warm_few", "all")
KINDS = ("items", "users")
CLUSTER, COHORT = "cluster", "cohort"
LISTED = 20


def add(verbs: Any) -> None:
    """Add the commands to the parser.

    Args:
        verbs: what ``ArgumentParser.add_subparsers`` gave.
    """
    pairs_ = verbs.add_parser("pairs", help="which source helps which target, from a run")
    pairs_.add_argument("--run", type=Path, required=True, metavar="DIR")
    pairs_.add_argument(
        "--view",
        choices=VIEWS,
        default=VIEWS[0],
        help="measured lift of one source with the learnt coefficients, the same forced to 1, or "
        "the coefficients; default lift",
    )
    pairs_.add_argument("--cohort", choices=COHORTS, default=COHORTS[0], help="default: cold")
    pairs_.add_argument("--metric", default="ndcg", help="default: ndcg")
    pairs_.add_argument("--out", type=Path, metavar="FILE", help=".html (the heat map) or .csv")
    pairs_.add_argument("--json", action="store_true", help="JSON on stdout")
    pairs_.set_defaults(command=pairs)

    map_ = verbs.add_parser("map", help="the items or users of a run on a plane or in space")
    map_.add_argument("--run", type=Path, required=True, metavar="DIR")
    map_.add_argument("--what", choices=KINDS, default=KINDS[0], help="default: items")
    map_.add_argument(
        "--colour",
        default=SCENARIO,
        metavar="NAME",
        help="scenario, cluster, cohort (of users), or an attribute; default scenario",
    )
    map_.add_argument("--find", default="", metavar="WORDS", help="ring what bears these words")
    map_.add_argument("--dim", choices=("2d", "3d"), default="2d", help="default: 2d")
    map_.add_argument("--out", type=Path, metavar="FILE", help=".html (the map) or .csv (places)")
    map_.set_defaults(command=draw_map)


def pairs(options: Namespace) -> int:
    """``crossrec pairs``."""
    from crossrec import evaluation, plots
    from crossrec.cli import tables
    from crossrec.workspace import Run

    run = Run(options.run)
    report, coefficient = run.report(), options.view == "coefficient"
    if coefficient:
        found = plots.coefficient_pairs(report.coefficients_of(options.cohort))
    else:
        forced = options.view == "forced"
        found = evaluation.verdicts(
            report, cohort=options.cohort, metric=options.metric, forced=forced
        )
    judged = evaluation.summary(report)
    if judged.unjudged is not None and (found.empty or not coefficient):
        title, told = evaluation.headline(judged)
        print(title, *told, sep="\n",
              file=sys.stderr if options.json or options.out else sys.stdout)  # fmt: skip
        if found.empty and options.out is None:
            if options.json:
                print("[]")
            return 0
    if found.empty:
        lifts = report.table.loc[report.table["source"] != ""]
        known = [f"{name}".removeprefix(evaluation.LIFT) for name in lifts["metric"].unique()]
        raise DataError(
            "expected a metric and users that the pairs of this run were judged by "
            f"({', '.join(known) or 'it has none'})",
            f"{options.metric} of {options.cohort} users",
        )
    if options.out is not None:
        names = [str(name) for name in run.info.get("scenarios", ())]
        figure = plots.transfer_figure(found, names, coefficient=coefficient, metric=options.metric)
        _write(options.out, found, figure, plots.transfer_alt(found, coefficient=coefficient))
    elif options.json:
        print(json.dumps(found.to_dict("records"), ensure_ascii=False, indent=2))
    else:
        print(plots.transfer_alt(found, coefficient=coefficient))
        print(tables.frame(found))
        if not coefficient:
            print(evaluation.rule())
    return 0


def draw_map(options: Namespace) -> int:
    """``crossrec map``."""
    from crossrec import plots
    from crossrec.cli import tables
    from crossrec.workspace import Run, lookup

    run, kind = Run(options.run), options.what
    points = run.map_items() if kind == "items" else run.map_users()
    labels = _labels(run, kind, points, options.colour)
    found = lookup.find_rows(run, kind, points, options.find)
    drawn = plots.drawn_rows(labels, always=found)
    told = plots.map_alt(labels, len(drawn), by=options.colour)
    if options.out is not None:
        _write(options.out, points, _figure(points, labels, options.dim, drawn, found), told)
        return 0
    facts = run.info.get("map", {})
    name = "mixing" if kind == "items" else "users_mixing"
    if facts.get(name) is not None:
        print(
            f"{facts[name]:.1%} of the nearest neighbours come from another scenario; "
            f"{facts[f'{name}_chance']:.1%} would if they were fully mixed."
        )
    print(told)
    if len(found):
        print(tables.frame(points.iloc[found[:LISTED]]))
    return 0


def _figure(
    points: "pd.DataFrame", labels: "Labels", dim: str, drawn: "np.ndarray", found: "np.ndarray"
) -> Any:
    import numpy as np

    from crossrec import plots

    places = ["x", "y"] if dim == "2d" else ["x3", "y3", "z3"]
    if places[0] not in points:
        raise DataError("expected a run laid out in space", "one with a plane only")
    at = points[places].to_numpy(dtype=np.float32)
    if dim == "3d":
        return plots.space_figure(at, labels, drawn=drawn, found=found)
    return plots.map_figure(at[:, 0], at[:, 1], labels, drawn=drawn, found=found)


def _labels(run: "Run", kind: "Kind", points: "pd.DataFrame", colour: str) -> "Labels":
    """What the points are coloured by.

    Raises:
        DataError: the run has no such colour.
    """
    import numpy as np
    import pandas as pd

    from crossrec import plots
    from crossrec.workspace import lookup

    if colour == SCENARIO:
        return plots.labels_of(points[SCENARIO], run.info.get("scenarios", ()))
    if colour == CLUSTER and CLUSTER in points:
        return plots.cluster_labels(
            points[CLUSTER].to_numpy(dtype=np.int32), run.info.get("map", {}).get("clusters") or []
        )
    if colour == COHORT and kind == "users" and "report" in run.parts:
        return plots.labels_of(lookup.cohorts_of(points, run.report().per_user), ("warm", "cold"))
    known = lookup.attributes(run, kind)
    if colour not in known:
        raise DataError(
            f"expected a colour of {', '.join([SCENARIO, CLUSTER, COHORT, *known])}", repr(colour)
        )
    ids = pd.Series(points[ITEM if kind == "items" else USER])
    values = lookup.attribute_of(run, kind, colour, ids)
    return plots.attribute_labels(values, number=known[colour])


def _write(out: Path, table: "pd.DataFrame", figure: Any, told: str) -> None:
    """The figure as one HTML page, or its numbers as CSV, by the ending of the file's name.

    Raises:
        DataError: the ending is another one.
    """
    from crossrec import plots
    from crossrec.workspace import write_file
    from crossrec.workspace.sheet import csv_bytes

    if out.suffix == ".html":
        write_file(out, plots.standalone(figure, told))
    elif out.suffix == ".csv":
        write_file(out, csv_bytes(table))
    else:
        raise DataError("expected a file ending in .html or .csv", repr(out.name))
    print(f"Written to {out}", file=sys.stderr)
