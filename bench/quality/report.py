"""Results as a page to read and a table to compute with."""

import datetime
import os
import platform
from collections.abc import Iterable, Sequence
from importlib.metadata import version
from pathlib import Path

import pandas as pd

from bench.quality.bars import Bar, bars
from bench.quality.judge import COHORTS, MAX_WARM, K
from bench.quality.lineup import (
    BASELINE,
    MAIN,
    OURS,
    PAIR_SETS,
    PEER,
    TARGET_ONLY,
    lineup,
    variant_name,
)
from bench.quality.pairs import pair_effects
from bench.quality.results import Difference, Results, baseline_names, kinds, told
from bench.quality.sets import COLD_USERS, CUTS, SETS
from crossrec.evaluation import HELPS, HURTS, rule, tell
from crossrec.transfer.decisions import DECISIONS

PACKAGES = ("crossrec", "numpy", "scipy", "pandas", "torch", "implicit", "scikit-learn")
FILES = ("quality.md", "quality.parquet")


def write_report(
    results: Results,
    folder: Path,
    *,
    failed: Sequence[str] = (),
    short: bool = False,
    command: str = "make bench-quality",
) -> list[Bar]:
    """Write :data:`FILES` into a folder, made if needed; returns the table of bars.

    Args:
        results: of all finished cells.
        folder: where to.
        failed: one line per cell that failed.
        short: whether this is a smoke test, which is then said.
        command: that makes them, told in the head.
    """
    folder.mkdir(parents=True, exist_ok=True)
    table = results.table()
    table.to_parquet(folder / FILES[1], index=False)
    held = bars(results)
    parts = [_head(results, command, short=short), _bars(held)]
    parts += [_set(results, table, name) for name in results.sets]
    parts += [_pairs(results), _failed(failed)]
    (folder / FILES[0]).write_text("\n".join(filter(None, parts)), encoding="utf-8")
    return held


def machine() -> str:
    """Cores, memory and processor, without the machine's name."""
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 1e9
    model = platform.machine()
    about = Path("/proc/cpuinfo")
    if about.exists():
        lines = about.read_text(encoding="utf-8").splitlines()
        model = next((line.split(":")[1].strip() for line in lines if "model name" in line), model)
    return f"{os.cpu_count()} cores ({model}), {pages:.0f} GB of memory, {platform.system()}"


