"""What the language models run on: processor or GPU, number format, threads."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

THREADS_VARIABLE = "CROSSREC_THREADS"


@lru_cache(maxsize=1)
def device() -> "torch.device":
    """The first CUDA device where there is one, else the processor."""
    import torch

    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


@lru_cache(maxsize=1)
def number_format() -> "torch.dtype":
    """bfloat16 where the device has instructions for it, else float32."""
    import torch

    if device().type == "cuda":
        return torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float32
    fast = torch.backends.mkldnn.is_available() and torch.ops.mkldnn._is_mkldnn_bf16_supported()
    return torch.bfloat16 if fast else torch.float32


def idle_cores() -> int:
    """Threads to use by default: CROSSREC_THREADS, else torch's number less the busy cores.

    Threads that wait for each other on a busy machine make the work several times slower, so a
    core that something else keeps busy is better left alone.
    """
    import torch

    chosen = os.environ.get(THREADS_VARIABLE, "")
    if chosen.isdigit() and int(chosen) > 0:
        return int(chosen)
    busy = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
    idle = (os.cpu_count() or 1) - round(busy)
    return max(1, min(torch.get_num_threads(), idle))


@contextmanager
def threads(wanted: int | None) -> Iterator[None]:
    """Let torch use so many threads for the length of the block; None for :func:`idle_cores`."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(wanted or idle_cores())
    try:
        yield
    finally:
        torch.set_num_threads(before)
