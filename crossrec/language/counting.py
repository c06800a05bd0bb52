"""A bundled model's tokenizer without the transformers library, for what only counts tokens.

Torch and transformers take some 250 MB, which a server that shows a page of numbers need not have.
"""

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tokenizers import Encoding

FILE = "tokenizer.json"


class PlainTokenizer:
    """What a transformers tokenizer says about texts, by the library under it.

    Args:
        folder: of a bundled model: that transformers makes nothing else of its ``tokenizer.json``
            is tested for these, and not true for every folder.
    """

    def __init__(self, folder: Path) -> None:
        from tokenizers import Tokenizer

        self._tokenizer = Tokenizer.from_file(str(folder / FILE))
        self._tokenizer.no_truncation()  # the file may hold settings of its author's
        self._tokenizer.no_padding()

    def __call__(
        self,
        texts: str | Sequence[str],
        *,
        add_special_tokens: bool = True,
        return_offsets_mapping: bool = False,
    ) -> dict[str, Any]:
        """``input_ids`` and, where asked for, ``offset_mapping``; a list of each for a list."""
        if isinstance(texts, str):
            found = self._tokenizer.encode(texts, add_special_tokens=add_special_tokens)
            return _told(found, offsets=return_offsets_mapping)
        several = self._tokenizer.encode_batch(list(texts), add_special_tokens=add_special_tokens)
        each = [_told(one, offsets=return_offsets_mapping) for one in several]
        names = ["input_ids", *(["offset_mapping"] if return_offsets_mapping else [])]
        return {name: [one[name] for one in each] for name in names}

    def convert_ids_to_tokens(self, ids: Sequence[int]) -> list[str]:
        """Tokens as the model names them."""
        return [str(self._tokenizer.id_to_token(one)) for one in ids]


@lru_cache(maxsize=2)  # the vocabulary of the multilingual encoder takes a second to read
def plain_tokenizer(folder: Path) -> PlainTokenizer:
    """The tokenizer of a bundled model's folder."""
    return PlainTokenizer(folder)


def _told(found: "Encoding", *, offsets: bool) -> dict[str, Any]:
    ids = {"input_ids": found.ids}
    return {**ids, "offset_mapping": found.offsets} if offsets else ids
