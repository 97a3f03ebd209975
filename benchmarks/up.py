"""`segments up` for as long as something is measured, and what Dagster tells of itself meanwhile."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.projects import Laboratory
from maho_segments.services.dagster_api import ask, read_dagster

_START_SECONDS = 300.0
_STOP_SECONDS = 120.0
_LOCATION = '{repositoryName: "__repository__", repositoryLocationName: "maho_segments"}'
_RUNS = "{ runsOrError(limit: 1000) { ... on Runs { results { runId jobName status creationTime startTime endTime } } } }"
_TICKS = f"""{{
    sensorsOrError(repositorySelector: {_LOCATION}) {{
        ... on Sensors {{ results {{ name sensorState {{ ticks(afterTimestamp: %f, limit: 1000) {{ timestamp status }} }} }} }}
    }}
}}"""
_SCHEDULES = f"""{{
    schedulesOrError(repositorySelector: {_LOCATION}) {{
        ... on Schedules {{ results {{ name futureTicks(limit: 1) {{ results {{ timestamp }} }} }} }}
    }}
}}"""


@dataclass(frozen=True)
class Run:
    """A run of Dagster, its times in seconds since 1970: when it was asked for, began to work, and ended."""

    run_id: str
    job: str
    asked: float
    began: float | None
    ended: float | None


@dataclass(frozen=True)
class Up:
    """A running `segments up`. Whatever asks Dagster raises OSError or ValueError where that does not answer."""

    process: subprocess.Popen[bytes]
    address: str
    log: Path

    def is_ready(self) -> bool:
        """Whether the project is loaded and all parts of the daemon live; raises SystemExit where nothing will come of it."""
        if self.process.poll() is not None:
            raise SystemExit(f"`segments up` ended:\n{self.log.read_text(encoding='utf-8')}")
        state = read_dagster(self.address)
        if state.error:
            raise SystemExit(f"Dagster can't load the project:\n{state.error}")
        return state.is_loaded and not state.silent_daemons

    def runs(self) -> list[Run]:
        """The latest runs, the newest first."""
        return [
            Run(one["runId"], one["jobName"], one["creationTime"], one["startTime"], one["endTime"])
            for one in ask(self.address, _RUNS)["runsOrError"]["results"]
        ]

    def ticks(self, since: float) -> dict[str, int]:
        """How often each sensor has looked since then."""
        sensors: list[dict[str, Any]] = ask(self.address, _TICKS % since)["sensorsOrError"]["results"]
        return {
            one["name"]: sum(tick["status"] != "STARTED" for tick in one["sensorState"]["ticks"])
            for one in sensors
        }

    def next_schedule(self) -> tuple[float, str]:
        """When the next schedule comes, and which it is."""
        schedules = ask(self.address, _SCHEDULES)["schedulesOrError"]["results"]
        return min((one["futureTicks"]["results"][0]["timestamp"], one["name"]) for one in schedules)


@contextmanager
def running_up(shop: Laboratory, *options: str) -> Iterator[Up]:
    """`segments up` with these options, ready; stopped at the end."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = shop.folder / "up.log"
    command = [str(Path(sys.executable).with_name("segments")), "up", "--port", str(port), *options]
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=shop.workspace.folder,
            env=dict(shop.workspace.environ),
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    up = Up(process, f"http://127.0.0.1:{port}", log)
    try:
        wait_for(up.is_ready, "Dagster that is well", seconds=_START_SECONDS)
        yield up
    finally:
        stop(process)


def stop(process: subprocess.Popen[bytes]) -> None:
    """End a process in peace, or after a while by force."""
    process.terminate()
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def wait_for(condition: Callable[[], bool], what: str, *, seconds: float) -> None:
    """Return when the condition holds; raises SystemExit when it does not within that time."""
    until = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > until:
            raise SystemExit(f"There was no {what} within {seconds:.0f} s.")
        time.sleep(0.5)
