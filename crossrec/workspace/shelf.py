"""Keeping order: projects and runs renamed, put aside, deleted, and brought back.

What is put aside stays where it is and is no longer listed; what is deleted lies in the trash until
the trash is emptied. A run's name stands beside its record, which is never changed.
"""

import shutil
from dataclasses import dataclass
from typing import Literal

from crossrec.errors import UnknownId, WorkspaceError
from crossrec.workspace.files import read_json, writable, write_json
from crossrec.workspace.run import LABEL, Run
from crossrec.workspace.workspace import PROJECT_FILE, TRASH_NOTE, Project, Workspace

_WHOLE = "project"


@dataclass(frozen=True)
class Trashed:
    """Something in the trash.

    Attributes:
        kind: "run" or "project".
        id: of the run, or slug of the project.
        name: for people: the name given, else the id; hostile text.
        project: slug of the project the run was in; the project's own.
    """

    kind: Literal["run", "project"]
    id: str
    name: str
    project: str


def rename_project(workspace: Workspace, slug: str, name: str) -> Project:
    """Give a project another name; its slug, and so every link, stays.

    Raises:
        UnknownId: there is no such project.
        WorkspaceError: the name is empty, or the folder cannot be written.
    """
    name = " ".join(name.split())
    if not name:
        raise WorkspaceError("expected a name for the project", "nothing", "Write a name")
    return _note(workspace, slug, name=name)


def archive_project(workspace: Workspace, slug: str, *, archived: bool = True) -> Project:
    """Put a project aside, or bring it back into use.

    Raises:
        UnknownId: there is no such project.
    """
    return _note(workspace, slug, archived=archived)


def delete_project(workspace: Workspace, slug: str) -> None:
    """Move a project with all its runs to the trash; :func:`restore_project` brings it back.

    Raises:
        UnknownId: there is no such project.
        WorkspaceError: the folder cannot be moved, or an older one of this slug is in the trash.
    """
    project = workspace.project(slug)
    holder = workspace.root / "trash" / f"project-{slug}"
    if holder.exists():
        raise WorkspaceError(
            f"expected no project {slug!r} in the trash", "an older one", "Empty the trash first"
        )
    with writable(workspace.root):
        holder.mkdir(parents=True)
        project.path.rename(holder / _WHOLE)


def restore_project(workspace: Workspace, slug: str) -> Project:
    """Bring a deleted project back.

    Raises:
        UnknownId: it is not in the trash.
        WorkspaceError: another project has its place by now.
    """
    holder = workspace.root / "trash" / f"project-{slug}"
    if not (holder / _WHOLE).is_dir():
        gone = [one.id for one in trash(workspace) if one.kind == "project"]
        raise UnknownId.of("deleted project", slug, gone)
    place = workspace.root / "projects" / slug
    if place.exists():
        raise WorkspaceError(
            f"expected no project {slug!r} beside the deleted one",
            "one that was made since",
            "Delete that one first",
        )
    with writable(workspace.root):
        place.parent.mkdir(parents=True, exist_ok=True)
        (holder / _WHOLE).rename(place)
        shutil.rmtree(holder)
    return workspace.project(slug)


def rename_run(workspace: Workspace, run_id: str, name: str) -> Run:
    """Give a run a name; an empty one takes it away.

    Raises:
        UnknownId: there is no such run.
    """
    return _label(workspace, run_id, name=" ".join(name.split()))


def archive_run(workspace: Workspace, run_id: str, *, archived: bool = True) -> Run:
    """Put a run aside, or bring it back into use.

    Raises:
        UnknownId: there is no such run.
    """
    return _label(workspace, run_id, archived=archived)


def trash(workspace: Workspace) -> list[Trashed]:
    """What was deleted and can be brought back, projects first."""
    found = []
    for holder in sorted((workspace.root / "trash").glob(f"*/{_WHOLE}/{PROJECT_FILE}")):
        slug = holder.parent.parent.name.removeprefix("project-")
        name = str(read_json(holder, "a deleted project").get("name", slug))
        found.append(Trashed("project", slug, name, slug))
    for run_id in workspace.trashed():
        holder = workspace.root / "trash" / run_id
        project = str(read_json(holder / TRASH_NOTE, "a deleted run")["project"])
        label = holder / "run" / LABEL
        named = read_json(label, "the name of a run").get("name") if label.is_file() else ""
        found.append(Trashed("run", run_id, str(named or run_id), project))
    return found


def _note(workspace: Workspace, slug: str, **facts: object) -> Project:
    """Change the record of a project."""
    file = workspace.project(slug).path / PROJECT_FILE
    write_json(file, {**read_json(file, "a project"), **facts})
    return workspace.project(slug)


def _label(workspace: Workspace, run_id: str, **facts: object) -> Run:
    """Change what a person said of a run."""
    run = workspace.find_run(run_id)
    kept = {name: value for name, value in {**run.label, **facts}.items() if value}
    write_json(run.path / LABEL, kept)
    return Run(run.path)
