"""`segments up`, started for real: what it starts, what it starts again, and what is left of it."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from maho_segments.services.dagster_activity import read_activity
from maho_segments.services.dagster_api import ask, read_dagster, reload_location
from maho_segments.warehouse import EmbeddedServer, find_binaries
from tests.databases import Database, TcpServer, clean_environ, new_database, short_folder
from tests.projects import copy_project

SEGMENTS = Path(sys.executable).parent / "segments"
LONGEST = 600.0


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    """A folder with a project, which has a warehouse of its own."""
    with short_folder() as folder:
        copy_project(folder / "project")
        yield folder
        EmbeddedServer(folder / "warehouse", find_binaries(os.environ)).delete()


@pytest.fixture
def analyst(tcp_server: TcpServer) -> Iterator[Database]:
    """A database of an existing server, by a role that may do no more than make schemas in it."""
    password = "it's 100% {{ x }}"
    with new_database(tcp_server.settings, {}) as owned:
        owned.execute(f"create role operator login password '{password.replace(chr(39), chr(39) * 2)}'")
        owned.execute(f"grant create on database {owned.settings.dbname} to operator")
        settings = replace(owned.settings, user="operator", password=password)
        yield Database(settings, settings.environ())


def environ_of(place: Path, environ: Mapping[str, str]) -> dict[str, str]:
    return {
        **clean_environ(),
        **environ,
        "SEGMENTS_PROJECT_DIR": str(place / "project"),
        "SEGMENTS_WAREHOUSE_DIR": str(place / "warehouse"),
        "DAGSTER_HOME": str(place / "dagster"),
    }


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def refuse(place: Path, port: int) -> subprocess.CompletedProcess[str]:
    """What another `segments up` says, which ends at once."""
    command = [SEGMENTS, "up", "--port", str(port)]
    return subprocess.run(command, env=environ_of(place, {}), capture_output=True, text=True, check=False)


def ask_health(port: int) -> tuple[int, str] | None:
    """The HTTP status, and what it says of Dagster; none while nobody answers."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health") as answer:
            code, body = answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            code, body = error.code, json.load(error)
    except OSError:
        return None
    return code, next((one["state"] for one in body["findings"] if one["subject"] == "dagster"), "missing")


class Up:
    """A running `segments up`."""

    def __init__(self, place: Path, environ: Mapping[str, str], *options: str) -> None:
        self.place = place
        self.port = free_port()
        self.output = place / f"up-{self.port}.log"
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                [SEGMENTS, "up", "--port", str(self.port), *options],
                env=environ_of(place, environ),
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def said(self) -> str:
        return self.output.read_text(encoding="utf-8")

    def others(self) -> dict[int, str]:
        """The command lines of all other processes that have its environment: those of children, too."""
        mark = f"DAGSTER_HOME={self.place / 'dagster'}".encode()
        found = {}
        for folder in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                if mark in (folder / "environ").read_bytes().split(b"\0"):
                    found[int(folder.name)] = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        return {pid: line for pid, line in found.items() if line and pid != self.process.pid}

    def pid_of(self, program: str) -> int | None:
        return next((pid for pid, line in self.others().items() if program in line), None)

    def wait_for(self, wanted: Callable[[], object]) -> None:
        give_up = time.monotonic() + LONGEST
        while not wanted():
            assert time.monotonic() < give_up, f"{self.said()}\n{self.others()}"
            time.sleep(0.1)

    def has_warehouse(self) -> bool:
        return EmbeddedServer(self.place / "warehouse", find_binaries(os.environ)).status().running


@pytest.fixture
def start(place: Path) -> Iterator[Callable[..., Up]]:
    started: list[Up] = []

    def start_up(*options: str, environ: Mapping[str, str] | None = None) -> Up:
        started.append(Up(place, environ or {}, *options))
        return started[-1]

    yield start_up
    for up in started:
        up.process.kill()
        up.process.wait()
        up.wait_for(lambda up=up: not up.others())


def test_a_port_that_is_taken_is_refused_before_anything_is_started(place):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        refused = refuse(place, port)
    assert refused.returncode == 1
    assert f"http://127.0.0.1:{port} can't be served: Address already in use" in refused.stderr
    assert not (place / "warehouse" / "data").exists()


@pytest.mark.slow
def test_everything_is_started_kept_running_and_stopped_on_an_existing_server(place, start, analyst):
    health = free_port()
    up = start("--no-watch", "--health-port", str(health), environ=analyst.environ)
    address = f"http://127.0.0.1:{up.port}"
    up.wait_for(lambda: f"Ready: {address}" in up.said())
    assert read_dagster(address).is_loaded
    activity = read_activity(address)
    assert (activity.runs, activity.failing_checks) == ((), ())

    with (place / "project" / "segments.yml").open("a", encoding="utf-8") as segments:
        segments.write("  latecomers:\n    match: { email: { is_set: true } }\n")
    reload_location(address)
    shown = ask(address, "{ assetNodes { assetKey { path } } }")["assetNodes"]
    assert {"assetKey": {"path": ["segment", "latecomers"]}} in shown

    second = refuse(place, free_port())
    assert second.returncode == 1
    assert f"as process {up.process.pid}: {address}" in second.stderr

    up.wait_for(lambda: ask_health(health) == (200, "good"))
    killed = up.pid_of("dagster-webserver")
    os.kill(killed, signal.SIGKILL)
    up.wait_for(lambda: "webserver is started again" in up.said())
    assert "webserver was ended by SIGKILL" in up.said()
    up.wait_for(lambda: read_dagster(address).is_loaded)
    assert up.pid_of("dagster-webserver") not in {None, killed}

    up.process.send_signal(signal.SIGTERM)
    assert up.process.wait(LONGEST) == 0, up.said()
    assert not up.others()
    assert not (place / "warehouse" / "data").exists()
    # What Dagster keeps is in a schema of that database.
    assert analyst.rows("select count(*) > 0 from segments_dagster.instigators") == [(True,)]
    assert list((place / "project" / "logs" / "up").glob("*.log"))


@pytest.mark.slow
def test_nothing_outlives_it_when_it_is_killed(place, start):
    up = start()
    up.wait_for(lambda: up.pid_of("code-server") and up.pid_of("segments watch"))

    up.process.kill()

    up.wait_for(lambda: not up.others())
    up.wait_for(lambda: not up.has_warehouse())
