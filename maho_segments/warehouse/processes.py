"""What runs: the server as its pid file tells, the rest of a killed one, a lock between starters."""

import fcntl
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from maho_segments.errors import WarehouseError
from maho_segments.warehouse.account import Account

SOCKET_NAME = ".s.PGSQL.5432"
_SERVER_NAMES = ("postgres", "postmaster")
_DEAD_STATES = ("Z", "X")


@dataclass(frozen=True)
class Postmaster:
    """What postmaster.pid says; the process may be long dead, and its number another program's."""

    pid: int
    socket_dir: Path | None
    is_ready: bool


def read_postmaster(data_dir: Path) -> Postmaster | None:
    """The server's process as it wrote it down itself, none without a (whole) pid file."""
    try:
        lines = (data_dir / "postmaster.pid").read_text(errors="surrogateescape").splitlines()
        pid = int(lines[0])
    except (FileNotFoundError, IndexError, ValueError):
        return None
    socket_dir = lines[4].strip() if len(lines) > 4 else ""
    state = lines[7].strip() if len(lines) > 7 else ""
    return Postmaster(pid, Path(socket_dir) if socket_dir else None, state == "ready")


def is_server(pid: int, data_dir: Path, account: Account) -> bool:
    """Whether this process lives and is a PostgreSQL that works on this data folder."""
    if not Path("/proc/self/comm").exists():
        return _is_server_by_ps(pid, data_dir)
    process = Path(f"/proc/{pid}")
    try:
        name = (process / "comm").read_text().strip()
        # The state follows the name, which is in parentheses and may hold any character.
        state = (process / "stat").read_text().rpartition(")")[2].split()[0]
    except (OSError, IndexError):
        return False
    if name not in _SERVER_NAMES or state in _DEAD_STATES:
        return False
    try:
        folder = str((process / "cwd").readlink())
    except PermissionError:  # root in a container may not look, the user itself may
        folder = account.run(["readlink", process / "cwd"]).stdout.rstrip("\n")
    except OSError:
        return False
    try:
        return Path(folder).samefile(data_dir)
    except OSError:
        return False


def clear_stale_files(data_dir: Path, socket_dir: Path) -> None:
    """Remove what a dead server left when its process number is taken by somebody else by now.

    PostgreSQL would take that other process for the server. While the number is free, PostgreSQL clears up by
    itself, and needs the file for that: it names the shared memory that a killed server's children still use.
    Call only when `is_server` says no and no other starter is at work.
    """
    for file in (data_dir / "postmaster.pid", socket_dir / f"{SOCKET_NAME}.lock"):
        try:
            pid = int(file.read_text(errors="replace").splitlines()[0])
        except FileNotFoundError:
            continue
        except (IndexError, ValueError):
            pid = None  # written half, when the disk was full or the machine went down
        if pid is None or _exists(pid):
            file.unlink(missing_ok=True)


def end_orphans(data_dir: Path, account: Account) -> list[int]:
    """End what is left of a server whose main process was killed; before that, no new one may start.

    A process in the middle of a long computation does not notice. Nothing is lost: the new server recovers
    what was committed. Returns the numbers of the processes.
    """
    ended = []
    for entry in Path("/proc").glob("[0-9]*"):
        pid = int(entry.name)
        if is_server(pid, data_dir, account):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
                ended.append(pid)
    return ended


@contextmanager
def exclusive_lock(path: Path, *, seconds: float) -> Iterator[None]:
    """Be the only one who starts or stops this server; the system releases it however the holder ends."""
    handle = os.open(path, os.O_RDONLY | os.O_CREAT, 0o644)
    try:
        give_up = time.monotonic() + seconds
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > give_up:
                    raise WarehouseError(
                        f"Another process starts or stops the warehouse since {seconds:.0f} seconds.",
                        f"Wait for it, or end it, and try again; it holds {path}.",
                    ) from None
                time.sleep(0.05)
        yield
    finally:
        os.close(handle)


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _is_server_by_ps(pid: int, data_dir: Path) -> bool:
    """The same without /proc, as on macOS: the state and the command line that pg_ctl gave it."""
    answer = subprocess.run(
        ["ps", "-ww", "-p", str(pid), "-o", "stat=", "-o", "command="],
        capture_output=True,
        text=True,
        check=False,
    )
    state, _, command = answer.stdout.strip().partition(" ")
    return bool(command) and state[0] not in _DEAD_STATES and str(data_dir) in command
