"""Results -> figures. A function takes a result's table and returns a Plotly figure.

Nothing is read, written or estimated here; only this package knows Plotly. Every figure has a table
of the same numbers (its first argument) and a sentence of them (``..._alt``).
"""

from crossrec.plots.forest import forest_alt, forest_figure, forest_rows
from crossrec.plots.labels import (
    Labels,
    attribute_labels,
    bands_of,
    cluster_labels,
    drawn_rows,
    labels_of,
)
from crossrec.plots.lasso import inside, selected_rows
from crossrec.plots.map import map_alt, map_figure
from crossrec.plots.overview import (
    activity_alt,
    activity_figure,
    activity_rows,
    overlap_alt,
    overlap_figure,
    overlap_rows,
    token_alt,
    token_figure,
)
from crossrec.plots.own import own_alt, own_figure
from crossrec.plots.page import standalone
from crossrec.plots.paths import paths_alt, paths_figure
from crossrec.plots.space import space_figure
from crossrec.plots.theme import Theme, escape, marks
from crossrec.plots.tradeoff import tradeoff_alt, tradeoff_figure
from crossrec.plots.transfer import coefficient_pairs, transfer_alt, transfer_figure
from crossrec.plots.variety import variety_alt, variety_figure
from crossrec.plots.why import why_alt, why_figure, why_rows
from crossrec.plots.winners import TIE, Winners, user_changes, winners, winners_alt, winners_figure
from crossrec.plots.words import ENGLISH, Words, english

__all__ = [
    "ENGLISH",
    "TIE",
    "Labels",
    "Theme",
    "Winners",
    "Words",
    "activity_alt",
    "activity_figure",
    "activity_rows",
    "attribute_labels",
    "bands_of",
    "cluster_labels",
    "coefficient_pairs",
    "drawn_rows",
    "english",
    "escape",
    "forest_alt",
    "forest_figure",
    "forest_rows",
    "inside",
    "labels_of",
    "map_alt",
    "map_figure",
    "marks",
    "overlap_alt",
    "overlap_figure",
    "overlap_rows",
    "own_alt",
    "own_figure",
    "paths_alt",
    "paths_figure",
    "selected_rows",
    "space_figure",
    "standalone",
    "token_alt",
    "token_figure",
    "tradeoff_alt",
    "tradeoff_figure",
    "transfer_alt",
    "transfer_figure",
    "user_changes",
    "variety_alt",
    "variety_figure",
    "why_alt",
    "why_figure",
    "why_rows",
    "winners",
    "winners_alt",
    "winners_figure",
]
