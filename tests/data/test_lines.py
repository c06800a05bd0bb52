"""The lines on how files were read: plurals, scales that have no end, Chinese."""

import pytest

from crossrec.data import audit, read_log
from crossrec.data.reading.lines import reading_lines
from crossrec.data.reading.report import reading_report
from crossrec.report import words_of

HOURS = "user_id,item_id,scenario,rating\n" + "".join(
    f"u{n},i{n % 3},games,{n * 7.3 + 0.1:.1f}\n" for n in range(60)
)


def test_a_threshold_on_no_scale_is_told_with_the_dislikes(write):
    log = read_log(write(HOURS), positive_from=10.0)
    (finding,) = [one for one in audit(log).findings if one.rule == "dislikes"]
    assert (finding.key, finding.values["below"]) == ("dislikes.ratings", "10")


@pytest.fixture
def report(write):
    def _report(content: str, **options):
        return reading_report(read_log(write(content), **options), None, None)

    return _report


def test_one_is_not_many(report):
    *_, counts, people = reading_lines(report("user_id,item_id,scenario\nu,i,shop\n"))
    assert counts.startswith("1 row: 1 interaction, 0 only shown")
    assert people == "The interactions: 1 user, 1 item, 1 scenario"


def test_a_threshold_on_no_scale_has_no_ends(report):
    told = report(HOURS, positive_from=10.0)
    (line,) = [line for line in reading_lines(told) if line.startswith("Ratings")]
    assert line == "Ratings of games: liked from 10 on (as given), lower ones are dislikes"
    chinese = reading_lines(told, lambda key, **values: words_of("zh")(f"how_{key}", **values))
    assert "games 的评分：10 及以上视为喜欢（由您指定），更低的视为不喜欢" in chinese
