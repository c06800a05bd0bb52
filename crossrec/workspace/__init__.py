"""Results <-> disk: the only package that knows where results live.

Whole files or none; Parquet, safetensors and JSON only.
"""

from crossrec.workspace.files import is_run, staged_folder, write_file, write_json
from crossrec.workspace.run import FORMAT_VERSION, Run, RunWriter
from crossrec.workspace.selections import Selection, load_selection, save_selection
from crossrec.workspace.shelf import (
    Trashed,
    archive_project,
    archive_run,
    delete_project,
    rename_project,
    rename_run,
    restore_project,
    trash,
)
from crossrec.workspace.workspace import Project, Upload, Workspace

__all__ = [
    "FORMAT_VERSION",
    "Project",
    "Run",
    "RunWriter",
    "Selection",
    "Trashed",
    "Upload",
    "Workspace",
    "archive_project",
    "archive_run",
    "delete_project",
    "is_run",
    "load_selection",
    "rename_project",
    "rename_run",
    "restore_project",
    "save_selection",
    "staged_folder",
    "trash",
    "write_file",
    "write_json",
]
