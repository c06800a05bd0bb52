"""A decision tree as sentences."""

from collections.abc import Sequence

import numpy as np
from sklearn.tree import DecisionTreeClassifier

from crossrec.data.identification.context import Feature

_LEAF = -1


def tree_in_words(
    tree: DecisionTreeClassifier, features: Sequence[Feature], names: Sequence[str]
) -> tuple[str, ...]:
    """The tree from the root down, one line per question and answer, indented by two spaces.

    Questions whose two answers agree are passed over.

    Args:
        tree: fitted on the columns ``features``.
        features: what the columns are.
        names: the scenario of each class of the tree, in the order of ``tree.classes_``.
    """
    return tuple(_lines(tree, features, names, 0, 0))


def _lines(
    tree: DecisionTreeClassifier,
    features: Sequence[Feature],
    names: Sequence[str],
    node: int,
    depth: int,
) -> list[str]:
    inner = tree.tree_
    indent = "  " * depth
    answers = _answers(tree, node)
    if inner.children_left[node] == _LEAF or len(answers) == 1:
        value = inner.value[node][0]
        best = int(np.argmax(value))
        share = value[best] / value.sum()
        rows = int(inner.n_node_samples[node])
        return [f"{indent}{names[best]} ({share:.0%} of {rows:,} rows)"]
    yes, no = _question(features[inner.feature[node]], float(inner.threshold[node]))
    below, above = int(inner.children_left[node]), int(inner.children_right[node])
    # A yes-no feature is 1 for yes: what it says stands above its threshold.
    first, second = (above, below) if features[inner.feature[node]].value else (below, above)
    return [
        f"{indent}if {yes}:",
        *_lines(tree, features, names, first, depth + 1),
        f"{indent}if {no}:",
        *_lines(tree, features, names, second, depth + 1),
    ]


def _answers(tree: DecisionTreeClassifier, node: int) -> set[int]:
    inner = tree.tree_
    if inner.children_left[node] == _LEAF:
        return {int(np.argmax(inner.value[node][0]))}
    left, right = int(inner.children_left[node]), int(inner.children_right[node])
    return _answers(tree, left) | _answers(tree, right)


def _question(feature: Feature, threshold: float) -> tuple[str, str]:
    if feature.value is not None:
        link = "is about" if feature.column == "topic" else "is"
        negated = link.replace("is", "is not", 1)
        return (
            f"the {feature.column} {link} {feature.value}",
            f"the {feature.column} {negated} {feature.value}",
        )
    if feature.column in ("hour", "basket size"):
        low = int(np.floor(threshold))
        return (
            f"the {feature.column} is {low} or less",
            f"the {feature.column} is {low + 1} or more",
        )
    return f"{feature.column} is at most {threshold:g}", f"{feature.column} is above {threshold:g}"
