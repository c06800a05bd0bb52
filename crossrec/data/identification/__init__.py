"""Telling the scenario of rows that do not name it. Source: 002 §3.2 step 1.

From when, how and with what somebody acted: a decision tree and a random forest where some rows are
labelled, clusters where none is. Judged before it is used, and used only on request.
"""

from crossrec.data.identification.clusters import Clusters, cluster
from crossrec.data.identification.context import ContextRows, Feature, context_rows
from crossrec.data.identification.identify import Identification, assign, identify
from crossrec.data.identification.words import tree_in_words

__all__ = [
    "Clusters",
    "ContextRows",
    "Feature",
    "Identification",
    "assign",
    "cluster",
    "context_rows",
    "identify",
    "tree_in_words",
]
