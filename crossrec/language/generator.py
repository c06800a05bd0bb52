"""Language models that write: prompts in, short texts or log-likelihoods out.

How to use it::

    from crossrec.language.generator import load_generator

    generator = load_generator()                       # the bundled SmolLM2; ModelMissing if absent
    texts = generator.write(["Describe ... in one sentence."], max_tokens=48)
    fit = generator.score(["What is it for?"], ["gifts", "travel"], answer="It is for")  # (1, 2)

Whoever depends on it takes a :class:`Generator`, so that tests hand in a fake. What was written
once is remembered by :func:`crossrec.language.written.write_cached`; use that for anything that is
shown. The bundled model is small (135 million weights, English): check what it says against the
facts it was given (:func:`crossrec.language.profiles.grounded`) before showing it, and mark it as
machine-written. Decoding is greedy: the same prompt gives the same text.
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from crossrec.errors import ModelMissing
from crossrec.language import bundled
from crossrec.language.device import device, number_format
from crossrec.language.device import threads as thread_limit
from crossrec.language.folder import folder_hash
from crossrec.language.quiet import quiet_transformers
from crossrec.language.wordlist import WordLists
from crossrec.progress import Progress, silent

if TYPE_CHECKING:
    import torch

MAX_PROMPT = 1_024
"""Tokens of a prompt that are read; what is beyond is cut at the end of the person's own text."""

_BATCH = 16  # prompts decoded together; ten times the speed of one by one on a processor
_SCORED = 64  # (prompt, option) pairs scored together


class Generator(Protocol):
    """What turns prompts into texts."""

    @property
    def id(self) -> str:
        """The model's name."""
        ...

    @property
    def revision(self) -> str:
        """Hash of everything that decides a text: weights, tokenizer and settings."""
        ...

    def write(
        self,
        prompts: Sequence[str],
        *,
        max_tokens: int = 48,
        answer: str = "",
        words: Sequence[Sequence[str]] | None = None,
        progress: Progress = silent,
    ) -> list[str]:
        """One text per prompt.

        Args:
            prompts: n questions.
            max_tokens: of a text.
            answer: how every answer begins; it is part of the text.
            words: the only words that may follow, a list per prompt; None for any.
            progress: phase "features", in prompts.
        """
        ...

    def score(
        self,
        prompts: Sequence[str],
        options: Sequence[str],
        *,
        answer: str = "",
        progress: Progress = silent,
    ) -> np.ndarray:
        """Mean log-likelihood per token of every option as the answer's next words.

        Args:
            prompts: n questions.
            options: m possible continuations.
            answer: how the answer begins, before the option.
            progress: phase "features", in prompts.

        Returns:
            shape (n, m), float32; larger is more likely.
        """
        ...


