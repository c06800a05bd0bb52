"""Who writes a reason: the bundled generator, a model of one's own, or a model server."""

from collections.abc import Mapping, Sequence
from typing import Any

from crossrec.errors import ModelMissing
from crossrec.explanation.reason import Language, Writer
from crossrec.language.bundled import SMOLLM
from crossrec.language.generator import Generator, load_generator
from crossrec.language.server import ModelServer
from crossrec.language.written import write_cached


class RememberedWriter:
    """A generator whose texts are kept on disk: the same facts are never written about twice.

    Args:
        generator: what writes.
    """

    def __init__(self, generator: Generator) -> None:
        self.generator = generator

    @property
    def id(self) -> str:
        """The generator's name."""
        return self.generator.id

    def write(
        self,
        prompts: Sequence[str],
        *,
        max_tokens: int = 48,
        answer: str = "",
        words: Sequence[Sequence[str]] | None = None,
    ) -> list[str]:
        """One text per prompt, as :class:`crossrec.explanation.reason.Writer` says."""
        return write_cached(
            self.generator, prompts, max_tokens=max_tokens, answer=answer, words=words
        )


class EndpointWriter:
    """A chat model behind an endpoint; titles of history items are sent to it.

    Args:
        server: where it is.
        model: its name there.
    """

    def __init__(self, server: ModelServer, model: str) -> None:
        self.server, self.model = server, model

    @property
    def id(self) -> str:
        """Address and model."""
        return f"{self.server.url}#{self.model}"

    def write(
        self,
        prompts: Sequence[str],
        *,
        max_tokens: int = 48,
        answer: str = "",
        words: Sequence[Sequence[str]] | None = None,
    ) -> list[str]:
        """One text per prompt; how it begins and its words are left to the model.

        Raises:
            EndpointFailed: the server refuses, or does not answer for long.
        """
        del answer, words  # a chat model has no such settings, and needs them less
        return [self._asked(prompt, max_tokens) for prompt in prompts]

    def _asked(self, prompt: str, max_tokens: int) -> str:
        question: Mapping[str, Any] = {
            "model": self.model,
            "messages": [{"role": "user", "content": prompt}],
            "temperature": 0,
            "max_tokens": max_tokens,
        }
        return self.server.post("/chat/completions", question, _content)


def _content(answer: Any) -> str:
    said = answer["choices"][0]["message"]["content"]
    if not isinstance(said, str):
        raise TypeError("no text")
    return said


def load_writer(name: str = SMOLLM, language: Language = "en") -> Writer:
    """The writer of a name: a bundled generator, a local folder, or ``http://HOST/v1#MODEL``.

    Raises:
        ModelMissing: the model is not on this machine, or does not write in this language.
        EndpointFailed: the address is not one.
    """
    if name.startswith(("http://", "https://")):
        return EndpointWriter(*ModelServer.named(name))
    if name == SMOLLM and language != "en":
        raise ModelMissing(
            "expected a model that writes Chinese",
            f"{SMOLLM}, which writes English alone",
            "Name a folder with another model, or a model server as http://HOST/v1#NAME",
        )
    return RememberedWriter(load_generator(name))
