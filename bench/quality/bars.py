"""Every bar the engine is held to: what is asked, what was measured, met or not."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from bench.quality.lineup import (
    MAIN,
    PAIR_SETS,
)
from bench.quality.pairs import coefficient, order_found, pair_effects, planted
from bench.quality.results import Difference, Results, baseline_names
from bench.quality.sets import SETS
from crossrec.evaluation.verdict import HELPS, HURTS, judge

MET, NOT_MET, UNKNOWN = "met", "**not met**", "not measured"

NO_TEXT_RATIO = 1.30
COLD_RATIO = 1.10
GATED = 0.1
"""A mean coefficient below this is "near 0"."""

ORDER = 0.9
SECONDS = {"food_kitchen": 30.0, "sample": 5.0, "demo": 30.0}
MEMORY_GB = 6.0
REAL = ("food_kitchen", "books_movies", "office_industrial", "ciao", "demo", "steam", "survey")


@dataclass(frozen=True)
class Bar:
    """One row of the table of bars.

    Attributes:
        topic: a word or two.
        asked: the bar.
        measured: in words and figures.
        verdict: :data:`MET`, :data:`NOT_MET` or :data:`UNKNOWN`.
    """

    topic: str
    asked: str
    measured: str
    verdict: str


@dataclass(frozen=True)
class Versus:
    """The engine against something, in one scenario and cohort."""

    name: str
    scenario: str
    cohort: str
    other: str
    found: Difference

    def __str__(self) -> str:
        d = self.found
        return (
            f"{self.name}/{self.scenario} {self.cohort} {d.first:.4f} against {d.second:.4f} "
            f"({self.other}), {d.value:+.4f} [{d.low:+.4f}, {d.high:+.4f}]"
        )


def bars(results: Results) -> list[Bar]:
    """All rows, in the order of the bars."""
    rows: list[Callable[[Results], list[Bar]]] = [
        _warm, _no_text, _few, _cold, _text_carries, _pairs, _planted, _cost,
    ]  # fmt: skip
    return [bar for row in rows for bar in row(results)]


def against_best(
    results: Results, name: str, scenario: str, cohort: str, candidates: list[str]
) -> Versus | None:
    """The engine against the candidate with the best mean on the very test users."""
    best = results.best(name, scenario, cohort, candidates)
    found = best and results.difference(name, scenario, cohort, MAIN, best)
    return Versus(name, scenario, cohort, best, found) if best and found else None


def _everywhere(results: Results, cohort: str) -> Iterator[Versus]:
    for name in results.sets:
        if name in SETS and SETS[name].saturated:
            continue
        for scenario in results.scenarios(name):
            found = against_best(results, name, scenario, cohort, baseline_names(name))
            if found:
                yield found


def _verdict(good: list[bool], expected: int | None = None) -> str:
    """Met only if everything expected was measured and is good."""
    if not good:
        return UNKNOWN
    whole = expected is None or len(good) == expected
    if all(good) and not whole:
        return UNKNOWN
    return MET if all(good) else NOT_MET


def _warm(results: Results) -> list[Bar]:
    found = list(_everywhere(results, "warm"))
    worse = [v for v in found if v.found.verdict == HURTS]
    better = [v for v in found if v.found.verdict == HELPS]
    below = "; ".join(map(str, worse)) or "none is worse"
    return [
        Bar(
            "warm",
            "every scenario of every set: not below the best baseline (interval not all below 0)",
            f"{len(found) - len(worse)} of {len(found)} scenarios; {below}",
            _verdict([v.found.verdict != HURTS for v in found]),
        ),
        Bar(
            "warm",
            "above the best baseline, interval above 0, in at least half of the scenarios",
            f"{len(better)} of {len(found)}: "
            + (", ".join(f"{v.name}/{v.scenario}" for v in better) or "none"),
            _verdict([2 * len(better) >= len(found)] if found else []),
        ),
    ]


def _ratios(
    results: Results, places: list[tuple[str, str]], cohort: str, ratio: float, **which: bool
) -> tuple[str, str]:
    texts, good = [], []
    for name, scenario in places:
        if name not in results.sets:
            continue
        found = against_best(results, name, scenario, cohort, baseline_names(name, **which))
        if found:
            texts.append(f"{found.found.ratio:.2f} x: {found}")
            good.append(found.found.ratio >= ratio)
    return "; ".join(texts) or "-", _verdict(good, len(places))


FOOD = [("food_kitchen", "food"), ("food_kitchen", "kitchen")]
BOOKS = [("books_movies", "book"), ("books_movies", "movie")]


def _no_text(results: Results) -> list[Bar]:
    measured, verdict = _ratios(results, FOOD, "warm", NO_TEXT_RATIO, uses_text=False)
    asked = f"food/kitchen: at least {NO_TEXT_RATIO:.2f} x the best tuned baseline without text"
    return [Bar("warm", asked, measured, verdict)]


def _few(results: Results) -> list[Bar]:
    texts, good = [], []
    for name, scenario in FOOD + BOOKS:
        if name in results.sets:
            only = baseline_names(name, pooled=False)
            found = against_best(results, name, scenario, "warm_few", only)
            if found:
                texts.append(str(found))
                good.append(found.found.value > 0)
    asked = "warm users with 5 or fewer target items: better than the best target-only baseline"
    return [Bar("warm, few items", asked, "; ".join(texts) or "-", _verdict(good, 4))]


def _cold(results: Results) -> list[Bar]:
    measured, verdict = _ratios(results, FOOD + BOOKS, "cold", COLD_RATIO)
    asked = f"at least {COLD_RATIO:.2f} x the best baseline in all four directions"
    return [Bar("cold users", asked, measured, verdict)]


def _text_carries(results: Results) -> list[Bar]:
    places = [("office_industrial", s, c) for s in ("industrial", "office") for c in
              ("warm", "cold_items")] + [(n, s, "cold_items") for n, s in FOOD]  # fmt: skip
    bars = []
    for other, asked in (
        ("Popularity", "with text clearly above popularity"),
        (f"{MAIN}, text shuffled", "with text above itself with shuffled text"),
    ):
        texts, good = [], []
        for name, scenario, cohort in places:
            if name in results.sets and scenario in results.scenarios(name):
                found = results.difference(name, scenario, cohort, MAIN, other)
                if found:
                    texts.append(str(Versus(name, scenario, cohort, other, found)))
                    good.append(found.verdict == HELPS)
        where = "office/industrial (warm, cold items), food/kitchen (cold items), interval above 0"
        verdict = _verdict(good, len(places))
        bars.append(Bar("text", f"{asked}: {where}", "; ".join(texts) or "-", verdict))
    return bars


def _pairs(results: Results) -> list[Bar]:
    bars = []
    for name, asked in (("ciao", "none of the 30 pairs"), ("demo", "none of the pairs")):
        if name not in results.sets:
            continue
        table = pair_effects(results, name, forced=False)
        hurt = table[table["verdict"] == HURTS]
        forced = pair_effects(results, name, forced=True)
        text = f"{len(hurt)} of {len(table)} hurt" + (
            ": " + ", ".join(f"{r.source}->{r.target}" for r in hurt.itertuples())
            if len(hurt)
            else ""
        )
        text += f" (with M = 1 for everybody: {(forced['verdict'] == HURTS).sum()})"
        verdict = _verdict([not len(hurt)] if len(table) else [])
        bars.append(
            Bar(
                "negative transfer", f"{name}: {asked} significantly negative (Holm)", text, verdict
            )
        )
    return bars


def _planted(results: Results) -> list[Bar]:
    if PAIR_SETS[-1] not in results.sets:
        return []
    table = planted(results)
    harmful = table[(table["verdict"] == "harmful")]
    texts, detected, gated = [], [], []
    for pair in harmful.itertuples():
        mean = coefficient(results, "sample", str(pair.source), str(pair.target), "cold")
        texts.append(
            f"{pair.source}->{pair.target}: forced effect on cold users of the planted segment "
            f"{pair.effect:+.4f} [{pair.low:+.4f}, {pair.high:+.4f}], n = {pair.users}, "
            f"p (Holm) {pair.p_holm:.3f}, mean M {mean:.3f}"
        )
        detected.append(judge(pair.low, pair.high, pair.p_holm, pair.users).verdict == HURTS)
        gated.append(mean < GATED)
    seen, raw = order_found(table)
    return [
        Bar("planted truth", "the audit of pairs detects the harmful pair (Holm)",
            "; ".join(texts) or "-", _verdict(detected)),
        Bar("planted truth", f"the harmful pair is gated to near 0 (mean M below {GATED})",
            "; ".join(texts) or "-", _verdict(gated)),
        Bar("planted truth", f"the planted order is recovered (Spearman at least {ORDER})",
            f"{seen:.2f} with effects whose interval holds 0 taken as 0 ({raw:.2f} as measured; "
            f"{len(table)} pairs)", _verdict([seen >= ORDER] if len(table) else [])),
    ]  # fmt: skip


def _cost(results: Results) -> list[Bar]:
    bars = []
    for name, limit in SECONDS.items():
        records = results.cost(name, MAIN)
        seconds = max((r["fit_seconds"] for r in records), default=0.0)
        memory = max((r["peak_gb"] for r in records), default=0.0)
        bars.append(
            Bar(
                "cost",
                f"{name}: a fit in {limit:.0f} s with features cached, under {MEMORY_GB:.0f} GB",
                f"fit at most {seconds:.0f} s, peak {memory:.1f} GB with judging"
                if records
                else "-",
                _verdict([seconds <= limit, memory < MEMORY_GB] if records else []),
            )
        )
    return bars
