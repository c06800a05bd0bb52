"""Unpacking the multilingual model: whole or not at all, and only once."""

import pytest

from crossrec.errors import ModelMissing
from crossrec.language.convert import converted_e5


@pytest.mark.parametrize(
    "content", [b"", b"GGUF" + b"\0" * 99, b"E5S1\1\0\0\0", b"E5S1" + b"\1" * 400]
)
def test_a_broken_file_is_named_and_leaves_nothing(tmp_path, content):
    source = tmp_path / "packed.bin"
    source.write_bytes(content)
    with pytest.raises(ModelMissing, match=r"packed\.bin.*pip install"):
        converted_e5(source, tmp_path / "models")
    assert [path.suffix for path in (tmp_path / "models").iterdir()] in ([], [".lock"])


def test_another_source_gets_another_folder_and_a_finished_one_is_kept(tmp_path):
    source = tmp_path / "packed.bin"
    source.write_bytes(b"not a model")
    with pytest.raises(ModelMissing):
        converted_e5(source, tmp_path / "models")
    (lock,) = (tmp_path / "models").iterdir()
    lock.with_suffix("").mkdir()
    told = []
    folder = converted_e5(source, tmp_path / "models", progress=lambda *said: told.append(said))
    assert folder == lock.with_suffix("")
    assert told == []
    source.write_bytes(b"another file")
    with pytest.raises(ModelMissing):
        converted_e5(source, tmp_path / "models")
