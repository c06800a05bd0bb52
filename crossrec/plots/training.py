"""F5, training curves: whether training may stop, and where it was best."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import pandas as pd
import plotly.graph_objects as go

from crossrec.evaluation import TRANSFER
from crossrec.plots.theme import PALETTES, Theme, blank, marks, plain, short
from crossrec.plots.words import Words, english
from crossrec.schema import SCENARIO

MOST_STEPS: Final = 1_000


def curve_rows(history: Sequence[Mapping[str, Any]], *, model: str = TRANSFER) -> pd.DataFrame:
    """The training history as a long table.

    Args:
        history: ``TransferModel.history_``: per entry ``step``, ``train_loss``, ``valid_loss`` and
            ``valid_ndcg`` (one number, or one by scenario name); anything but ``step`` may be
            missing, None or NaN. Entries with another ``model`` are left out.
        model: whose curves.

    Returns:
        ``step``, ``series`` ("train_loss", "valid_loss", "valid_ndcg"), ``scenario`` ("" for all
        of them) and ``value``; at most :data:`MOST_STEPS` evenly chosen steps and the last.
    """
    history = [entry for entry in history if entry.get("model", model) == model]
    every = max(1, -(-len(history) // MOST_STEPS))
    kept = [*history[::every], *([history[-1]] if (len(history) - 1) % every else [])]
    rows = []
    for entry in kept:
        step = entry["step"]
        rows += [
            (step, series, "", float(entry[series]))
            for series in ("train_loss", "valid_loss")
            if entry.get(series) is not None
        ]
        found = entry.get("valid_ndcg")
        by_scenario = found if isinstance(found, Mapping) else {"": found}
        rows += [
            (step, "valid_ndcg", name, float(value))
            for name, value in by_scenario.items()
            if value is not None
        ]
    return pd.DataFrame(rows, columns=["step", "series", SCENARIO, "value"])


def best_step(rows: pd.DataFrame) -> tuple[int, float] | None:
    """The first step with the highest mean validation NDCG, and that mean; None without any."""
    judged = rows.loc[(rows["series"] == "valid_ndcg") & rows["value"].notna()]
    if judged.empty:
        return None
    means: pd.Series = judged.groupby("step")["value"].mean()
    at = int(means.to_numpy().argmax())
    return int(means.index[at]), float(means.iloc[at])


def training_figure(
    rows: pd.DataFrame,
    scenarios: Sequence[str],
    *,
    theme: Theme = "light",
    words: Words = english,
) -> go.Figure:
    """Loss above (solid: train, dashed: validation), validation NDCG by scenario below.

    Args:
        rows: of :func:`curve_rows`.
        scenarios: scenario names in the run's order (they fix the colours).
        theme: light or dark.
        words: the sentences.
    """
    palette, look = PALETTES[theme], marks(scenarios)
    figure = blank(theme, height=420)
    losses = (("train_loss", "curves_train", "solid"), ("valid_loss", "curves_valid", "dash"))
    for series, key, dash in losses:
        mine = rows.loc[rows["series"] == series]
        if len(mine):
            line = {"color": palette.text, "dash": dash, "width": 2}
            figure.add_trace(_line(mine, words(key), "y2", line))
    for name in ("", *scenarios):
        mine = rows.loc[(rows["series"] == "valid_ndcg") & (rows[SCENARIO] == name)]
        if len(mine):
            colour = look[name].colour if name else palette.text
            label = short(name) if name else words("curves_axis_metric")
            trace = _line(mine, label, "y", {"color": colour, "width": 2})
            symbol = look[name].symbol if name else "circle"
            shape = {"symbol": symbol, "size": 8, "maxdisplayed": 9, "color": colour}
            figure.add_trace(trace.update(mode="lines+markers", marker=shape))
    best = best_step(rows)
    if best is not None:
        figure.add_vline(x=best[0], line={"color": palette.muted, "width": 1, "dash": "dot"})
        figure.add_annotation(
            x=best[0],
            y=0.5,
            yref="paper",
            text=words("curves_best", step=f"{best[0]:,}"),
            showarrow=False,
            font={"size": 12, "color": palette.text},
            bgcolor=palette.surface,
        )
    figure.update_xaxes(title_text=words("curves_axis_step"), anchor="y", rangemode="tozero")
    axis = figure.to_dict()["layout"]["yaxis"]
    for name, key, domain in (
        ("yaxis", "curves_axis_metric", [0.0, 0.46]),
        ("yaxis2", "curves_axis_loss", [0.54, 1.0]),
    ):
        title = {**axis["title"], "text": words(key)}
        figure.update_layout({name: {**axis, "domain": domain, "title": title}})
    return figure


def _line(rows: pd.DataFrame, name: str, axis: str, line: dict[str, Any]) -> go.Scatter:
    return go.Scatter(
        x=rows["step"].tolist(),
        y=rows["value"].tolist(),
        mode="lines+markers" if len(rows) <= 2 else "lines",
        name=name,
        line=line,
        yaxis=axis,
        hovertext=[f"{name}: {plain(value, 4)}" for value in rows["value"]],
        hoverinfo="text+x",
    )


def training_alt(rows: pd.DataFrame, *, words: Words = english) -> str:
    """The curves as a sentence of numbers."""
    best = best_step(rows)
    return words(
        "curves_alt",
        steps=f"{max(rows['step'].tolist(), default=0):,}",
        best="–" if best is None else f"{best[0]:,}",
        value="–" if best is None else plain(best[1]),
    )
