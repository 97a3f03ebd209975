"""segments.yml and attributes.yml: are they valid, and is what is generated from them up to date?"""

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from maho_segments import language
from maho_segments.errors import DefinitionsError, Problem
from maho_segments.language.project import Project
from maho_segments.language.segment_tests import schema_of_tests
from maho_segments.language.writing import write_file
from maho_segments.services.project import Workspace

SCHEMA_FILE = "segments.schema.json"
TESTS_SCHEMA_FILE = "segment_tests.schema.json"


@dataclass(frozen=True)
class Definitions:
    """Valid definitions, as read at some time, and the plan that they come to."""

    project: Project
    plan: dict[str, Any]


def read_definitions(workspace: Workspace) -> Definitions:
    """What the project's files say; raises DefinitionsError with all problems."""
    project = language.check_project(workspace.folder)
    return Definitions(project, language.compile_plan(project))


class ValidDefinitions:
    """The definitions of a project, for who stays: read again when one of their files was written."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._stamp: frozenset[tuple[str, int, int]] | None = None
        self._reading = threading.Lock()
        self.now: Definitions | None = None
        """The last valid ones; none before there were any."""
        self.problem: DefinitionsError | None = None
        """What is wrong with the files as they are."""

    def read(self) -> Definitions:
        """What the files say now. Raises DefinitionsError where that is not valid, each time."""
        with self._reading:
            self.have_changed()
            if self.problem is not None:
                raise DefinitionsError(self.problem.problems)
            assert self.now is not None
            return self.now

    def are_others(self) -> bool:
        """Whether the files are others than those that were read."""
        return self._read_stamp() != self._stamp

    def have_changed(self) -> bool:
        """Read the files if they are others than before: whether they are valid and have another plan."""
        stamp = self._read_stamp()
        if stamp == self._stamp:
            return False
        try:
            read = read_definitions(self._workspace)
        except DefinitionsError as error:
            self.problem, self._stamp = error, stamp
            return False
        # Only now: what could not be read is tried again.
        self.problem, self._stamp = None, stamp
        differ = self.now is None or self.now.plan != read.plan
        self.now = read
        return differ

    def _read_stamp(self) -> frozenset[tuple[str, int, int]]:
        # The time of change, which is another one after a mere `chmod`, too.
        found = ((path, path.stat()) for path in _files(self._workspace.folder))
        return frozenset((str(path), status.st_ctime_ns, status.st_size) for path, status in found)


def _files(folder: Path) -> Iterator[Path]:
    """The files that definitions are read from: themselves, their vocabulary, and the macros it names."""
    yield from filter(Path.is_file, (folder / language.SEGMENTS_FILE, folder / language.ATTRIBUTES_FILE))
    yield from (path for path in (folder / "models").rglob("*") if path.suffix in {".yml", ".yaml"})
    yield from (folder / "macros").rglob("*.sql")


@dataclass(frozen=True)
class Validation:
    """What valid definitions hold; `warnings` are what a person should look at all the same."""

    segments: int
    active: int
    attributes: int
    warnings: tuple[Problem, ...]
    plan_changed: bool

    def as_dict(self) -> dict[str, Any]:
        """The validation for programs."""
        return {
            "valid": True,
            "segments": self.segments,
            "active": self.active,
            "attributes": self.attributes,
            "plan_changed": self.plan_changed,
            "problems": [problem.as_dict() for problem in self.warnings],
        }


def validate(workspace: Workspace, *, check: bool = False, strict: bool = False) -> Validation:
    """Check every definition, without a database; raises DefinitionsError with all problems.

    With `strict`, advice is a problem like any other.

    Valid definitions are written as the plan that dbt's macros read, so that a bare `dbt build` has them too.
    With `check`, nothing is written, and `plan_changed` is whether it would be.
    """
    project = language.check_project(workspace.folder)
    advice = language.advise(project)
    if strict and advice:
        raise DefinitionsError(replace(problem, severity="error") for problem in advice)
    plan = language.compile_plan(project)
    changed = plan_differs(workspace, plan) if check else language.write_plan(workspace.folder, plan)
    return Validation(
        segments=len(project.segments),
        active=sum(segment.is_active for segment in project.segments.values()),
        attributes=len(project.attributes),
        warnings=advice,
        plan_changed=changed,
    )


def plan_differs(workspace: Workspace, plan: dict[str, Any]) -> bool:
    """Whether the plan in the project's files is another one."""
    path = workspace.folder / language.PLAN_PATH
    return not path.is_file() or path.read_text(encoding="ascii") != language.render_plan_macro(plan)


def write_schemas(workspace: Workspace, *, check: bool = False) -> dict[Path, bool]:
    """Write the JSON Schemas that editors check the project's files with; of each whether that changed it.

    With `check`, nothing is written, and the answer is whether it would be. Raises SegmentsError where a file
    can't be written.
    """
    schemas = {SCHEMA_FILE: language.json_schema, TESTS_SCHEMA_FILE: schema_of_tests}
    written: dict[Path, bool] = {}
    for name, make in schemas.items():
        path = workspace.folder / name
        text = json.dumps(make(workspace.folder), indent=2, ensure_ascii=False) + "\n"
        written[path] = not path.is_file() or path.read_text(encoding="utf-8") != text
        if written[path] and not check:
            write_file(path, text, "The JSON Schema")
    return written
