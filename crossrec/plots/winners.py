"""F8, winners and losers: whether a mean hides harm."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from crossrec.evaluation import TARGET_ONLY, TRANSFER
from crossrec.evaluation.protocol import FEW
from crossrec.plots.theme import PALETTES, Theme, blank, plain, signed
from crossrec.plots.words import Words, english
from crossrec.schema import SCENARIO, USER

TIE: Final = 1e-9
"""A change no larger than this is a tie."""
BINS: Final = 40


@dataclass(frozen=True)
class Winners:
    """The change per user, counted.

    Attributes:
        bins: ``low, high, users`` of the users whose value changed, from the lowest change up; no
            bin holds zero inside it.
        n: all users; ``helped``, ``harmed`` and ``tied`` add up to it.
        median: of the changed users (nearly always most users tie); NaN where nobody changed.
    """

    bins: pd.DataFrame
    n: int
    helped: int
    harmed: int
    tied: int
    median: float

    def share(self, count: int) -> float:
        """A count as share of all users; NaN where there are none."""
        return count / self.n if self.n else float("nan")


def user_changes(
    per_user: pd.DataFrame,
    *,
    scenario: str,
    cohort: str = "all",
    metric: str = "ndcg",
    model: str = TRANSFER,
    baseline: str = TARGET_ONLY,
) -> pd.DataFrame:
    """What each user gained or lost, out of :attr:`RunReport.per_user`.

    Args:
        per_user: the report's table.
        scenario: target scenario.
        cohort: "all", "warm", "warm_few" or "cold".
        metric: a metric column.
        model: the model with transfer.
        baseline: the model without.

    Returns:
        ``user_id, without, with_transfer, change`` of the users both models were judged on, from
        the greatest loss to the greatest gain.
    """
    here = per_user.loc[per_user[SCENARIO] == scenario]
    if cohort == "warm_few":
        here = here.loc[here["target_items"].between(1, FEW)]
    elif cohort != "all":
        here = here.loc[here["cohort"] == cohort]
    sides = [
        here.loc[here["model"] == name, [USER, metric]].rename(columns={metric: side})
        for name, side in ((baseline, "without"), (model, "with_transfer"))
    ]
    both = sides[0].merge(sides[1], on=USER)
    changed = both.assign(change=both["with_transfer"] - both["without"])
    return changed.sort_values("change", kind="stable").reset_index(drop=True)


def winners(changes: pd.DataFrame, *, least: int = 1) -> Winners:
    """Count the changes of :func:`user_changes` into bins.

    Args:
        changes: a row per user.
        least: smallest group of users that is shown: bins of fewer are left out.
    """
    change = changes["change"].to_numpy(dtype=float)
    moved = change[np.abs(change) > TIE]
    bins = pd.DataFrame({"low": [], "high": [], "users": []}, dtype=float)
    if len(moved):
        width = np.abs(moved).max() / (BINS / 2)
        # Bins are (low, high] below zero and above it, so that no bar mixes gain and loss.
        place = np.where(moved > 0, np.ceil(moved / width) - 1, np.floor(moved / width))
        at, users = np.unique(place.clip(-BINS / 2, BINS / 2 - 1), return_counts=True)
        bins = pd.DataFrame({"low": at * width, "high": (at + 1) * width, "users": users})
        bins = bins.loc[bins["users"] >= least].reset_index(drop=True)
    return Winners(
        bins=bins,
        n=len(change),
        helped=int((moved > 0).sum()),
        harmed=int((moved < 0).sum()),
        tied=len(change) - len(moved),
        median=float(np.median(moved)) if len(moved) else float("nan"),
    )


def winners_figure(
    counted: Winners, *, metric: str = "NDCG", theme: Theme = "light", words: Words = english
) -> go.Figure:
    """Histogram of the change per user: losses orange, gains blue, ties told and not drawn.

    The dotted line is the median of the users whose value changed.

    Args:
        counted: of :func:`winners`.
        metric: name of the metric as shown.
        theme: light or dark.
        words: the sentences.
    """
    palette = PALETTES[theme]
    figure = blank(theme, height=300, legend=False)
    bins = counted.bins
    centre = (bins["low"] + bins["high"]) / 2
    figure.add_trace(
        go.Bar(
            x=centre.tolist(),
            y=bins["users"].tolist(),
            width=((bins["high"] - bins["low"]) * 0.92).tolist(),
            marker={
                "color": [palette.better if x > 0 else palette.worse for x in centre],
                "pattern": {"shape": ["" if x > 0 else "/" for x in centre], "fillmode": "overlay"},
                "line": {"width": 0},
            },
            hovertext=[
                words(
                    "winners_hover",
                    low=signed(row["low"]),
                    high=signed(row["high"]),
                    n=f"{int(row['users']):,}",
                )
                for row in bins.to_dict("records")
            ],
            hoverinfo="text",
        )
    )
    for side, key, count, anchor in (
        (0.0, "harmed", counted.harmed, "left"),
        (1.0, "helped", counted.helped, "right"),
    ):
        figure.add_annotation(
            x=side,
            y=1,
            xref="paper",
            yref="paper",
            xanchor=anchor,
            yanchor="bottom",
            showarrow=False,
            text=f"<b>{_percent(counted.share(count))}</b> {words(key)} ({count:,})",
            font={"size": 13, "color": palette.text},
        )
    figure.add_annotation(
        x=0.5,
        y=1,
        xref="paper",
        yref="paper",
        yanchor="bottom",
        showarrow=False,
        text=f"{_percent(counted.share(counted.tied))} {words('tied')} ({counted.tied:,})",
        font={"size": 13, "color": palette.muted},
    )
    figure.add_vline(x=0, line={"color": palette.muted, "width": 1.5})
    if not np.isnan(counted.median):
        figure.add_vline(
            x=counted.median,
            line={"color": palette.text, "width": 1.5, "dash": "dot"},
        )
    reach = float(bins[["low", "high"]].abs().to_numpy().max()) * 1.03 if len(bins) else 1.0
    figure.update_xaxes(
        title_text=words("winners_axis", metric=metric), range=[-reach, reach], tickformat="+.2~f"
    )
    figure.update_yaxes(title_text=words("winners_users"), rangemode="tozero")
    figure.update_layout(margin={"t": 32}, bargap=0)
    return figure


def winners_alt(counted: Winners, *, words: Words = english) -> str:
    """The histogram as a sentence of numbers."""
    return words(
        "winners_alt",
        n=f"{counted.n:,}",
        helped=_percent(counted.share(counted.helped)),
        harmed=_percent(counted.share(counted.harmed)),
        tied=_percent(counted.share(counted.tied)),
        median=signed(counted.median),
    )


def _percent(share: float) -> str:
    return "–" if np.isnan(share) else f"{plain(100 * share, 0)} %"