class TransformersGenerator:
    """A Hugging Face causal language model read from a local folder.

    Args:
        folder: holds ``config.json``, ``*.safetensors``, the tokenizer and its chat template.
        name: the model's id; default the folder's name.
        threads: of the processor; see :func:`crossrec.language.encoder.idle_cores`.
    """

    def __init__(self, folder: Path, *, name: str = "", threads: int | None = None) -> None:
        self.folder = Path(folder)
        self.id = name or self.folder.name
        self.threads = threads

    @property
    def revision(self) -> str:
        """Hash of weights, tokenizer, chat template and number format."""
        template = str(self.tokenizer.chat_template)
        parts = [folder_hash(self.folder), template, MAX_PROMPT, str(number_format())]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]

    @cached_property
    def tokenizer(self) -> Any:
        """The folder's tokenizer, padding on the left as decoding needs it."""
        try:
            with quiet_transformers() as transformers:
                found = transformers.AutoTokenizer.from_pretrained(
                    self.folder, local_files_only=True, padding_side="left"
                )
        except (OSError, ValueError) as error:
            raise _unreadable(self.folder, error) from error
        if found.pad_token is None:
            found.pad_token = found.eos_token
        return found

    @cached_property
    def _network(self) -> "torch.nn.Module":
        try:
            with quiet_transformers() as transformers:
                network = transformers.AutoModelForCausalLM.from_pretrained(
                    self.folder,
                    local_files_only=True,
                    dtype=number_format(),
                    use_safetensors=True,
                )
        except (OSError, ValueError, RuntimeError) as error:
            raise _unreadable(self.folder, error) from error
        return network.eval().requires_grad_(requires_grad=False).to(device())

    def write(
        self,
        prompts: Sequence[str],
        *,
        max_tokens: int = 48,
        answer: str = "",
        words: Sequence[Sequence[str]] | None = None,
        progress: Progress = silent,
    ) -> list[str]:
        """One text per prompt, greedy, decoded in batches of prompts of like length."""
        import torch

        texts = [""] * len(prompts)
        sent = [self._chat(prompt) + answer for prompt in prompts]
        done = 0
        with thread_limit(self.threads), torch.inference_mode():
            for rows in _batches([len(text) for text in sent], _BATCH):
                lists = [words[row] for row in rows] if words is not None else None
                written = self._decoded([sent[row] for row in rows], lists, max_tokens)
                for row, text in zip(rows, written, strict=True):
                    texts[row] = " ".join(f"{answer}{text}".split())
                done += len(rows)
                progress("features", done, len(prompts))
        return texts

    def _decoded(
        self, sent: list[str], words: list[Sequence[str]] | None, max_tokens: int
    ) -> list[str]:
        network: Any = self._network
        tokens = self._tokens(sent)
        length = tokens["input_ids"].shape[1]
        kept = [WordLists(self.tokenizer, words, length)] if words is not None else []
        made = network.generate(
            **tokens,
            max_new_tokens=max_tokens,
            do_sample=False,
            repetition_penalty=1.1 if words is None else 1.3,
            no_repeat_ngram_size=0 if words is None else 3,
            logits_processor=kept,
            pad_token_id=self.tokenizer.pad_token_id,
        )
        return self.tokenizer.batch_decode(made[:, length:], skip_special_tokens=True)

    def score(
        self,
        prompts: Sequence[str],
        options: Sequence[str],
        *,
        answer: str = "",
        progress: Progress = silent,
    ) -> np.ndarray:
        """Mean log-likelihood per token of every option, shape (n, m); see :class:`Generator`."""
        import torch

        found = np.zeros((len(prompts), len(options)), dtype=np.float32)
        ends = [
            self.tokenizer(f" {option}", add_special_tokens=False)["input_ids"]
            for option in options
        ]
        sent = [self._chat(prompt) + answer for prompt in prompts]
        done = 0
        with thread_limit(self.threads), torch.inference_mode():
            for rows in _batches([len(text) for text in sent], max(1, _SCORED // len(options))):
                tokens = self._tokens([sent[row] for row in rows])
                found[rows] = self._likelihoods(tokens, ends)
                done += len(rows)
                progress("features", done, len(prompts))
        return found

    def _likelihoods(self, tokens: Any, ends: list[list[int]]) -> np.ndarray:
        """Mean log-likelihood of m endings after b prompts, shape (b, m); a prompt is read once."""
        import torch

        network: Any = self._network
        b, m, longest = len(tokens["input_ids"]), len(ends), max(map(len, ends))
        read = network(**tokens, use_cache=True, logits_to_keep=1)
        cache = read.past_key_values
        cache.batch_repeat_interleave(m)
        padded = torch.tensor([end + [0] * (longest - len(end)) for end in ends], device=device())
        lengths = torch.tensor([len(end) for end in ends], device=device())
        real = torch.arange(longest, device=device()) < lengths[:, None]  # (m, l)
        ids = padded.repeat(b, 1)  # (b * m, l), the endings of the first prompt first
        seen = tokens["attention_mask"].repeat_interleave(m, 0)  # (b * m, p)
        mask = torch.cat([seen, real.long().repeat(b, 1)], 1)
        place = seen.sum(1, keepdim=True) + torch.arange(longest, device=device())
        after = network(
            input_ids=ids, attention_mask=mask, position_ids=place, past_key_values=cache
        ).logits
        first = read.logits[:, -1:].repeat_interleave(m, 0)  # what follows the prompt
        logits = torch.cat([first, after[:, :-1]], 1).float()  # (b * m, l, vocabulary)
        said = torch.log_softmax(logits, -1).gather(2, ids[:, :, None])[:, :, 0]
        kept = real.repeat(b, 1)
        return ((said * kept).sum(1) / kept.sum(1)).reshape(b, m).cpu().numpy()

    def _chat(self, prompt: str) -> str:
        """A prompt as the model's chat format, with the answer about to begin."""
        # Titles are hostile: what reads as the end of a turn would let them speak for us.
        for token in self.tokenizer.get_added_vocab():
            prompt = prompt.replace(token, " ")
        words = self.tokenizer(prompt, add_special_tokens=False)["input_ids"]
        if len(words) > MAX_PROMPT:
            prompt = self.tokenizer.decode(words[:MAX_PROMPT])
        turns = [{"role": "user", "content": prompt}]
        return self.tokenizer.apply_chat_template(turns, tokenize=False, add_generation_prompt=True)

    def _tokens(self, sent: list[str]) -> Any:
        return self.tokenizer(sent, return_tensors="pt", padding=True, add_special_tokens=False).to(
            device()
        )


def load_generator(
    name: str = bundled.SMOLLM, *, threads: int | None = None, progress: Progress = silent
) -> TransformersGenerator:
    """The bundled generator, or the causal language model in a local folder.

    Raises:
        ModelMissing: says what was looked for, where, and how to get it.
    """
    model = bundled.known(name)
    if model is not None and model.role != "generator":
        raise ModelMissing("expected a model that writes text", f"{model.id!r}, an encoder")
    folder = bundled.find(name, progress=progress)
    return TransformersGenerator(folder, name=model.id if model else "", threads=threads)


def generator_installed(name: str = bundled.SMOLLM) -> bool:
    """Whether the bundled generator of this name is on this machine."""
    model = bundled.known(name)
    return model is not None and model.role == "generator" and model.installed


def _batches(lengths: Sequence[int], size: int) -> Iterator[list[int]]:
    """Rows of like length together, so that a batch holds little padding."""
    order = sorted(range(len(lengths)), key=lambda row: (lengths[row], row))
    for start in range(0, len(order), size):
        yield order[start : start + size]


def _unreadable(folder: Path, error: Exception) -> ModelMissing:
    return ModelMissing(
        f"expected a Hugging Face model that writes text, with safetensors weights, in {folder}",
        str(error).splitlines()[0] if str(error) else type(error).__name__,
        "Save the model again with save_pretrained, or install the bundled one with: "
        f"crossrec models install {bundled.SMOLLM}",
    )
