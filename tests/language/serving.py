"""A model server on loopback that speaks OpenAI's protocol, with the faults a test asks for."""

import json
import time
from collections.abc import Callable
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import numpy as np


def vector_of(text: str, dim: int = 6) -> list[float]:
    """What the server answers for a text."""
    seed = sum(ord(letter) * (at + 1) for at, letter in enumerate(text))
    return np.random.default_rng(seed).normal(size=dim).tolist()


class Served:
    """What the server saw, and the faults still to come, one per request.

    A fault is a status code, "slow", "hang up", bytes to answer, or a function of the JSON answer.
    """

    def __init__(self) -> None:
        self.asked: list[list[str]] = []
        self.keys: list[str | None] = []
        self.faults: list[int | str | bytes | Callable[[dict], dict]] = []
        self.always: int | None = None
        self.retry_after: str | None = None
        self.slow = 1.0
        self.url = ""

    @property
    def texts(self) -> list[str]:
        """Every text that was answered, in order."""
        return [text for batch in self.asked for text in batch]


class _Handler(BaseHTTPRequestHandler):
    served: Served

    def do_POST(self) -> None:
        question = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.served.keys.append(self.headers.get("Authorization"))
        fault = self.served.faults.pop(0) if self.served.faults else self.served.always
        if isinstance(fault, int):
            body = f"no, not with {self.headers.get('Authorization')}".encode()
            self._answer(fault, body)
        elif fault == "hang up":
            self.close_connection = True
        elif isinstance(fault, bytes):
            self._answer(200, fault)
        else:
            if fault == "slow":
                time.sleep(self.served.slow)
            answer = self._embeddings(question)
            if callable(fault):
                answer = fault(answer)
            else:
                self.served.asked.append(question["input"])
            self._answer(200, json.dumps(answer).encode())

    def _embeddings(self, question: dict) -> dict:
        rows = [
            {"index": at, "embedding": vector_of(text)} for at, text in enumerate(question["input"])
        ]
        return {"data": rows[::-1], "model": question["model"]}

    def _answer(self, code: int, body: bytes) -> None:
        self.send_response(code)
        if code == 429 and self.served.retry_after:
            self.send_header("Retry-After", self.served.retry_after)
        if code in (301, 302, 307):
            self.send_header("Location", self.served.url + "/elsewhere")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        try:
            self.wfile.write(body)
        except OSError:  # the client has given up waiting
            self.close_connection = True

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def serving():
    """A running server; yields its :class:`Served`."""
    served = Served()
    handler = type("Handler", (_Handler,), {"served": served})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    served.url = f"http://127.0.0.1:{server.server_address[1]}/v1"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield served
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
