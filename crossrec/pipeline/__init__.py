"""The verbs: import, train and judge, recommend, explain."""

from crossrec.intake import RunInputs, import_data
from crossrec.pipeline.models import load_model, load_recommender
from crossrec.pipeline.run import RunConfig, run
from crossrec.pipeline.use import histories_of, recommend, recommend_one
from crossrec.pipeline.why import explain, explain_list, explain_users

__all__ = [
    "RunConfig",
    "RunInputs",
    "explain",
    "explain_list",
    "explain_users",
    "histories_of",
    "import_data",
    "load_model",
    "load_recommender",
    "recommend",
    "recommend_one",
    "run",
]
