"""A model server over HTTP that speaks OpenAI's protocol: one question, one checked answer.

What may go wrong is told apart: what passes (no connection, slow, 429, 5xx, an answer that is no
JSON) is asked again after a growing pause; what does not (no such model, a wrong key) ends at once.
The key comes from the environment only, and never stands in a message, a log or a result.
"""

import ipaddress
import json
import os
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.message import Message
from http.client import HTTPException
from typing import Any, TypeVar
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, ProxyHandler, Request, build_opener

from crossrec.errors import EndpointFailed
from crossrec.progress import Progress, silent

KEY_VARIABLE = "CROSSREC_ENDPOINT_KEY"
TIMEOUT_VARIABLE = "CROSSREC_ENDPOINT_TIMEOUT"

Answer = TypeVar("Answer")

_PASSING = {408, 409, 425, 429}
_MOST_BYTES = 256 * 2**20
_LONGEST_PAUSE = 60.0  # seconds
_TICK = 0.5  # seconds between two looks at whether the person cancelled


class _NoRedirect(HTTPRedirectHandler):
    """A redirect would carry the key to another host."""

    def redirect_request(self, *_args: Any, **_named: Any) -> None:
        return None


class _Passing(Exception):
    """A fault that may be gone when asked again."""

    def __init__(self, said: str, pause: float = 0.0) -> None:
        super().__init__(said)
        self.pause = pause


