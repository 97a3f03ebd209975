"""How a watcher tells what it does and sees: once of what stays so, and again when it is otherwise."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from maho_segments.errors import DefinitionsError
from maho_segments.services.build_report import BuildReport
from maho_segments.services.capture_status import CaptureStatus
from maho_segments.services.progress import Silence
from maho_segments.services.watch.events import Event, EventKind, refreshed


class Teller:
    """What one watcher has told, and to whom it tells."""

    def __init__(self, tell: Callable[[Event], None]) -> None:
        self._tell = tell
        self._watching: str = ""
        self._problem: DefinitionsError | None = None
        self.obstacle: str = ""
        """What was in the way of the last refresh, as it was told; nothing where it succeeded."""

    def say(self, kind: EventKind, text: str, **data: Any) -> None:
        """Say it."""
        self._tell(Event(kind, datetime.now(UTC), text, data))

    def say_once(self, kind: EventKind, text: str, *, run_id: int | None = None) -> None:
        """Say what is in the way, unless that was in the way of the last try, too; and which run it ended."""
        if text != self.obstacle:
            which, data = ("", {}) if run_id is None else (f"run {run_id}: ", {"run_id": run_id})
            self.say(kind, f"{which}{text}", **data)
        self.obstacle = text

    def refreshed(self, report: BuildReport, why: tuple[str, ...], at: datetime) -> None:
        """Tell of a refresh: nothing is in the way any more."""
        self.obstacle = ""
        self._tell(refreshed(report, why, at))

    def watching(self, capture: CaptureStatus, *, poll: timedelta) -> None:
        """Say how changes are known, and what of that a person should mend, where that is not as before."""
        text = _how_changes_are_known(capture, f"{poll.total_seconds():.0f} s")
        if text != self._watching:
            self.say("watching", text)
        self._watching = text

    def definitions(self, problem: DefinitionsError | None, *, has_former: bool) -> None:
        """Say what is wrong with the definitions, or that nothing is, where that is not as before."""
        if problem is self._problem:
            return
        self._problem = problem
        if problem is None:
            self.say("note", "The definitions are valid again.")
            return
        goes_on = (
            "Those of before are refreshed until they are corrected."
            if has_former
            else "Nothing is refreshed until they are corrected."
        )
        words = "\n".join(map(str, problem.problems))
        problems = [one.as_dict() for one in problem.problems]
        self.say("refused", f"{words}\n{problem.message}. {goes_on}", problems=problems)


class Notes(Silence):
    """Of a refresh under way, a watcher tells only what a person should read."""

    def __init__(self, teller: Teller) -> None:
        self._teller = teller

    def note(self, text: str) -> None:
        self._teller.say("note", text)


def _how_changes_are_known(capture: CaptureStatus, poll: str) -> str:
    if capture.mode == "clocks":
        return f"Watching. Changes are known by clocks, so there is a refresh every {poll}."
    if capture.gaps:
        gaps = "; ".join(capture.gaps)
        return f"Watching. Everybody is looked at every {poll}, as not all changes are captured: {gaps}"
    if capture.outdated:
        tables = ", ".join(capture.outdated)
        return f"Watching. Changes of {tables} are seen every {poll} only: run `segments capture install`."
    return "Watching: changes are told at once."
