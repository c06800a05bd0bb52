"""That a run could not be judged, in the language of the page."""

from crossrec.evaluation import Unjudged, Why
from crossrec.ui.format import number, plain
from crossrec.ui.i18n import t


def words(none: Unjudged) -> tuple[str, str]:
    """Why nothing could be judged, and what to do about it: the words of the report."""
    what = t(
        f"report.unjudged_{none.why}",
        needed=none.needed,
        users=number(none.users),
        scenario=plain(none.scenario),
    )
    held = none.why is not Why.NO_HOLDOUT
    return what, t("report.unjudged_more" if held else "report.unjudged_hold_out")