@dataclass(frozen=True)
class ModelServer:
    """Where questions go.

    Attributes:
        url: of the API, e.g. "http://127.0.0.1:11434/v1".
        timeout: seconds to wait for an answer; default the environment variable
            CROSSREC_ENDPOINT_TIMEOUT, else 60.
        tries: how often one question is asked at most.
        pause: seconds before the second try; doubled each time, up to a minute, and varied by a
            quarter so that many clients do not come back together. The server's own Retry-After
            goes first.

    Raises:
        EndpointFailed: the address is not one, or would carry the key in clear over a network.
    """

    url: str
    timeout: float = field(default_factory=lambda: _seconds(os.environ.get(TIMEOUT_VARIABLE)))
    tries: int = 6
    pause: float = 1.0

    def __post_init__(self) -> None:
        parts = urlsplit(self.url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.username:
            raise EndpointFailed(
                "expected the address of a model server, such as http://127.0.0.1:11434/v1",
                repr(f"{parts.scheme}://{parts.hostname or ''}"),
                f"A key goes into the environment variable {KEY_VARIABLE}, never into the address",
            )
        object.__setattr__(self, "url", self.url.rstrip("/"))
        if _key() and parts.scheme == "http" and not _is_near(parts.hostname):
            raise EndpointFailed(
                "expected https for a server on the internet, since a key is set",
                f"{parts.scheme}://{parts.hostname}",
                f"Use https, or unset {KEY_VARIABLE}",
            )

    @classmethod
    def named(cls, name: str) -> "tuple[ModelServer, str]":
        """The server and the model that ``http://HOST/v1#MODEL`` names.

        Raises:
            EndpointFailed: the name is not of this form.
        """
        url, _, model = name.partition("#")
        server = cls(url)
        if not model.strip():
            raise EndpointFailed(
                "expected the model's name after the address, as in http://127.0.0.1:11434/v1#NAME",
                repr(name),
            )
        return server, model.strip()

    def post(
        self,
        path: str,
        question: Mapping[str, Any],
        check: Callable[[Any], Answer],
        *,
        progress: Progress = silent,
        at: tuple[float, float] = (0, 1),
    ) -> Answer:
        """Send a question and return the checked answer.

        Args:
            path: below the URL, e.g. "/embeddings".
            question: the JSON body.
            check: turns the answer's JSON into what is wanted; raises ValueError, KeyError,
                TypeError or IndexError where it is not what was asked for (it is asked again).
            progress: phase "features"; told while it waits, so that a person can cancel.
            at: where the work stands, done and total, for ``progress``.

        Raises:
            EndpointFailed: the server refuses, or fails as often as ``tries``.
        """
        last = ""
        for attempt in range(self.tries):
            try:
                return check(self._ask(path, question))
            except _Passing as fault:
                last, pause = str(fault), fault.pause
            except (ValueError, KeyError, TypeError, IndexError) as error:
                last, pause = f"an answer of another form ({type(error).__name__}: {error})", 0.0
            last = _without_key(last)
            if attempt + 1 < self.tries:
                self._wait(pause or self.pause * 2**attempt, last, progress, at)
        raise EndpointFailed(
            f"expected an answer from the model server {self.url}",
            f"{last}, {self.tries} times",
            "Start it or try later: what was read so far is kept, and the same command goes on",
        )

    def _wait(self, seconds: float, why: str, progress: Progress, at: tuple[float, float]) -> None:
        seconds = min(seconds, _LONGEST_PAUSE) * random.uniform(1.0, 1.25)
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            progress("features", *at, f"{why}; asking again in {left:.0f} s")
            time.sleep(min(left, _TICK))

    def _ask(self, path: str, question: Mapping[str, Any]) -> Any:
        request = Request(
            self.url + path,
            data=json.dumps(question).encode(),
            headers={"Content-Type": "application/json", "Accept": "application/json", **_bearer()},
        )
        try:
            with self._opener.open(request, timeout=self.timeout) as reply:
                body = reply.read(_MOST_BYTES + 1)
        except HTTPError as error:
            with error:
                raise self._refused(error.code, error.headers, error.read(2_000)) from error
        except TimeoutError as error:
            raise _Passing(f"no answer within {self.timeout:g} s") from error
        except (URLError, HTTPException, OSError) as error:
            raise _Passing(_reason(error, self.timeout)) from error
        if len(body) > _MOST_BYTES:
            raise EndpointFailed("expected an answer of at most 256 MB", "a larger one")
        try:
            return json.loads(body)
        except ValueError as error:
            raise _Passing(f"an answer that is no JSON ({body[:40]!r})") from error

    @property
    def _opener(self) -> Any:
        # A proxy is for the way out; what runs on this machine or network is asked directly.
        near = _is_near(urlsplit(self.url).hostname or "")
        return build_opener(_NoRedirect, *([ProxyHandler({})] if near else []))

    def _refused(self, code: int, headers: Message, body: bytes) -> Exception:
        said = _without_key(" ".join(body.decode(errors="replace").split())[:200])
        if code in _PASSING or code >= 500:
            return _Passing(f"HTTP {code}", _retry_after(headers.get("Retry-After", "")))
        action = {
            401: f"Set the environment variable {KEY_VARIABLE} to your key",
            403: f"Set the environment variable {KEY_VARIABLE} to a key that may use this model",
            404: "Check the address (it usually ends in /v1) and the model's name after the #",
        }.get(code, "Check the model's name after the #, and what the server's log says")
        return EndpointFailed(
            f"expected an answer from the model server {self.url}", f"HTTP {code}: {said}", action
        )


def _seconds(text: str | None) -> float:
    try:
        return max(float(text or 60), 0.1)
    except ValueError:
        return 60.0


def _key() -> str:
    return os.environ.get(KEY_VARIABLE, "").strip()


def _bearer() -> dict[str, str]:
    return {"Authorization": f"Bearer {_key()}"} if _key() else {}


def _without_key(text: str) -> str:
    """A server may quote the key it refuses."""
    return text.replace(_key(), "***") if _key() else text


def _retry_after(text: str) -> float:
    return min(float(text), _LONGEST_PAUSE) if text.strip().isdigit() else 0.0


def _reason(error: Exception, timeout: float) -> str:
    reason = getattr(error, "reason", error)
    if isinstance(reason, TimeoutError):
        return f"no answer within {timeout:g} s"
    return f"no connection ({getattr(reason, 'strerror', None) or reason or type(reason).__name__})"


def _is_near(host: str) -> bool:
    """Whether a host is this machine or on its own network."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return "." not in host or host.endswith((".local", ".internal", ".lan"))
    return address.is_loopback or address.is_private
