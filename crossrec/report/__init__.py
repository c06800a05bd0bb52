"""Results -> one HTML file for people without the app, and the facts that runs are compared by."""

from crossrec.report.build import build_report
from crossrec.report.compared import cost, differences, settings_of
from crossrec.report.words import ENGLISH, english

__all__ = ["ENGLISH", "build_report", "cost", "differences", "english", "settings_of"]
