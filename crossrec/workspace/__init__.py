"""Results <-> disk: the only package that knows where results live.

Whole files or none; Parquet, safetensors and JSON only.
"""

from crossrec.workspace.files import is_run, staged_folder, write_file, write_json
from crossrec.workspace.run import FORMAT_VERSION, Run, RunWriter
from crossrec.workspace.workspace import Project, Upload, Workspace

__all__ = [
    "FORMAT_VERSION",
    "Project",
    "Run",
    "RunWriter",
    "Upload",
    "Workspace",
    "is_run",
    "staged_folder",
    "write_file",
    "write_json",
]
