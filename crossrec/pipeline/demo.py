"""The demo: the whole way on real grocery data, kept as a project of the workspace."""

from crossrec.data.sample.demo import completejourney
from crossrec.intake import RunInputs
from crossrec.pipeline.run import RunConfig, run
from crossrec.progress import Progress, silent
from crossrec.workspace import Run, Workspace

PROJECT = "Demo"
SLUG = "demo"


def finished_demo(workspace: Workspace) -> Run | None:
    """A demo run that is already there, the newest; else None."""
    if SLUG not in {project.slug for project in workspace.projects()}:
        return None
    runs = workspace.runs(SLUG)
    return runs[0] if runs else None


def run_demo(workspace: Workspace, *, progress: Progress = silent) -> Run:
    """Prepare the grocery data and run the whole way on it.

    Args:
        workspace: where the project goes.
        progress: told of every phase.

    Raises:
        CrossRecError: the data package is not installed; the message says how to get it.
    """
    progress("import", 0, 3, "preparing a year of grocery baskets")
    files = completejourney(workspace.root / "demo_data")
    known = {project.slug for project in workspace.projects()}
    project = workspace.project(SLUG) if SLUG in known else workspace.create_project(PROJECT)
    out = workspace.new_run_path(project)
    inputs = RunInputs(files.interactions, files.items, files.users)
    return Run(run(inputs, out, RunConfig(), progress=progress))
