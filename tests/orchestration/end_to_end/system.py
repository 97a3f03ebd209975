"""A project that runs by itself, started as people start it; and what may happen to it."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import psycopg
import pytest

from maho_segments.services.capture_keeping import install_capture
from maho_segments.services.load import DEMO_MARK, replace_shop
from maho_segments.services.progress import Silence
from maho_segments.services.project import Workspace
from maho_segments.shop.demo import generate_shop
from maho_segments.warehouse import EmbeddedServer, connect, ensure_running
from tests.databases import Database, clean_environ
from tests.orchestration.end_to_end.pages import Pages, Run, Tick
from tests.projects import copy_project

T = TypeVar("T")

SEGMENTS = Path(sys.executable).parent / "segments"
LONGEST = 300.0
"""So many seconds anything may take on a machine that is busy with other tests."""
_LOOK = 0.5
_SENSORS = ("changes_sensor", "definitions_sensor", "published_sensor", "failures_sensor")
_SHOWN_LINES = 25
# Where a refresh is stopped midway: who is who is written by then, and nothing is published.
_MIDWAY = "segments_work.profile_features"


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class System:
    """A copy of the project with a small shop, run by `segments up` without its watcher."""

    database: Database
    pages: Pages
    process: subprocess.Popen[bytes] | None = None

    def __init__(self, folder: Path, environ: dict[str, str]) -> None:
        self.output = folder / "up.log"
        self.project = copy_project(folder / "project")
        self.environ = {
            **clean_environ(),
            **environ,
            "SEGMENTS_PROJECT_DIR": str(self.project),
            "SEGMENTS_WAREHOUSE_DIR": str(folder / "warehouse"),
            "DAGSTER_HOME": str(folder / "dagster"),
        }

    def start(self, prepare: str) -> None:
        """Make the shop, prepare it by those statements, and run everything until it is ready."""
        self.database = self._make_shop()
        self.database.execute(prepare)
        address = f"http://127.0.0.1:{(port := free_port())}"
        self.pages = Pages(address)
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                [SEGMENTS, "up", "--no-watch", "--port", str(port)],
                env=self.environ,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        self.until("segments up is ready", self.said, lambda said: f"Ready: {address}" in said)

    def _make_shop(self, customers: int = 60) -> Database:
        # Without what marks the system's processes: those of this one are to be left alone in the end.
        environ = {name: value for name, value in self.environ.items() if name != "DAGSTER_HOME"}
        workspace = Workspace(self.project, environ)
        settings = ensure_running(self.project, environ)
        with connect(settings) as connection:
            replace_shop(
                connection,
                lambda show: generate_shop(
                    connection,
                    customers=customers,
                    seed=1,
                    now=datetime.now(UTC) - timedelta(days=3),
                    progress=show,
                ),
                comment=DEMO_MARK,
                progress=Silence(),
            )
        install_capture(workspace, Silence())
        return Database(settings, environ)

    def define(self, segments: str) -> None:
        """Write segments.yml as an editor does: at once."""
        new = self.project / "segments.yml.new"
        new.write_text(segments, encoding="utf-8")
        new.replace(self.project / "segments.yml")

    def segments(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """What the command line of the project answers."""
        return subprocess.run(
            [SEGMENTS, *arguments], env=self.environ, capture_output=True, text=True, check=False
        )

    @contextmanager
    def watcher(self) -> Iterator[None]:
        """`segments watch` beside the rest, as long as the block; it has to end in peace."""
        log = self.output.with_name("watch.log")
        with log.open("wb") as output:
            watcher = subprocess.Popen(
                [SEGMENTS, "watch"], env=self.environ, stdout=output, stderr=subprocess.STDOUT
            )
        try:
            self.until(
                "the watcher waits",
                lambda: self.segments("status").stdout,
                lambda said: re.search(r"good +watcher .* is waiting", said),
            )
            yield
            watcher.send_signal(signal.SIGTERM)
            assert watcher.wait(LONGEST) == 0, log.read_text()
        finally:
            watcher.kill()
            watcher.wait()

    def members(self, segment: str) -> set[int]:
        """The shop's numbers of the customers in a segment, as published."""
        query = "select customer_id from segments.segment_members where segment_name = %s"
        return {row[0] for row in self.database.rows(query, segment)}

    # What is waited for -----------------------------------------------------------------------------------

    def until(self, what: str, look: Callable[[], T], is_so: Callable[[T], object] = bool) -> T:
        """What `look` gives once it is so; fails with what it gave last, and how the logs end."""
        give_up = time.monotonic() + LONGEST
        seen: object = "nothing"
        while time.monotonic() < give_up and self._running.poll() is None:
            try:
                seen = found = look()
                if is_so(found):
                    return found
            except (OSError, ValueError, psycopg.OperationalError) as error:
                # Pages and warehouse are away at times: some tests see to that.
                seen = error
            time.sleep(_LOOK)
        pytest.fail(f"Waited in vain until {what}.\nSeen last: {seen}\n\n{self.report()}")

    def ended(self, run_id: str) -> Run:
        """A run, once it has ended."""
        return self.until(
            f"run {run_id} has ended", lambda: self.pages.run(run_id), lambda run: run.is_finished
        )

    def run_by(self, name: str, since: float, *, status: str) -> Run:
        """The first run since then that a sensor or schedule asked for, once it has that status."""

        def look() -> list[Run]:
            return [run for run in self.pages.runs(createdAfter=since) if run.by == name]

        def is_so(runs: list[Run]) -> bool:
            return bool(runs) and (runs[-1].status == status or runs[-1].is_finished)

        run = self.until(f"a run of {name} has the status {status}", look, is_so)[-1]
        assert run.status == status, self.report()
        return run

    def tick(self, name: str, since: float, *, status: str, saying: str = "") -> Tick:
        """A tick of a sensor or schedule since then that ended with that status, saying so."""

        def look() -> list[Tick]:
            return self.pages.ticks(name, since)

        def find(ticks: Sequence[Tick]) -> list[Tick]:
            return [one for one in ticks if one.status == status and re.search(saying, one.said)]

        return find(self.until(f"{name} ticks with {status}, saying {saying!r}", look, find))[-1]

    @property
    def _running(self) -> subprocess.Popen[bytes]:
        assert self.process is not None
        return self.process

    def said(self) -> str:
        """What `segments up` printed."""
        return self.output.read_text(encoding="utf-8")

    def report(self) -> str:
        """The state of everything, for whoever has to find out what went wrong."""
        parts = [f"segments up:\n{self.said()}"]
        for log in sorted((self.project / "logs" / "up").glob("*.log")):
            lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
            parts.append(f"{log.name}:\n" + "\n".join(lines[-_SHOWN_LINES:]))
        with suppress(OSError, ValueError):
            for run in self.pages.runs():
                errors = [entry.error for entry in self.pages.log(run.id) if entry.error]
                parts.append("\n".join([str(run), *errors]))
            for name in _SENSORS:
                ticks = map(str, self.pages.ticks(name, limit=6))
                parts.append("\n".join([name, *ticks]))
        return "\n\n".join(parts)

    # What happens to it -----------------------------------------------------------------------------------

    @contextmanager
    def refreshes_stopped_midway(self) -> Iterator[psycopg.Connection]:
        """While this lasts, each refresh waits for a lock in its middle; gives the session that has it."""
        with self.database.connect() as connection:
            connection.execute("begin")
            connection.execute(f"lock table {_MIDWAY} in share mode".encode())
            yield connection

    def until_one_is_stopped(self) -> None:
        """Wait until a refresh has come to its middle."""
        query = "select 1 from pg_locks where relation = %s::regclass and not granted"
        self.until("a refresh is stopped midway", lambda: self.database.rows(query, _MIDWAY))

    @contextmanager
    def database_away(self, *, but_for: psycopg.Connection) -> Iterator[None]:
        """Lets nobody into the shop's database, and ends the sessions of all but one."""
        name = self.database.settings.dbname
        with connect(replace(self.database.settings, dbname="postgres"), autocommit=True) as admin:
            admin.execute(f'alter database "{name}" allow_connections false'.encode())
            try:
                admin.execute(
                    "select pg_terminate_backend(pid) from pg_stat_activity where datname = %s and pid <> %s",
                    [name, but_for.info.backend_pid],
                )
                yield
            finally:
                admin.execute(f'alter database "{name}" allow_connections true'.encode())

    def processes(self, *words: str) -> list[int]:
        """The processes of this system whose command line has one of the words."""
        mark = f"DAGSTER_HOME={self.environ['DAGSTER_HOME']}".encode()
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                line = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                is_ours = mark in (folder / "environ").read_bytes().split(b"\0")
                if is_ours and any(word in line for word in words):
                    found.append(int(folder.name))
        return found

    def process_of(self, run_id: str) -> int:
        """The process that a run is executed in."""
        for entry in self.pages.log(run_id):
            if match := re.search(r"Started process for run \(pid: (\d+)\)", entry.message):
                return int(match[1])
        pytest.fail(f"run {run_id} has no process\n\n{self.report()}")

    def stop(self) -> int:
        """Ask it to stop, as Ctrl-C does; its exit code."""
        self._running.send_signal(signal.SIGTERM)
        return self._running.wait(LONGEST)

    def kill(self, *processes: int) -> None:
        """kill -9 of them all."""
        for process in processes:
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)

    def clear_away(self) -> None:
        """Leave nothing behind, whatever happened."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
        self.kill(*self.processes(""))
        EmbeddedServer.of_project(self.project, self.environ).delete()


def ledger(database: Database) -> list[dict[str, Any]]:
    """The ledger's refreshes, the first one first."""
    columns = (
        "run_id",
        "status",
        "mode",
        "held_segments",
        "initiated_by",
        "error",
        "entered_count",
        "left_count",
        "as_of",
    )
    query = f"select {', '.join(columns)} from segments.segment_runs order by run_id"
    return [dict(zip(columns, row, strict=True)) for row in database.rows(query)]
