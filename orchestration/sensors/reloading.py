"""Having Dagster show the segments and schedules of the file, where it was loaded with others."""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from maho_segments.language import ATTRIBUTES_FILE, PLAN_PATH, SEGMENTS_FILE
from maho_segments.services.dagster_api import ADDRESS_VARIABLE, RELOAD_SECONDS, reload_location
from maho_segments.services.dbt import parsed_files
from maho_segments.services.instants import format_instant
from maho_segments.services.project import Workspace
from orchestration.sensors.asking import FIRST_PAUSE, LONGEST_PAUSE
from orchestration.trial import try_loading


@dataclass(frozen=True)
class Attempt:
    """The last attempt to have Dagster show these files: the how manieth, when it ended, what became of it.

    Without a problem Dagster has reloaded, and shows them, unless it reloaded something else. `loads` says
    whether the files do: then it is Dagster that refused.
    """

    files: object
    number: int
    ended_at: datetime
    problem: str = ""
    loads: bool = True
    is_lasting: bool = False


@dataclass(frozen=True)
class Step:
    """What a tick says of Dagster that is outdated, and does: begin an attempt of that number, or fail."""

    words: str
    begins: int = 0
    fails: bool = False


def why_outdated(shown: Sequence[Mapping[str, Any]], defined: Sequence[Mapping[str, Any]]) -> str:
    """Which of the active segments of a plan Dagster does not show, or shows otherwise; empty where none."""
    before = {segment["name"]: segment for segment in shown}
    after = {segment["name"]: segment for segment in defined if segment["is_active"]}
    differences = {
        "without": [name for name in after if name not in before],
        "still with": [name for name in before if name not in after],
        "with the former": [name for name in after if name in before and after[name] != before[name]],
    }
    return " and ".join(f"{how} {_named(names)}" for how, names in differences.items() if names)


def plan_reload(
    outdated: str, files: object, last: Attempt | None, *, is_under_way: bool, now: datetime
) -> Step:
    """One attempt at a time: at once for files that are others, for the same ones after longer and longer.

    What only an edit can mend is tried again after the longest pause at once: whoever says so may be wrong.
    """
    shows = f"Dagster shows the segments {outdated}"
    if last is None or last.files != files:
        return Step(f"{shows}: it reloads.", begins=0 if is_under_way else 1)
    told = f"failed when it was tried last: {last.problem}" if last.problem else "changed nothing"
    longer = LONGEST_PAUSE if last.is_lasting else FIRST_PAUSE * 2 ** min(last.number - 1, 10)
    again_at = last.ended_at + min(longer, LONGEST_PAUSE)
    # A moment that is yet to come is one of a clock that was set back.
    if not is_under_way and last.ended_at <= now < again_at:
        again = f"Again when a file is edited, or at {format_instant(again_at)}."
        return Step(f"{shows}, and to reload {told}\n{again}", fails=not last.loads)
    begins = 0 if is_under_way else last.number + 1
    return Step(f"{shows}: it reloads, which {told}", begins, fails=not last.loads)


class Reloading:
    """Asks Dagster's webserver to load the project anew: in a thread, since who asks is replaced by it.

    Dagster ends the old code before it knows whether the new one loads; with it, all sensors would be gone.
    So that is tried before.
    """

    def __init__(self) -> None:
        self._thread: threading.Thread | None = None
        self._last: Attempt | None = None

    def ask(self, outdated: str, workspace: Workspace, *, now: datetime) -> Step:
        """See to it that Dagster is no longer outdated; without its address, say who else can."""
        address = workspace.environ.get(ADDRESS_VARIABLE)
        if address is None:
            return Step(f"Dagster shows the segments {outdated}: press Reload on its page Deployment.")
        files = _files(workspace.folder)
        is_under_way = self._thread is not None and self._thread.is_alive()
        step = plan_reload(outdated, files, self._last, is_under_way=is_under_way, now=now)
        if step.begins:
            arguments = (address, workspace, files, step.begins)
            self._thread = threading.Thread(target=self._attempt, args=arguments, daemon=True)
            self._thread.start()
        return step

    def wait(self) -> None:
        """Wait for the end of the attempt under way."""
        if self._thread is not None:
            self._thread.join()

    def _attempt(self, address: str, workspace: Workspace, files: object, number: int) -> None:
        problem, loads, is_lasting = "", False, False
        try:
            if failure := try_loading(workspace, seconds=RELOAD_SECONDS):
                problem, is_lasting = failure.words, failure.is_lasting
            elif _files(workspace.folder) != files:
                # What loads is no more what Dagster would load; the next tick sees to that.
                return
            else:
                loads = True
                reload_location(address)
        except Exception as error:
            # Whatever it is, the ticks have to say it: nobody else sees this thread.
            problem = str(error) or type(error).__name__
        self._last = Attempt(files, number, datetime.now(UTC), problem, loads, is_lasting)


def _files(folder: Path) -> object:
    """What people wrote of what is loaded: another value when a file of it was written."""
    definitions = filter(Path.is_file, (folder / SEGMENTS_FILE, folder / ATTRIBUTES_FILE))
    found = ((path, path.stat()) for path in definitions)
    stamps = {(str(path), status.st_mtime_ns, status.st_size) for path, status in found}
    # The plan is written by whoever reads the definitions, the trial among them.
    plan = str(folder / PLAN_PATH)
    return stamps | {stamp for stamp in parsed_files(folder) if stamp[0] != plan}


def _named(names: Sequence[str]) -> str:
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return f"{', '.join(names[:3])}{more}"
