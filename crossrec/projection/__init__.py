"""Drawing vectors on a plane: where items and users stand, and how much the scenarios mix."""

from crossrec.projection.clusters import cluster_words, clusters_of
from crossrec.projection.layout import Projection, project
from crossrec.projection.mixing import Mixing, mixing_score
from crossrec.projection.run import project_run

__all__ = [
    "Mixing",
    "Projection",
    "cluster_words",
    "clusters_of",
    "mixing_score",
    "project",
    "project_run",
]
