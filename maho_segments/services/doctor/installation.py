"""The doctor's look at what needs no database: Python, the packages, the definitions, the disk."""

import platform
import re
import shutil
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from packaging.requirements import Requirement

from maho_segments import language
from maho_segments.errors import DefinitionsError
from maho_segments.services.definitions import plan_differs, write_schemas
from maho_segments.services.doctor.finding import Finding
from maho_segments.services.project import Workspace
from maho_segments.warehouse import warehouse_dir

_OLDEST_PYTHON = (3, 11)
_LOCK_FILE = "requirements.lock"
_PIN = re.compile(r"^[A-Za-z0-9][^\\\n]*==[^\\\n]*", re.MULTILINE)
_LITTLE_SPACE = 2 * 1024**3


def look_at_installation(folder: Path) -> Iterator[Finding]:
    """Python's version, and whether the packages are those of the lock file."""
    python = f"{platform.python_version()} in {sys.prefix}"
    if sys.version_info < _OLDEST_PYTHON:
        yield Finding("python", "bad", python, "Python 3.11 or newer is needed: PYTHON=... bin/setup")
    else:
        yield Finding("python", "good", python)
    lock = folder / _LOCK_FILE
    if not lock.is_file():
        yield Finding("packages", "warning", f"there is no {_LOCK_FILE}", "Restore it from the repository.")
        return
    differing = list(_differing_packages(lock.read_text(encoding="utf-8")))
    if differing:
        yield Finding("packages", "warning", f"not as locked: {', '.join(differing)}", "Run bin/setup.")
    else:
        yield Finding("packages", "good", f"as in {_LOCK_FILE}")


def _differing_packages(lock: str) -> Iterator[str]:
    for line in _PIN.findall(lock):
        pin = Requirement(line.strip())
        if pin.marker is not None and not pin.marker.evaluate():
            continue
        try:
            installed = version(pin.name)
        except PackageNotFoundError:
            yield f"{pin.name} (missing)"
            continue
        if installed not in pin.specifier:
            yield f"{pin.name} {installed} ({pin.specifier} is locked)"


def look_at_definitions(workspace: Workspace) -> Iterator[Finding]:
    """Whether the definitions are valid, and the files made from them up to date."""
    try:
        project = language.check_project(workspace.folder)
    except DefinitionsError as error:
        yield Finding("definitions", "bad", error.message, "`segments validate` shows each.")
        return
    found = f"{len(project.segments)} segments and {len(project.attributes)} attributes"
    if advice := language.advise(project):
        hint = "`segments validate` shows each warning."
        yield Finding("definitions", "warning", f"{found}, {len(advice)} warnings", hint)
    else:
        yield Finding("definitions", "good", found)
    if plan_differs(workspace, language.compile_plan(project)):
        hint = "`segments build` renews it; a bare `dbt build` would use the old one."
        yield Finding("plan", "warning", "older than the definitions", hint)
    else:
        yield Finding("plan", "good", "up to date")
    for path, is_stale in write_schemas(workspace, check=True).items():
        if is_stale:
            yield Finding("schema", "warning", f"{path.name} is out of date", "Run `segments schema`.")
        else:
            yield Finding("schema", "good", f"{path.name} is up to date")


def look_at_disk(workspace: Workspace) -> Finding:
    """Whether there is space where the embedded warehouse and dbt write."""
    folder = warehouse_dir(workspace.folder, workspace.environ)
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    free = shutil.disk_usage(existing).free
    found = f"{free / 1024**3:.1f} GB free at {existing}"
    if free < _LITTLE_SPACE:
        return Finding(
            "disk", "warning", found, "Make room: a build needs about as much as the shop's tables."
        )
    return Finding("disk", "good", found)
