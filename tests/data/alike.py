"""Whether a finding says the same in every language."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from crossrec.data.audit.findings import Finding
from crossrec.data.wording import one_line
from crossrec.ui import i18n
from crossrec.ui.data_findings import finding_words
from crossrec.ui.format import plain

_NUMBER = re.compile(r"\d(?:[\d,.]*\d)?%?")
NOT_TRANSLATED = re.compile(r"ID|CSV|CrossRec|item_id|title")
"""What stays as it is in Chinese."""


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """A page in a language."""
    token = i18n._settled.set(language)
    try:
        yield
    finally:
        i18n._settled.reset(token)


def sentences(finding: Finding, language: str) -> tuple[str, str]:
    """What a page says of a finding."""
    with speaking(language):
        return finding_words(finding)


def names(finding: Finding) -> list[str]:
    """Names and words of the files that its sentences hold, as a page shows them."""
    values = [finding.scenario, *finding.values.values()]
    listed = [one for value in values for one in (value if isinstance(value, tuple) else [value])]
    return sorted((plain(one) for one in listed if isinstance(one, str)), key=len, reverse=True)


def check_alike(finding: Finding) -> None:
    """Fail unless pages say in English what the program says, and the same in Chinese."""
    english, chinese = sentences(finding, "en"), sentences(finding, "zh")
    where = f"{plain(finding.scenario)}: " if finding.withheld and finding.scenario else ""
    assert [line.replace("\\", "") for line in english] == [
        f"{where}{finding.what}.".replace("\\", ""),
        f"{finding.action}.".replace("\\", ""),
    ]
    for said, translated in zip(english, chinese, strict=True):
        assert not set("{}") & set(said + translated)
        assert sorted(_NUMBER.findall(said)) == sorted(_NUMBER.findall(translated))
        bare = NOT_TRANSLATED.sub("", translated)
        for name in names(finding):
            bare = bare.replace(name, "")
        assert not re.findall("[A-Za-z]", bare), translated
        assert translated.endswith("。")
    assert one_line(finding.scenario) in finding.what or finding.withheld
