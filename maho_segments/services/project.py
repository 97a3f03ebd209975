"""Where the project is, and the environment it is worked on with."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from maho_segments.errors import SegmentsError

_MARKS = ("dbt_project.yml", "segments.yml")


@dataclass(frozen=True)
class Workspace:
    """A project's folder and the environment variables that say which warehouse it has."""

    folder: Path
    environ: Mapping[str, str]


def find_workspace(environ: Mapping[str, str], start: Path) -> Workspace:
    """The project that a command typed in folder `start` is about.

    That is SEGMENTS_PROJECT_DIR if set, else the nearest folder from `start` upwards with dbt_project.yml and
    segments.yml, else the checkout this package runs from. Raises SegmentsError where there is none.
    """
    named = environ.get("SEGMENTS_PROJECT_DIR")
    if named:
        folder = (start / Path(named).expanduser()).resolve()
        if not (folder / _MARKS[0]).is_file():
            raise SegmentsError(
                f"SEGMENTS_PROJECT_DIR is {named}, a folder without {_MARKS[0]}.",
                "Set it to the folder of the project, or unset it and work inside the project.",
            )
        return Workspace(folder, environ)
    checkout = Path(__file__).resolve().parents[2]
    for folder in (start.resolve(), *start.resolve().parents, checkout):
        if all((folder / mark).is_file() for mark in _MARKS):
            return Workspace(folder, environ)
    raise SegmentsError(
        f"No project found: neither {start} nor a folder above it has {' and '.join(_MARKS)}.",
        "Change into the project's folder, or set SEGMENTS_PROJECT_DIR to it.",
    )
