"""The embedded PostgreSQL server: a thin layer over pg_ctl, for any number of processes at the same time."""

import os
import re
import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from maho_segments.errors import WarehouseError
from maho_segments.warehouse.account import Account, server_account
from maho_segments.warehouse.binaries import Binaries, find_binaries
from maho_segments.warehouse.cluster import SETTINGS_FILE, make_cluster
from maho_segments.warehouse.connection import check_server
from maho_segments.warehouse.folders import SHARED_DIR, Folders, check_path
from maho_segments.warehouse.processes import (
    SOCKET_NAME,
    Postmaster,
    clear_stale_files,
    end_orphans,
    exclusive_lock,
    is_server,
    read_postmaster,
)
from maho_segments.warehouse.settings import (
    DEFAULT_PORT,
    EMBEDDED_USER,
    ConnectionSettings,
    read_settings,
    warehouse_dir,
)
from maho_segments.warehouse.tuning import render_settings, server_settings

# Recovery after a crash replays at most max_wal_size; a slow disk takes minutes for it.
_RECOVERY_SECONDS = 600
# What is left of a killed server needs a moment to go away.
_RETRY_SECONDS = 20
_LOG_KEPT_BYTES = 10_000_000
_PASSING_FAILURES = re.compile(r"shared memory block|lock file .* already exists|could not create lock file")


@dataclass(frozen=True)
class ServerStatus:
    """The embedded server as it is now; pid and socket_dir only while it runs."""

    running: bool
    pid: int | None
    socket_dir: Path | None
    data_dir: Path
    log_file: Path


