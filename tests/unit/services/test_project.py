"""Which project a command is about."""

from pathlib import Path

import pytest

from maho_segments.errors import SegmentsError
from maho_segments.services.project import find_workspace

CHECKOUT = Path(__file__).resolve().parents[3]


def make_project(folder: Path) -> Path:
    folder.mkdir(parents=True)
    (folder / "dbt_project.yml").touch()
    (folder / "segments.yml").touch()
    return folder


def test_nearest_folder_above_is_the_project(tmp_path: Path) -> None:
    outer = make_project(tmp_path / "outer")
    inner = make_project(outer / "inner")
    below = inner / "models" / "marts"
    below.mkdir(parents=True)

    assert find_workspace({}, below).folder == inner


def test_environment_names_the_project(tmp_path: Path) -> None:
    make_project(tmp_path / "here")
    named = make_project(tmp_path / "named")
    environ = {"SEGMENTS_PROJECT_DIR": str(named)}

    workspace = find_workspace(environ, tmp_path / "here")

    assert workspace.folder == named
    assert workspace.environ is environ


def test_environment_is_relative_to_where_the_command_is_typed(tmp_path: Path) -> None:
    named = make_project(tmp_path / "named")

    assert find_workspace({"SEGMENTS_PROJECT_DIR": "named"}, tmp_path).folder == named


def test_environment_that_names_no_project_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SegmentsError, match=r"a folder without dbt_project\.yml"):
        find_workspace({"SEGMENTS_PROJECT_DIR": str(tmp_path)}, tmp_path)


def test_elsewhere_the_checkout_is_the_project(tmp_path: Path) -> None:
    assert find_workspace({}, tmp_path).folder == CHECKOUT
