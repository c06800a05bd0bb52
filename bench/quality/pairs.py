"""Which pairs of scenarios help and hurt, and whether a planted truth is found."""

import json

import numpy as np
import pandas as pd
from scipy.stats import spearmanr

from bench.quality.lineup import MAIN, TARGET_ONLY, source_name, variant_name
from bench.quality.results import ALL, Results
from bench.quality.sets import ROOT
from crossrec.evaluation.uncertainty import bootstrap, holm, resamples_for
from crossrec.evaluation.verdict import judged

PAIR_COLUMNS = (
    "set", "source", "target", "forced", "cohort", "effect", "low", "high", "users", "p_holm",
    "verdict", "why",
)  # fmt: skip


def pair_effects(results: Results, name: str, *, forced: bool, cohort: str = ALL) -> pd.DataFrame:
    """NDCG@10 with one source alone minus the same model's target-only form, per ordered pair.

    Holm's correction runs over all pairs of the set; the rule of the verdicts is the product's.
    """
    scenarios = results.scenarios(name)
    pairs = [(s, t) for t in scenarios for s in scenarios if s != t]
    resamples = resamples_for(len(pairs))
    own = variant_name(MAIN, TARGET_ONLY)
    rows = []
    for source, target in pairs:
        with_source = source_name(MAIN, source, forced=forced)
        values = results.values(name, target, cohort, [with_source, own])
        if len(values):
            found = bootstrap(np.diff(values[:, ::-1]), resamples=resamples)
            numbers = (found.value[0], found.low[0], found.high[0], found.n, found.p[0])
            rows.append((name, source, target, forced, cohort, *map(float, numbers)))
    table = pd.DataFrame(rows, columns=[*PAIR_COLUMNS[:-3], "p"])
    table["p_holm"] = holm(table["p"].to_numpy(dtype=float))
    table = judged(table.rename(columns={"users": "n"})).rename(columns={"n": "users"})
    return table.loc[:, list(PAIR_COLUMNS)]


def planted(results: Results) -> pd.DataFrame:
    """The sample data's planted strength beside what was measured, per pair.

    ``effect`` is the forced effect on cold users of the planted segment (M = 1 for everybody), as
    the planted strength is defined; ``seen`` is 0 where its interval holds 0, and ``p_holm`` is
    corrected over the pairs. Pairs whose effect the sample data's makers call too weak to be seen
    (``clear`` false) are left out.
    """
    folder = ROOT / "sample_data"
    truth = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
    users = pd.read_csv(folder / "users.csv", dtype=str).set_index("user_id")
    own = variant_name(MAIN, TARGET_ONLY)
    rows = []
    for pair in truth["pairs"]:
        if pair["clear"] is False:
            continue
        name = source_name(MAIN, pair["source"], forced=True)
        wide = results.wide("sample", pair["target"], "cold", "ndcg")
        if name not in wide.columns:
            continue
        both = wide[[name, own]].dropna().groupby(level="user_id").mean()
        if pair["segment"]:
            column, values = pair["segment"]["column"], pair["segment"]["values"]
            both = both[users.loc[both.index, column].isin(values).to_numpy()]
        found = bootstrap((both[name] - both[own]).to_numpy()[:, None], resamples=2000)
        low, high = float(found.low[0]), float(found.high[0])
        effect = float(found.value[0])
        seen = effect if low > 0 or high < 0 else 0.0
        rows.append(
            (pair["source"], pair["target"], pair["verdict"], pair["strength"], effect, low, high,
             seen, found.n, float(found.p[0]))
        )  # fmt: skip
    columns = [
        "source", "target", "verdict", "strength", "effect", "low", "high", "seen", "users", "p",
    ]  # fmt: skip
    table = pd.DataFrame(rows, columns=columns)
    return table.assign(p_holm=holm(table["p"].to_numpy(dtype=float)))


def order_found(table: pd.DataFrame) -> tuple[float, float]:
    """Spearman of the planted strengths with ``seen`` and with ``effect``; NaN for too few."""
    if len(table) < 3:
        return float("nan"), float("nan")
    return _spearman(table["strength"], table["seen"]), _spearman(
        table["strength"], table["effect"]
    )


def _spearman(first: pd.Series, second: pd.Series) -> float:
    if len(np.unique(second)) < 2:
        return float("nan")
    return float(spearmanr(first, second).statistic)


def coefficient(results: Results, name: str, source: str, target: str, cohort: str) -> float:
    """Mean M of a pair over the judged users with a history in the source; NaN where unknown."""
    found = [
        row["mean"]
        for record in results.cost(name, MAIN)
        for row in record["coefficients"] or []
        if (row["source"], row["target"], row["cohort"]) == (source, target, cohort)
    ]
    return float(np.mean(found)) if found else float("nan")
