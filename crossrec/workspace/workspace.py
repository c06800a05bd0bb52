"""The folder of one installation: uploads, projects and their runs, the job queue, a trash.

::

    workspace/
      settings.json
      uploads/<sha256><ending>           as they came, named by content
      projects/<slug>/project.json
      projects/<slug>/runs/<run id>/     see :class:`crossrec.workspace.run.Run`
      selections/<id>.parquet            see :mod:`crossrec.workspace.selections`
      trash/<run id>/                    deleted runs, until the trash is emptied
      jobs/jobs.sqlite
"""

import hashlib
import os
import re
import shutil
import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_hex
from typing import Any, BinaryIO

from crossrec.errors import RunUnreadable, UnknownId, WorkspaceError
from crossrec.settings import read_settings
from crossrec.workspace.files import read_json, writable, write_json
from crossrec.workspace.run import Run

ENVIRONMENT = "CROSSREC_WORKSPACE"
"""The environment variable that names the workspace folder."""

PROJECT_FILE = "project.json"
_PROJECT_KIND = "crossrec-project"
TRASH_NOTE = "trashed_from.json"
_CHUNK = 1 << 20
_SAFE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,120}")
_ENDING = re.compile(r"(\.[a-z0-9]{1,8}){1,2}$")
_PACKED = {".gz", ".zip", ".bz2", ".xz", ".zst"}


@dataclass(frozen=True)
class Upload:
    """A file of somebody's, kept under the hash of its content.

    Attributes:
        sha: hex sha256 of the content.
        name: the file's own name, without folders; hostile text.
        path: where it lies now.
        size: bytes.
    """

    sha: str
    name: str
    path: Path
    size: int


@dataclass(frozen=True)
class Project:
    """A named group of runs.

    Attributes:
        slug: its folder's name, ASCII, fit for a link.
        name: as the person wrote it; hostile text.
        created: UTC time, ISO 8601.
        path: its folder.
        archived: whether it was put aside, see :mod:`crossrec.workspace.shelf`.
    """

    slug: str
    name: str
    created: str
    path: Path
    archived: bool = False


