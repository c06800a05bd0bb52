"""The transformers library without network calls, progress bars and load reports."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

OFFLINE_VARIABLE = "HF_HUB_OFFLINE"


@contextmanager
def quiet_transformers() -> Iterator[Any]:
    """Import transformers offline and keep it silent for the length of the block."""
    with _offline():
        import transformers
        from transformers.utils import logging

    level, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        yield transformers
    finally:
        logging.set_verbosity(level)
        if bars:
            logging.enable_progress_bar()


@contextmanager
def _offline() -> Iterator[None]:
    """The libraries look at the variable once, when they are imported; child processes need not."""
    if OFFLINE_VARIABLE in os.environ:
        yield
        return
    os.environ[OFFLINE_VARIABLE] = "1"
    try:
        yield
    finally:
        os.environ.pop(OFFLINE_VARIABLE, None)
