"""Uploads under the names people gave them, beside the copies named by content.

A name says what a hash cannot: which well-known layout a file follows (``u.data``), and which file
a rejected row stands in. The content is not stored twice: it is a second name of the same file.
"""

import os
import shutil
from pathlib import Path

from crossrec.workspace.files import writable
from crossrec.workspace.workspace import Upload, Workspace

FOLDER = "named"
_LENGTH = 120
_MARKS = frozenset(" ._-()[]+")


def keep_name(workspace: Workspace, upload: Upload) -> Path:
    """Remember the name of an upload; a later one for the same content replaces it.

    Returns:
        The upload under its own name, made harmless: letters, digits and a few marks.

    Raises:
        WorkspaceError: the disk is full, or the workspace cannot be written.
    """
    folder = workspace.root / "uploads" / FOLDER / upload.sha
    path = folder / _harmless(upload.name)
    with writable(workspace.root):
        if not path.exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            try:
                os.link(upload.path, path)
            except OSError:  # a file system without second names
                shutil.copyfile(upload.path, path)
    return path


def named_upload(workspace: Workspace, sha: str) -> Path:
    """An upload under the name it came with, else under its hash.

    Raises:
        UnknownId: there is no such upload.
    """
    found = workspace.find_upload(sha)
    named = sorted((workspace.root / "uploads" / FOLDER / sha).glob("*"))
    return named[0] if named else found


def _harmless(name: str) -> str:
    kept = "".join(mark if mark.isalnum() or mark in _MARKS else "_" for mark in name).lstrip(". ")
    while len(kept.encode()) > _LENGTH:
        kept = kept[1:]
    return kept or "file"
