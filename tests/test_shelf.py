"""Projects and runs renamed, put aside, deleted and brought back."""

import pytest

from crossrec.errors import UnknownId, WorkspaceError
from crossrec.workspace import (
    RunWriter,
    Workspace,
    archive_project,
    archive_run,
    delete_project,
    rename_project,
    rename_run,
    restore_project,
    staged_folder,
    trash,
)


@pytest.fixture
def workspace(tmp_path):
    return Workspace(tmp_path)


@pytest.fixture
def run(workspace):
    workspace.create_project("Shop")
    path = workspace.new_run_path("shop")
    with staged_folder(path) as folder:
        RunWriter(folder).info({"config": {}})
    return workspace.find_run(path.name)


def test_a_renamed_project_keeps_its_links(workspace, run):
    assert rename_project(workspace, "shop", "  茶  shop ").name == "茶 shop"
    assert workspace.project("shop").name == "茶 shop"
    assert [one.id for one in workspace.runs("shop")] == [run.id]
    with pytest.raises(WorkspaceError, match="expected a name"):
        rename_project(workspace, "shop", " ")


def test_a_project_put_aside_is_not_listed_but_opens(workspace, run):
    assert archive_project(workspace, "shop").archived
    assert workspace.projects() == []
    assert [one.slug for one in workspace.projects(archived=True)] == ["shop"]
    assert workspace.find_run(run.id).id == run.id
    assert not archive_project(workspace, "shop", archived=False).archived
    assert [one.slug for one in workspace.projects()] == ["shop"]


def test_a_run_is_named_and_put_aside(workspace, run):
    record = dict(run.info)
    assert rename_run(workspace, run.id, " the  good one ").name == "the good one"
    assert archive_run(workspace, run.id).archived
    assert workspace.runs("shop") == []
    kept = workspace.runs("shop", archived=True)
    assert [one.name for one in kept] == ["the good one"]
    assert kept[0].info == record
    assert archive_run(workspace, run.id, archived=False).name == "the good one"
    assert rename_run(workspace, run.id, "").name == ""
    assert [one.id for one in workspace.runs("shop")] == [run.id]


def test_deleted_things_come_back(workspace, run):
    rename_run(workspace, run.id, "mine")
    workspace.delete_run(run.id)
    assert [(one.kind, one.name, one.project) for one in trash(workspace)] == [
        ("run", "mine", "shop")
    ]
    workspace.restore_run(run.id)
    delete_project(workspace, "shop")
    assert workspace.projects() == []
    assert [(one.kind, one.name) for one in trash(workspace)] == [("project", "Shop")]
    assert restore_project(workspace, "shop").name == "Shop"
    assert workspace.runs("shop")[0].name == "mine"
    assert trash(workspace) == []


def test_what_is_not_there_is_said(workspace, run):
    with pytest.raises(UnknownId):
        archive_project(workspace, "nope")
    with pytest.raises(UnknownId):
        restore_project(workspace, "shop")
    delete_project(workspace, "shop")
    workspace.create_project("Shop")
    with pytest.raises(WorkspaceError, match="one that was made since"):
        restore_project(workspace, "shop")
    with pytest.raises(WorkspaceError, match="Empty the trash"):
        delete_project(workspace, "shop")