class EmbeddedServer:
    """The server of one warehouse folder. Any number of processes may start, use and stop it."""

    def __init__(self, root: Path, binaries: Binaries, *, socket_dir: Path | None = None) -> None:
        self._folders = Folders(root.absolute())
        self._binaries = binaries
        self._named_socket_dir = socket_dir

    @classmethod
    def of_project(cls, project_dir: Path, environ: Mapping[str, str]) -> "EmbeddedServer":
        """The server that a project and its environment variables mean."""
        named = environ.get("SEGMENTS_WAREHOUSE_SOCKET")
        return cls(
            warehouse_dir(project_dir, environ),
            find_binaries(environ),
            socket_dir=project_dir.absolute() / named if named else None,
        )

    def start(self) -> None:
        """Return when the server answers, having made and started it as needed; raises WarehouseError."""
        with self._explaining_system_errors():
            if self.status().running:
                return
            self._folders.make_root()
            with exclusive_lock(self._folders.lock, seconds=_RECOVERY_SECONDS):
                if not self.status().running:
                    account, binaries = self._prepare()
                    self._bring_up(account, binaries)

    def stop(self) -> bool:
        """Stop the server and end its sessions; whether it ran. Raises WarehouseError if it does not stop."""
        data_dir = self._folders.data
        if not data_dir.exists():
            return False
        with (
            self._explaining_system_errors(),
            exclusive_lock(self._folders.lock, seconds=_RECOVERY_SECONDS),
        ):
            account = server_account(data_dir)
            postmaster = read_postmaster(data_dir)
            if postmaster is None or not is_server(postmaster.pid, data_dir, account):
                return False
            self._stop_process(account, self._reachable_binaries(account))
            return True

    def delete(self) -> None:
        """Stop the server and remove all its data, wherever it is: for warehouses made for an hour."""
        self.stop()
        with self._explaining_system_errors():
            self._folders.delete()

    def status(self) -> ServerStatus:
        """Whether the server answers now, and where; raises WarehouseError when it is another user's."""
        data_dir = self._folders.data
        status = ServerStatus(False, None, None, data_dir, self._folders.log)
        if not data_dir.exists():
            return status
        account = server_account(data_dir)
        postmaster = read_postmaster(data_dir)
        if postmaster is None or not is_server(postmaster.pid, data_dir, account):
            return status
        # The second is where the socket came with a project that was moved while the server ran.
        for socket_dir in (postmaster.socket_dir, self._folders.socket):
            if socket_dir and self._answers(socket_dir):
                return replace(status, running=True, pid=postmaster.pid, socket_dir=socket_dir)
        return status

    def _answers(self, socket_dir: Path) -> bool:
        caller = Account(os.geteuid(), os.getegid())
        command: list[str | Path] = [
            self._binaries.pg_isready,
            "--quiet",
            "--username",
            EMBEDDED_USER,
            "--dbname",
            "postgres",
        ]
        return caller.run([*command, "--host", socket_dir, "--port", str(DEFAULT_PORT)]).returncode == 0

    def _prepare(self) -> tuple[Account, Binaries]:
        """See to it that there is a data folder, and programs that whoever runs the server can run."""
        data_dir = self._folders.data
        account = server_account(data_dir)
        binaries = self._reachable_binaries(account)
        check_path(binaries.folder)
        check_path(self._folders.root)
        if not data_dir.exists():
            self._make_data(account, binaries)
        elif not account.can("w", data_dir):
            raise WarehouseError(
                f"User {account.name}, who runs the server for root, can't reach its data in {data_dir}.",
                "Let others pass through the folders above it (chmod o+x), or move the project back.",
            )
        made_by = (self._folders.data / "PG_VERSION").read_text().strip()
        if made_by != str(binaries.major_version):
            raise WarehouseError(
                f"The data in {data_dir} is of PostgreSQL {made_by}, and {binaries.folder} is PostgreSQL "
                f"{binaries.version}.",
                f"Set SEGMENTS_POSTGRES_BIN to a PostgreSQL {made_by}, or load a new warehouse: move "
                f"{self._folders.root} away.",
            )
        return account, binaries

    def _reachable_binaries(self, account: Account) -> Binaries:
        if account.can("x", self._binaries.postgres):
            return self._binaries
        if self._binaries.from_wheel:
            return self._binaries.copy_to(SHARED_DIR)
        raise WarehouseError(
            f"User {account.name}, who runs the server for root, can't run {self._binaries.postgres}.",
            "Let others read that folder and pass through the ones above it, or unset SEGMENTS_POSTGRES_BIN.",
        )

    def _make_data(self, account: Account, binaries: Binaries) -> None:
        staging = self._folders.make_data(account)
        try:
            make_cluster(staging, account, binaries)
            self._folders.adopt_data(staging)
        except BaseException:
            shutil.rmtree(staging, ignore_errors=True)
            raise

    def _bring_up(self, account: Account, binaries: Binaries) -> None:
        data_dir = self._folders.data
        give_up, retry_until = time.monotonic() + _RECOVERY_SECONDS, time.monotonic() + _RETRY_SECONDS
        while not self.status().running:
            postmaster = read_postmaster(data_dir)
            if postmaster is not None and is_server(postmaster.pid, data_dir, account):
                if postmaster.is_ready and not self._has_socket(postmaster):
                    # Somebody removed the socket's folder: the server lives, and nobody can reach it.
                    self._stop_process(account, binaries)
                    continue
                # It recovers, or a starter that was killed meanwhile got this far.
                if time.monotonic() > give_up:
                    raise WarehouseError(
                        f"Server process {postmaster.pid} has been silent for {_RECOVERY_SECONDS} seconds.",
                        f"It may still recover from a crash: see {self._folders.log}",
                    )
                time.sleep(0.1)
                continue
            failure = self._start_once(account, binaries)
            if failure is None:
                continue
            if not _PASSING_FAILURES.search(failure) or time.monotonic() > retry_until:
                raise WarehouseError(f"The server does not start: {failure}", f"See {self._folders.log}")
            end_orphans(data_dir, account)
            time.sleep(0.2)

    def _has_socket(self, postmaster: Postmaster) -> bool:
        folders = (postmaster.socket_dir, self._folders.socket)
        return any(folder is not None and (folder / SOCKET_NAME).exists() for folder in folders)

    def _stop_process(self, account: Account, binaries: Binaries) -> None:
        said = ""
        for mode in ("fast", "immediate"):
            command: list[str | Path] = [binaries.pg_ctl, "stop", "--silent", "--timeout", "60"]
            result = account.run([*command, "--mode", mode, "--pgdata", self._folders.data])
            if result.returncode == 0:
                return
            said = result.stdout.strip()
        raise WarehouseError(f"The embedded server does not stop: {said}", f"See {self._folders.log}")

    def _start_once(self, account: Account, binaries: Binaries) -> str | None:
        """Run pg_ctl; none when it says that the server started, else what the server said last."""
        data_dir = self._folders.data
        socket_dir = self._folders.place_socket(account, self._named_socket_dir)
        clear_stale_files(data_dir, socket_dir)
        account.write(data_dir / SETTINGS_FILE, render_settings(server_settings(data_dir, socket_dir)))
        log = self._folders.log
        if log.exists() and log.stat().st_size > _LOG_KEPT_BYTES:
            log.replace(log.with_suffix(".log.1"))
        with log.open("ab") as output:
            said_from = output.tell()
            command: list[str | Path] = [
                binaries.pg_ctl,
                "start",
                "--silent",
                "--timeout",
                str(_RECOVERY_SECONDS),
            ]
            result = account.run([*command, "--pgdata", data_dir], output=output)
        if result.returncode == 0:
            return None
        with log.open("rb") as said:
            said.seek(said_from)
            text = said.read().decode(errors="replace")
        fatal = [line.partition("FATAL:")[2].strip() for line in text.splitlines() if "FATAL:" in line]
        return fatal[-1] if fatal else text.strip() or "it said nothing"

    @contextmanager
    def _explaining_system_errors(self) -> Iterator[None]:
        """Turn what the system refuses into an error of ours that names the file."""
        try:
            yield
        except OSError as error:
            raise WarehouseError(
                f"The embedded warehouse in {self._folders.root} can't be used: {error.strerror or error}"
                f"{f' ({error.filename})' if error.filename else ''}.",
                "Check rights and free space there, or set SEGMENTS_WAREHOUSE_DIR to another folder.",
            ) from error


def ensure_running(project_dir: Path, environ: Mapping[str, str]) -> ConnectionSettings:
    """The warehouse, ready for use: the embedded server started, or the server of DBT_HOST asked once.

    Raises WarehouseError at once when an address, password, database or version is wrong.
    """
    settings = read_settings(project_dir, environ)
    if settings.target == "embedded":
        server = EmbeddedServer.of_project(project_dir, environ)
        server.start()
        # The server itself knows best where it listens: it may run since before a variable was changed.
        settings = replace(settings, host=str(server.status().socket_dir))
    check_server(settings)
    return settings
