"""The verbs: import, train and judge, recommend, explain."""

from crossrec.intake import RunInputs, import_data
from crossrec.pipeline.run import RunConfig, run
from crossrec.pipeline.use import (
    explain,
    explain_list,
    histories_of,
    load_model,
    recommend,
    recommend_one,
)

__all__ = [
    "RunConfig",
    "RunInputs",
    "explain",
    "explain_list",
    "histories_of",
    "import_data",
    "load_model",
    "recommend",
    "recommend_one",
    "run",
]
