"""Starting everything, keeping it running, and stopping it in the right order."""

import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from maho_segments.errors import SegmentsError, WarehouseError
from maho_segments.services.dagster_api import DagsterState, read_dagster
from maho_segments.services.project import Workspace
from maho_segments.services.up.dagster import (
    check_installed,
    dagster_commands,
    dagster_environ,
    prepare_home,
    schedule_environ,
    storage_url,
)
from maho_segments.services.up.lock import only_one
from maho_segments.services.up.service import Command, Service
from maho_segments.warehouse import EmbeddedServer, ensure_running, read_settings

_LOOK_SECONDS = 0.5
_LOOK_AT_WAREHOUSE_SECONDS = 5.0
_LONGEST_START_SECONDS = 300.0
_PATIENCE_SECONDS = 3.0

Say = Callable[[str], None]


class _Stop:
    """Whether somebody asked to stop, and whether again: then nothing is waited for.

    No events, whose locks a signal handler might find taken by what it interrupts.
    """

    asked = False
    at_once = False

    def ask(self, number: int) -> None:
        """Stop, as that signal says; at a second Ctrl-C at once. At a logout two signals come together."""
        self.at_once |= self.asked and number == signal.SIGINT
        self.asked = True


@dataclass(frozen=True)
class UpOptions:
    """How `segments up` is to run."""

    host: str = "127.0.0.1"
    port: int = 3000
    watch: bool = True
    health_port: int | None = None
    show_logs: bool = False

    @property
    def address(self) -> str:
        """Where Dagster's pages are."""
        host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(self.host, self.host)  # noqa: S104  it is compared
        return f"http://{host}:{self.port}"


def run_up(workspace: Workspace, options: UpOptions, *, say: Say) -> None:
    """Start the warehouse, Dagster and the refresher, and keep them running until SIGINT or SIGTERM.

    Raises SegmentsError where Dagster is missing, the port is taken, or another one runs for this project,
    and WarehouseError where there is no warehouse. When it returns or raises, nothing that it started runs.
    """
    check_installed()
    home = prepare_home(workspace)
    with ExitStack() as stack:
        stop = stack.enter_context(_stop_signals())
        lock = stack.enter_context(only_one(home, address=options.address, now=datetime.now(UTC)))
        _check_port(options)
        ours = _start_warehouse(workspace, say)
        # Sockets need short paths, and nobody else may reach the one through which code is run.
        private = Path(tempfile.mkdtemp(prefix="segments-up-"))
        to_stop = [workspace.folder] if ours else []
        guardian = stack.enter_context(_guardian([private, *to_stop], workspace.environ, lock=lock, say=say))
        commands = _commands(workspace, options, home=home, socket=private / "code.sock")
        _Everything(workspace, options, commands, guardian, stop, say).run()


def _commands(workspace: Workspace, options: UpOptions, *, home: Path, socket: Path) -> list[Command]:
    settings = read_settings(workspace.folder, workspace.environ)
    if settings.target == "embedded":
        settings = ensure_running(workspace.folder, workspace.environ)
    environ = dagster_environ(
        workspace,
        home=home,
        url=storage_url(workspace, settings),
        socket=socket,
        address=options.address,
    )
    logs = workspace.folder / "logs" / "up"
    # The others ask the shop for its clock, each time.
    clocked = environ | schedule_environ(workspace, settings)
    dagster = dagster_commands(clocked, host=options.host, port=options.port, logs=logs)

    def command(name: str, *arguments: str) -> Command:
        line = (str(Path(sys.executable).parent / "segments"), *arguments)
        return Command(name, line, environ, workspace.folder, logs / f"{name}.log")

    own = [command("watcher", "watch")] if options.watch else []
    if options.health_port is not None:
        serve = ("--serve", str(options.health_port), "--host", options.host)
        own.append(command("health", "status", *serve))
    return [*dagster, *own]


