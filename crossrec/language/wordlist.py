"""Decoding from a list of words: the model may only say words it was given, one after the other."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch

_MARKS = (",", ".")
_END = -1  # in a trie's node: a word may end here


class WordLists:
    """A logits processor that keeps each row of a batch to its own words.

    Every row walks a trie of its words' tokens. At the end of a word it may begin another, set a
    comma, or end the sentence with a full stop; after a full stop the text ends.

    Args:
        tokenizer: of the model.
        lists: the words of each row.
        start: tokens of the prompts, all of one (padded) length.
    """

    def __init__(self, tokenizer: Any, lists: Sequence[Iterable[str]], start: int) -> None:
        self._marks = {
            mark: tokenizer(mark, add_special_tokens=False)["input_ids"][-1] for mark in _MARKS
        }
        self._eos = tokenizer.eos_token_id
        self._roots = [_trie(tokenizer, words) for words in lists]
        self._start = start

    def __call__(self, ids: "torch.Tensor", scores: "torch.Tensor") -> "torch.Tensor":
        """Forbid every token that no word of the row goes on with."""
        import torch

        allowed = torch.full_like(scores, float("-inf"))
        for row, root in enumerate(self._roots):
            allowed[row, self._next(root, ids[row, self._start :].tolist())] = 0
        return scores + allowed

    def _next(self, root: dict, said: list[int]) -> list[int]:
        if said and said[-1] in (self._marks["."], self._eos):
            return [self._eos]
        node = root
        for token in said:
            node = root if token == self._marks[","] else node.get(token, root.get(token, root))
        going_on = [token for token in node if token != _END]
        if node is root or _END not in node:
            return going_on
        last = said[-1:] == [self._marks[","]]
        fresh = [token for token in root if token != _END]
        return [*going_on, *fresh, *([] if last else self._marks.values())]


def _trie(tokenizer: Any, words: Iterable[str]) -> dict:
    root: dict = {}
    listed = sorted({f" {word}" for word in words})
    for tokens in tokenizer(listed, add_special_tokens=False)["input_ids"] if listed else []:
        node = root
        for token in tokens:
            node = node.setdefault(token, {})
        node[_END] = {}
    return root
