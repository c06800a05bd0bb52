"""Why: the exact terms of a score."""

from crossrec.explanation.contributions import COLUMNS, Explanation, contributions, explain

__all__ = ["COLUMNS", "Explanation", "contributions", "explain"]
