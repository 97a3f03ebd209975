"""Copies of the project, for tests that change it."""

import shutil
from pathlib import Path

from tests.databases import PROJECT

PARTS = (
    "dbt_project.yml",
    "profiles.yml",
    "segments.yml",
    "segment_tests.yml",
    "attributes.yml",
    "models",
    "macros",
    "tests/dbt",
)


def copy_project(folder: Path) -> Path:
    """A copy of the project in that folder, without what was made in it."""
    for part in PARTS:
        source, target = PROJECT / part, folder / part
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target)
        else:
            shutil.copy(source, target)
    return folder