class _Everything:
    """All services together."""

    def __init__(
        self,
        workspace: Workspace,
        options: UpOptions,
        commands: list[Command],
        guardian: "subprocess.Popen[bytes]",
        stop: _Stop,
        say: Say,
    ) -> None:
        self._workspace = workspace
        self._options = options
        self._commands = commands
        self._guardian = guardian
        self._stop = stop
        self._say = say
        self._services: list[Service] = []
        self._is_embedded = read_settings(workspace.folder, workspace.environ).target == "embedded"

    def run(self) -> None:
        """Start the services and tend them until it is to stop."""
        show = (lambda name, line: self._say(f"{name:>9} | {line}")) if self._options.show_logs else None
        try:
            names = ", ".join(command.name for command in self._commands)
            self._say(f"Starting {names}; their logs are in {self._commands[0].log.parent}")
            coming = list(self._commands)
            threading.Thread(target=self._tell_when_ready, daemon=True).start()
            look_at_warehouse = time.monotonic()
            while not self._stop.asked:
                for command in [command for command in coming if self._may_start(command)]:
                    coming.remove(command)
                    self._services.append(Service(command, group=self._guardian.pid, show=show))
                for service in self._services:
                    if said := service.tend():
                        self._say(said)
                if self._guardian.poll() is not None:
                    raise SegmentsError("The process that guards the others was ended; so everything is.")
                if self._is_embedded and time.monotonic() >= look_at_warehouse:
                    self._tend_warehouse()
                    look_at_warehouse = time.monotonic() + _LOOK_AT_WAREHOUSE_SECONDS
                time.sleep(_LOOK_SECONDS)
        finally:
            self._end()

    @staticmethod
    def _may_start(command: Command) -> bool:
        """Whether what the command needs is there."""
        if command.needs is None:
            return True
        with socket.socket(socket.AF_UNIX) as probe:
            return probe.connect_ex(str(command.needs)) == 0

    def _tell_when_ready(self) -> None:
        """Say once where to look, or what is wrong with the code location."""
        give_up = time.monotonic() + _LONGEST_START_SECONDS
        told: DagsterState | None = None
        while not self._stop.asked:
            time.sleep(_LOOK_SECONDS)
            state = read_dagster(self._options.address)
            if state.is_loaded:
                self._say(f"Ready: {self._options.address}   Ctrl-C stops everything.")
                return
            if state.error and state != told:
                told = state
                self._say(
                    f"Dagster can't load the project:\n{state.error}\n"
                    f"Mend it and press Reload on {self._options.address}/deployment/locations"
                )
            elif time.monotonic() > give_up:
                self._say(f"Dagster does not answer yet; see {self._commands[0].log.parent}")
                return

    def _tend_warehouse(self) -> None:
        """Start the embedded server again where somebody ended it."""
        server = EmbeddedServer.of_project(self._workspace.folder, self._workspace.environ)
        try:
            if not server.status().running:
                self._say("The embedded warehouse was stopped; it is started again.")
                server.start()
        except WarehouseError as error:
            self._say(str(error))

    def _end(self) -> None:
        """Who asks the code server ends before it, so that nothing is begun in vain; a refresh may end."""
        self._say("Stopping everything.")
        servers = [service for service in self._services if service.command.socket is not None]
        clients = [service for service in self._services if service.command.needs is not None]
        for service in self._services:
            if service not in servers:
                service.ask_to_stop()
        self._wait_for(clients)
        for service in servers:
            service.ask_to_stop()
        self._wait_for(self._services)

    def _wait_for(self, services: list[Service]) -> None:
        """Wait until they have ended, or should have; no longer than until one asks again to stop."""
        began, told = time.monotonic(), False
        while not self._stop.at_once:
            ending = [service.command.name for service in services if service.is_ending()]
            if not ending:
                break
            if not told and time.monotonic() - began > _PATIENCE_SECONDS:
                told = True
                self._say(f"Waiting for {' and '.join(ending)} to end; Ctrl-C again waits no longer.")
            time.sleep(0.05)
        for service in services:
            service.leave()


@contextmanager
def _guardian(
    folders: list[Path], environ: Mapping[str, str], *, lock: int, say: Say
) -> Iterator["subprocess.Popen[bytes]"]:
    """The process that leads the group of all services, and ends it when this process leaves or dies."""
    guardian = subprocess.Popen(
        [sys.executable, "-m", "maho_segments.services.up.guardian", *map(str, folders)],
        stdin=subprocess.PIPE,
        process_group=0,
        # The lock is free when everything is gone, not before.
        pass_fds=[lock],
        env=environ,
        cwd="/",
    )
    try:
        yield guardian
    finally:
        assert guardian.stdin is not None
        guardian.stdin.close()
        guardian.wait()
        say("Everything is stopped.")


@contextmanager
def _stop_signals() -> Iterator[_Stop]:
    """What is told by whatever asks this process to end."""
    stop = _Stop()
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, lambda got, _: stop.ask(got)) for number in numbers}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _start_warehouse(workspace: Workspace, say: Say) -> bool:
    """Have a warehouse that answers; whether it is one that was started for this."""
    settings = read_settings(workspace.folder, workspace.environ)
    ran = True
    if settings.target == "embedded":
        ran = EmbeddedServer.of_project(workspace.folder, workspace.environ).status().running
    settings = ensure_running(workspace.folder, workspace.environ)
    say(f"The {settings.target} warehouse answers: {settings.uri()}")
    return not ran


def _check_port(options: UpOptions) -> None:
    """Raise SegmentsError where another program listens on the port."""
    family = socket.AF_INET6 if ":" in options.host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((options.host, options.port))
        except OSError as error:
            raise SegmentsError(
                f"{options.address} can't be served: {error.strerror}.",
                f"Choose another port: segments up --port {options.port + 1}",
            ) from None
