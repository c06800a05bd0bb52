"""Results -> one HTML file or four slides for people without the app, and what runs differ in."""

from crossrec.report.build import build_report
from crossrec.report.compared import cost, differences, settings_of
from crossrec.report.slides import build_slides, slides_possible
from crossrec.report.words import ENGLISH, LANGUAGES, words_of

__all__ = [
    "ENGLISH",
    "LANGUAGES",
    "build_report",
    "build_slides",
    "cost",
    "differences",
    "settings_of",
    "slides_possible",
    "words_of",
]
