"""Lists of JSON objects, and objects printed over several lines: each as one line of text."""

import json
import re
from collections.abc import Iterator
from typing import IO

_HEAD = 1 << 16
_BLOCK = 1 << 20
_LONGEST = 1 << 23
"""An object of more characters is none."""
_SPACE = "\ufeff \t\r\n"
_BETWEEN = re.compile(r"[\s,\ufeff]*")
_BREAK = re.compile(r"\s*[\r\n]\s*")
_NEXT = re.compile(r"\}\s*,\s*(?=\{)|\n\s*(?=\{)")
"""Where an object begins behind one that cannot be parsed."""


def is_list(text: IO[str]) -> bool:
    """Whether a text is a list, or begins with an object that goes on behind its first line."""
    line = text.read(_HEAD).strip(_SPACE).partition("\n")[0].strip(_SPACE)
    return line.startswith("[") or line == "{"


def objects(text: IO[str]) -> Iterator[str]:
    """The elements of a list, or objects one after the other, each as one line.

    What is no JSON is handed on as it stands, up to where the next object begins.
    """
    decode, left, at, whole = json.JSONDecoder().raw_decode, "", 0, False
    while not whole:
        block = text.read(_BLOCK)
        left, at, whole = left[at:] + block, 0, not block
        while True:
            at = _behind(_BETWEEN, left, at)
            if left[at : at + 1] == "[":  # of the list itself: its elements are objects
                at += 1
                continue
            if at == len(left) or left[at] == "]":
                break
            try:
                end = decode(left, at)[1]
            except (ValueError, RecursionError):
                if not whole and len(left) - at < _LONGEST:
                    break  # the object may go on in the next block
                found = _NEXT.search(left, at + 1)
                end = found.end() if found else len(left)
            yield _BREAK.sub(" ", left[at:end]).rstrip(f",]{_SPACE}" if end == len(left) else ", ")
            at = end


def _behind(pattern: re.Pattern[str], text: str, at: int) -> int:
    found = pattern.match(text, at)
    return found.end() if found else at
