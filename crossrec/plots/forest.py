"""F7, the forest plot: for whom transfer helps, and how sure that is."""

from collections.abc import Sequence
from dataclasses import asdict, fields
from typing import Final

import pandas as pd
import plotly.graph_objects as go

from crossrec.evaluation import COHORTS, INCONCLUSIVE, SELECTION, UNCHANGED, Answer, rule, tell
from crossrec.plots.theme import (
    PALETTES,
    Theme,
    blank,
    escape,
    limit,
    marks,
    short,
    signed,
    wrapped,
)
from crossrec.plots.words import Words, english
from crossrec.schema import SCENARIO

MOST_ROWS: Final = 40
HOLLOW: Final = (INCONCLUSIVE, UNCHANGED)


def forest_rows(answers: Sequence[Answer], scenarios: Sequence[str]) -> pd.DataFrame:
    """The lifts of a summary by scenario, and within one by cohort.

    Args:
        answers: of :func:`crossrec.evaluation.summary`.
        scenarios: scenario names in the run's order.

    Returns:
        A row per answer with its fields as columns, at most :data:`MOST_ROWS`.
    """
    place = {name: at for at, name in enumerate(scenarios)}
    rank = {name: at for at, name in enumerate((*COHORTS, SELECTION))}
    ordered = sorted(answers, key=lambda one: (place[one.scenario], rank[one.cohort]))
    names = [field.name for field in fields(Answer)]
    return pd.DataFrame([asdict(one) for one in ordered[:MOST_ROWS]], columns=names)


def forest_figure(
    rows: pd.DataFrame,
    scenarios: Sequence[str],
    *,
    metric: str = "NDCG",
    theme: Theme = "light",
    words: Words = english,
) -> go.Figure:
    """F7: one line per target and cohort: value, 95 % interval, the zero line, n at the right.

    A mark is hollow where the lift is inconclusive, or nothing changed.

    Args:
        rows: of :func:`forest_rows`.
        scenarios: all scenario names in the run's order (they fix the colours).
        metric: name of the lifted metric as shown.
        theme: light or dark.
        words: the sentences.
    """
    palette, look = PALETTES[theme], marks(scenarios)
    figure = blank(theme, height=90 + 34 * len(rows), legend=False)
    reach = limit([*rows["low"], *rows["high"]]) * 1.12
    labels = []
    for at, row in enumerate(rows.to_dict("records")):
        mark = look[row[SCENARIO]]
        cohort = words(f"cohort_{row['cohort']}")
        first = at == 0 or rows[SCENARIO].iloc[at - 1] != row[SCENARIO]
        labels.append(f"<b>{short(row[SCENARIO])}</b> · {cohort}" if first else cohort)
        said = words(
            "forest_part",
            scenario=escape(row[SCENARIO]),
            cohort=cohort,
            value=signed(row["lift"]),
            low=signed(row["low"]),
            high=signed(row["high"]),
            verdict=tell(row["verdict"], row["why"], words),
        )
        figure.add_trace(
            go.Scatter(
                x=[row["lift"]],
                y=[at],
                error_x={
                    "type": "data",
                    "symmetric": False,
                    "array": [row["high"] - row["lift"]],
                    "arrayminus": [row["lift"] - row["low"]],
                    "thickness": 2,
                    "width": 5,
                    "color": mark.colour,
                },
                mode="markers",
                marker={
                    "color": palette.surface if row["verdict"] in HOLLOW else mark.colour,
                    "symbol": mark.symbol,
                    "size": 10,
                    "line": {"color": mark.colour, "width": 2},
                },
                hovertext=[f"{said}<br>n = {row['n']:,}<br>{wrapped(rule(words))}"],
                hoverinfo="text",
                customdata=[[str(row[SCENARIO]), row["cohort"]]],
            )
        )
        figure.add_annotation(
            x=1,
            xref="paper",
            xanchor="left",
            xshift=8,
            y=at,
            showarrow=False,
            text=f"{signed(row['lift'])}   n = {row['n']:,}",
            font={"size": 12, "color": palette.muted},
        )
        if first and at:
            figure.add_hline(y=at - 0.5, line={"color": palette.grid, "width": 1})
    figure.add_vline(x=0, line={"color": palette.muted, "width": 1.5})
    figure.update_xaxes(
        title_text=words("forest_axis", metric=metric), range=[-reach, reach], tickformat="+.3~f"
    )
    figure.update_yaxes(
        tickvals=list(range(len(labels))),
        ticktext=labels,
        range=[len(labels) - 0.4, -0.6],
        showgrid=False,
    )
    figure.update_layout(margin={"r": 140})
    return figure


def forest_alt(rows: pd.DataFrame, *, metric: str = "NDCG", words: Words = english) -> str:
    """The forest plot as a sentence of numbers."""
    parts = [
        words(
            "forest_part",
            scenario=row[SCENARIO],
            cohort=words(f"cohort_{row['cohort']}"),
            value=signed(row["lift"]),
            low=signed(row["low"]),
            high=signed(row["high"]),
            verdict=tell(row["verdict"], row["why"], words),
        )
        for row in rows.to_dict("records")
    ]
    return words("forest_alt", metric=metric, parts="; ".join(parts) or "–")