class Workspace:
    """Where one installation keeps its results.

    Args:
        root: the folder; default the environment's ``CROSSREC_WORKSPACE``, else what
            ``crossrec.toml`` says, else ``workspace`` in the current folder. It is made with the
            first write.

    Raises:
        SettingsError: no folder was named and ``crossrec.toml`` cannot be read.
    """

    def __init__(self, root: Path | str | None = None) -> None:
        chosen = root if root is not None else os.environ.get(ENVIRONMENT)
        chosen = chosen or read_settings().workspace or "workspace"
        self.root = Path(chosen).expanduser().resolve()

    def __repr__(self) -> str:
        return f"Workspace({str(self.root)!r})"

    @property
    def jobs_db(self) -> Path:
        """The database of :mod:`crossrec.jobs`."""
        return self.root / "jobs" / "jobs.sqlite"

    # -------------------------------------------------------------------------- settings

    def settings(self) -> dict[str, Any]:
        """Choices that outlive a browser session; empty at first."""
        path = self.root / "settings.json"
        return read_json(path, "settings") if path.exists() else {}

    def save_settings(self, settings: dict[str, Any]) -> None:
        """Replace the settings (JSON-able)."""
        write_json(self.root / "settings.json", settings)

    # -------------------------------------------------------------------------- uploads

    def add_upload(self, stream: BinaryIO, name: str) -> Upload:
        """Keep a file under the hash of its content; the same content is kept once.

        Args:
            stream: read in pieces from its beginning (or, if it cannot seek, from where it is).
            name: the file's own name; only its ending is used on the disk.

        Raises:
            WorkspaceError: the disk is full, or the workspace cannot be written.
        """
        folder = self.root / "uploads"
        name = re.split(r"[/\\]", name)[-1]
        if stream.seekable():
            stream.seek(0)
        with writable(self.root):
            folder.mkdir(parents=True, exist_ok=True)
            beside = folder / f".{token_hex(8)}.part"
            digest, size = hashlib.sha256(), 0
            try:
                with beside.open("xb") as file:
                    while piece := stream.read(_CHUNK):
                        digest.update(piece)
                        size += file.write(piece)
                    file.flush()
                    os.fsync(file.fileno())
                path = folder / f"{digest.hexdigest()}{_ending(name)}"
                beside.replace(path)
            finally:
                beside.unlink(missing_ok=True)
        return Upload(digest.hexdigest(), name, path, size)

    def find_upload(self, sha: str) -> Path:
        """The file with this content.

        Raises:
            UnknownId: there is none.
        """
        found = []
        if re.fullmatch(r"[0-9a-f]{64}", sha):
            found = sorted((self.root / "uploads").glob(f"{sha}*"))
        if not found:
            raise UnknownId.of("upload", sha, [])
        return found[0]

    # -------------------------------------------------------------------------- projects

    def projects(self, *, archived: bool = False) -> list[Project]:
        """The projects in use, or those put aside, by name."""
        files = (self.root / "projects").glob(f"*/{PROJECT_FILE}")
        found = [one for one in map(_read_project, files) if one.archived == archived]
        return sorted(found, key=lambda project: project.name.casefold())

    def project(self, slug: str) -> Project:
        """One project, in use or put aside.

        Raises:
            UnknownId: there is no such project.
        """
        both = (*self.projects(), *self.projects(archived=True))
        every = {project.slug: project for project in both}
        if slug not in every:
            raise UnknownId.of("project", slug, every)
        return every[slug]

    def create_project(self, name: str) -> Project:
        """Make an empty project; a name may be used twice, a slug never.

        Raises:
            WorkspaceError: the name is empty, the disk is full or the folder cannot be written.
        """
        name = " ".join(name.split())
        if not name:
            raise WorkspaceError("expected a name for the project", "nothing", "Write a name")
        base = _slug(name) or f"project-{hashlib.sha256(name.encode()).hexdigest()[:6]}"
        parent = self.root / "projects"
        with writable(self.root):
            parent.mkdir(parents=True, exist_ok=True)
            slug, number = base, 1
            while not _made(parent / slug):
                number += 1
                slug = f"{base}-{number}"
        created = _now().isoformat(timespec="seconds")
        record = {"kind": _PROJECT_KIND, "format_version": 1, "name": name, "created": created}
        write_json(parent / slug / PROJECT_FILE, record)
        return Project(slug, name, created, parent / slug)

    # -------------------------------------------------------------------------- runs

    def runs(self, project: Project | str, *, archived: bool = False) -> list[Run]:
        """The readable runs of a project that are in use, or those put aside, newest first.

        Raises:
            UnknownId: there is no such project.
        """
        opened = self._open(project).values()
        return sorted(
            (run for run in opened if isinstance(run, Run) and run.archived == archived),
            key=lambda run: (str(run.info.get("created", "")), run.id),
            reverse=True,
        )

    def unreadable_runs(self, project: Project | str) -> dict[str, RunUnreadable]:
        """Folders among a project's runs that cannot be opened: run id -> why.

        Raises:
            UnknownId: there is no such project.
        """
        return {name: run for name, run in self._open(project).items() if not isinstance(run, Run)}

    def new_run_path(self, project: Project | str, label: str = "run") -> Path:
        """A free path for a new run of a project; nothing is made there yet.

        Raises:
            UnknownId: there is no such project.
        """
        project = self.project(project) if isinstance(project, str) else project
        words = _slug(label) or "run"
        return project.path / "runs" / f"{_now():%Y%m%d-%H%M%S}-{words}-{token_hex(2)}"

    def find_run(self, run_id: str) -> Run:
        """Open a run by its id, in whichever project it is.

        Raises:
            UnknownId: there is no such run.
            RunUnreadable: it cannot be opened.
        """
        return Run(self._run_path(run_id))

    def delete_run(self, run_id: str) -> None:
        """Move a run to the trash; :meth:`restore_run` brings it back.

        Raises:
            UnknownId: there is no such run.
            WorkspaceError: the folder cannot be moved.
        """
        path = self._run_path(run_id)
        trash = self.root / "trash"
        with writable(self.root):
            trash.mkdir(exist_ok=True)
            holder = trash / run_id
            holder.mkdir()
            write_json(holder / TRASH_NOTE, {"project": path.parent.parent.name})
            path.rename(holder / "run")

    def restore_run(self, run_id: str) -> Run:
        """Bring a deleted run back to its project.

        Raises:
            UnknownId: it is not in the trash, or its project is gone.
            WorkspaceError: the folder cannot be moved.
        """
        if run_id not in self.trashed():
            raise UnknownId.of("deleted run", run_id, self.trashed())
        holder = self.root / "trash" / run_id
        project = self.project(read_json(holder / TRASH_NOTE, "a deleted run")["project"])
        place = project.path / "runs" / run_id
        with writable(self.root):
            place.parent.mkdir(exist_ok=True)
            (holder / "run").rename(place)
            shutil.rmtree(holder)
        return Run(place)

    def trashed(self) -> list[str]:
        """Ids of deleted runs."""
        notes = (self.root / "trash").glob(f"*/{TRASH_NOTE}")
        return sorted(note.parent.name for note in notes if (note.parent / "run").is_dir())

    def empty_trash(self) -> None:
        """Delete the deleted runs for good."""
        if (self.root / "trash").is_dir():
            with writable(self.root):
                shutil.rmtree(self.root / "trash")

    def _open(self, project: Project | str) -> dict[str, Run | RunUnreadable]:
        project = self.project(project) if isinstance(project, str) else project
        opened: dict[str, Run | RunUnreadable] = {}
        folder = project.path / "runs"
        for path in folder.iterdir() if folder.is_dir() else ():
            if path.is_dir() and not path.name.startswith("."):
                try:
                    opened[path.name] = Run(path)
                except RunUnreadable as error:
                    opened[path.name] = error
        return opened

    def _run_path(self, run_id: str) -> Path:
        found = []
        if _SAFE_ID.fullmatch(run_id):
            found = list((self.root / "projects").glob(f"*/runs/{run_id}"))
        if not found:
            every = (self.root / "projects").glob("*/runs/[!.]*")
            raise UnknownId.of("run", run_id, sorted(path.name for path in every))
        return found[0]


def _made(folder: Path) -> bool:
    try:
        folder.mkdir()
    except FileExistsError:
        return False
    return True


def _read_project(file: Path) -> Project:
    record = read_json(file, "a project")
    slug = file.parent.name
    name, created = str(record.get("name", slug)), str(record.get("created"))
    return Project(slug, name, created, file.parent, bool(record.get("archived")))


def _slug(text: str) -> str:
    ascii_text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", ascii_text).strip("-")[:40].strip("-")


def _ending(name: str) -> str:
    """The ending of a file name, ".csv" or ".csv.gz"; "" if it has none that is safe."""
    match = _ENDING.search(name.lower())
    if not match:
        return ""
    last = Path(name.lower()).suffix
    return match[0] if last in _PACKED else last


def _now() -> datetime:
    return datetime.now(UTC)
