"""Having Dagster show the segments and schedules of the file, where it was loaded with others."""

import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from maho_segments.services.dagster_api import reload_location


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


class Reloading:
    """Asks Dagster's webserver to load the project anew: in a thread, since who asks is replaced by it.

    Dagster ends the old code before it knows whether the new one loads; with it, all sensors would be gone.
    So that is tried before.
    """

    def __init__(self) -> None:
        self._thread: threading.Thread | None = None
        self._problem = ""

    def ask(self, why: str, address: str | None, load: Callable[[], object]) -> str:
        """See to it that Dagster is no longer outdated, and say so; without an address, who else can.

        `load` loads the project as it is now; it raises SegmentsError where that can't be done.
        """
        shows = f"Dagster shows the segments {why}"
        if address is None:
            return f"{shows}: press Reload on its page Deployment."
        failed = f", which failed when it was tried last: {self._problem}" if self._problem else "."
        if self._thread is None or not self._thread.is_alive():
            self._thread = threading.Thread(target=self._reload, args=[address, load], daemon=True)
            self._thread.start()
        return f"{shows}: it reloads{failed}"

    def wait(self) -> None:
        """Wait for the end of the reload under way."""
        if self._thread is not None:
            self._thread.join()

    def _reload(self, address: str, load: Callable[[], object]) -> None:
        try:
            load()
            reload_location(address)
        except Exception as error:
            # Whatever it is, the ticks have to say it: nobody else sees this thread.
            self._problem = str(error) or type(error).__name__
        else:
            self._problem = ""


def _named(names: Sequence[str]) -> str:
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return f"{', '.join(names[:3])}{more}"
