"""Definitions that are read again when their files were written."""

from pathlib import Path

import pytest

from maho_segments.errors import DefinitionsError
from maho_segments.services.definitions import ValidDefinitions
from maho_segments.services.project import Workspace
from tests.projects import copy_project

VALID = "version: 1\nsegments:\n  reachable:\n    match: { email: { is_set: true } }\n"


def test_they_are_read_once_for_each_edit_and_refused_as_long_as_they_are_not_valid(tmp_path: Path) -> None:
    file = copy_project(tmp_path) / "segments.yml"
    file.write_text(VALID, encoding="utf-8")
    definitions = ValidDefinitions(Workspace(tmp_path, {}))

    first = definitions.read()
    assert definitions.read() is first
    assert not definitions.have_changed()

    file.write_text(VALID.replace("email", "e_mail"), encoding="utf-8")
    assert definitions.are_others()
    for _ in range(2):
        with pytest.raises(DefinitionsError, match="e_mail"):
            definitions.read()
    # Who goes by the last valid ones still has them.
    assert definitions.now is first
    assert not definitions.are_others()

    file.write_text(VALID.replace("true", "false"), encoding="utf-8")
    assert definitions.have_changed()
    assert definitions.read() is definitions.now
    assert definitions.problem is None


def test_what_could_not_be_read_is_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = copy_project(tmp_path) / "segments.yml"
    file.write_text(VALID, encoding="utf-8")
    definitions = ValidDefinitions(Workspace(tmp_path, {}))

    with monkeypatch.context() as lost:
        lost.setattr("maho_segments.language.check_project", _fail)
        for _ in range(2):
            with pytest.raises(OSError, match="too many open files"):
                definitions.read()
    assert definitions.read().project.segments.keys() == {"reachable"}

    file.chmod(0o600)
    assert definitions.are_others()


def _fail(folder: Path) -> None:
    raise OSError(f"too many open files: {folder}")