def markdown(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table; pipes in cells are escaped."""
    lines = ["| " + " | ".join(header) + " |", "|" + "---|" * len(header)]
    lines += [
        "| " + " | ".join(str(cell).replace("|", "\\|") for cell in row) + " |" for row in rows
    ]
    return "\n".join(lines) + "\n"


HEAD = """# Quality

{warning}Written by `{command}` on {date}; do not edit.

- Machine: {machine}. Python {python}, {versions}.
- Seeds {seeds}; a seed changes the split and the model.
- NDCG@{k}, full ranking of the target scenario, items of the history left out. Judged are up to
  {max_warm:,} warm users per scenario (a seeded sample), all cold users, and all users with a cold
  test item; every model on the same users.
- Cohorts: warm (a history in the target), warm_few (1 to 5 items of it), cold (none there, some
  elsewhere: {cold:.0%} of the users shared with another scenario lose all their target rows, per
  target), cold_items (only items that nobody had used are relevant).
- Random cut: {random}.
- Time cut: {time}.
- Next cut: {next}; nobody is made cold.
- Means and intervals are over users; a user judged under several seeds counts once, with his mean.
  Differences are paired over users and seeds; 95 % bootstrap intervals of {resamples:,} draws.
- {rule} Parts are corrected over
  the scenarios of a cohort, pairs over those of a set; a difference in the table of bars stands for
  itself (p not corrected).
- Baselines try up to {tried} settings each, chosen by NDCG@10 on the validation part (2,000 users
  per scenario), once under the first seed and kept for the others; "tuned for cold" are chosen on
  cold validation users alone. The engine chooses anew on every split (candidates: {budget}). All
  are fitted again on train and validation rows. The first seed's validation rows are partly test
  rows of other seeds: this favours the baselines.
- "Best baseline" is the one with the highest mean *on these test users*, per scenario and cohort:
  a choice nobody could make beforehand, and so the hardest bar.
- EASE takes the 15,000 most popular items (lambda is tried on 10,000); this limits kitchen and
  food/kitchen pooled only. Ablations run under fewer seeds: see the column.
- Peak memory is that of the process, with the data read and the users judged.
"""

SMOKE = "**A smoke test: few sets, users and models. No figure here proves anything.**\n\n"


def _head(results: Results, command: str, *, short: bool) -> str:
    tried = max(len(r.settings.get("candidates", ())) for r in lineup() if r.kind == BASELINE)
    return HEAD.format(
        warning=SMOKE if short else "",
        command=command,
        date=datetime.date.today().isoformat(),
        machine=machine(),
        python=platform.python_version(),
        versions=", ".join(f"{name} {version(name)}" for name in PACKAGES),
        seeds=", ".join(map(str, sorted({record["seed"] for record in results.records}))),
        k=K,
        max_warm=MAX_WARM,
        cold=COLD_USERS,
        random=CUTS["random"],
        time=CUTS["time"],
        next=CUTS["next"],
        resamples=results.resamples,
        rule=rule(),
        tried=tried,
        budget=_budget(),
    )


def _budget() -> str:
    """Candidates that every decision of the engine tries."""
    return ", ".join(f"{name} {len(one.candidates)}" for name, one in DECISIONS.items())


def _bars(held: Sequence[Bar]) -> str:
    met = sum(bar.verdict == "met" for bar in held)
    rows = [(bar.topic, bar.asked, bar.measured, bar.verdict) for bar in held]
    table = markdown(("bar", "asked", "measured", "verdict"), rows)
    return f"## Bars\n\n{met} of {len(held)} met.\n\n{table}"


def _set(results: Results, table: pd.DataFrame, name: str) -> str:
    note = SETS[name].note if name in SETS else ""
    parts = [f"## {name}\n", f"{SETS[name].cut} cut{'; ' + note if note else ''}.\n"]
    parts.append(_against_best(results, name))
    for scenario in results.scenarios(name):
        parts += [f"### {name}: {scenario}\n", _values(table, name, scenario)]
    parts += [_ablations(results, name), _peers(results, name), _costs(results, name)]
    return "\n".join(parts)


def _against_best(results: Results, name: str) -> str:
    rows = []
    for scenario in results.scenarios(name):
        for cohort in COHORTS:
            best = results.best(name, scenario, cohort, baseline_names(name))
            found = best and results.difference(name, scenario, cohort, MAIN, best)
            if best and found:
                rows.append(
                    (scenario, cohort, found.users, best, f"{found.second:.4f}",
                     f"{found.first:.4f}", f"{found.ratio:.2f}", _interval(found))
                )  # fmt: skip
    if not rows:
        return ""
    header = ("scenario", "cohort", "users", "best baseline", "its NDCG@10", MAIN, "ratio",
              "difference")  # fmt: skip
    return markdown(header, rows)


def _values(table: pd.DataFrame, name: str, scenario: str) -> str:
    mine = table.query("set == @name and scenario == @scenario and metric == 'ndcg'")
    cohorts = [cohort for cohort in COHORTS if (mine["cohort"] == cohort).any()]
    rows = []
    for model, found in mine.groupby("model", sort=False):
        if " alone" in str(model):
            continue
        by_cohort = found.set_index("cohort")
        cells = [
            f"{by_cohort.loc[c, 'value']:.4f} [{by_cohort.loc[c, 'low']:.4f}, "
            f"{by_cohort.loc[c, 'high']:.4f}]"
            if c in by_cohort.index
            else "-"
            for c in cohorts
        ]
        rows.append((model, found["kind"].iloc[0], found["seeds"].max(), *cells))
    return markdown(("model", "kind", "seeds", *cohorts), rows)


def _ablations(results: Results, name: str) -> str:
    others = [
        model
        for model in results.models(name)
        if model.startswith(f"{MAIN}, ") and " alone" not in model
    ]
    rows = []
    for other in others:
        part = other.removeprefix(f"{MAIN}, ")
        added = part.startswith("with ")  # the others lack the part that the main preset has
        sides = (other, MAIN) if added else (MAIN, other)
        for cohort in COHORTS:
            found = {
                scenario: one
                for scenario in results.scenarios(name)
                if (one := results.difference(name, scenario, cohort, *sides)) and one.users > 1
            }
            rows += [
                (part, scenario, cohort, one.users, f"{one.first if added else one.second:.4f}",
                 _interval(one), verdict)
                for (scenario, one), verdict in zip(
                    found.items(), told(list(found.values())), strict=True
                )
            ]  # fmt: skip
    if not rows:
        return ""
    title = f"### {name}: what each part is worth (with it minus without it)\n\n"
    header = ("ablation", "scenario", "cohort", "users", "its NDCG@10", "difference", "the part")
    return title + markdown(header, rows)


def _peers(results: Results, name: str) -> str:
    others = [model for model in results.models(name) if kinds(name).get(model, PEER) == PEER]
    rows = [
        (other, scenario, cohort, found.users, f"{found.second:.4f}", f"{found.first:.4f}",
         _interval(found))
        for other in others
        if " alone" not in other
        for scenario in results.scenarios(name)
        for cohort in COHORTS
        if (found := results.difference(name, scenario, cohort, MAIN, other)) is not None
    ]  # fmt: skip
    if not rows:
        return ""
    header = ("published model", "scenario", "cohort", "users", "its NDCG@10", MAIN, "difference")
    return f"### {name}: published models (see bench/peers)\n\n" + markdown(header, rows)


def _costs(results: Results, name: str) -> str:
    rows = []
    for recipe in lineup(name):
        records = results.cost(name, recipe.name)
        if records and recipe.kind in (OURS, BASELINE):
            seconds = sorted(record["fit_seconds"] for record in records)
            memory = max(record["peak_gb"] for record in records)
            rows.append((recipe.name, len(records), f"{seconds[0]:.0f} to {seconds[-1]:.0f}",
                         f"{memory:.1f}", records[0]["chosen"] or ""))  # fmt: skip
    header = ("model", "seeds", "fit seconds", "peak GB", "chosen under the first seed")
    title = f"### {name}: cost (the slowest fit of a baseline is the one that chooses)\n\n"
    return title + markdown(header, rows)


def _pairs(results: Results) -> str:
    parts = []
    own = variant_name(MAIN, TARGET_ONLY)
    for name in PAIR_SETS:
        if name not in results.sets:
            continue
        for forced in (False, True):
            table = pair_effects(results, name, forced=forced)
            if not len(table):
                continue
            way = "with M = 1 for everybody" if forced else "with the learnt M"
            counts = [(table["verdict"] == verdict).sum() for verdict in (HELPS, HURTS)]
            parts.append(
                f"### {name}: one source alone minus {own}, {way}\n\n"
                f"{len(table)} pairs: {counts[0]} help, {counts[1]} hurt.\n"
            )
            rows = [
                (r.source, r.target, f"{r.effect:+.4f} [{r.low:+.4f}, {r.high:+.4f}]", r.users,
                 f"{r.p_holm:.3f}", tell(r.verdict, r.why))
                for r in table.itertuples()
            ]  # fmt: skip
            header = ("source", "target", "effect", "users", "p (Holm)", "verdict")
            parts.append(markdown(header, rows))
    return "## Pairs of scenarios\n\n" + "\n".join(parts) if parts else ""


def _failed(failed: Sequence[str]) -> str:
    if not failed:
        return ""
    return "## Cells that failed\n\n" + "\n".join(f"- {line}" for line in failed) + "\n"


def _interval(found: Difference) -> str:
    return f"{found.value:+.4f} [{found.low:+.4f}, {found.high:+.4f}]"
