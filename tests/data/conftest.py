"""A place to write files to."""

import pytest


@pytest.fixture
def write(tmp_path):
    """Write text or bytes to a file and give its path."""

    def _write(content, name="log.csv", encoding="utf-8"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
        return path

    return _write
