"""The process that ends whatever `segments up` started, also when `segments up` itself is killed.

It leads the process group of all services, and waits until its standard input is closed: by `segments up`,
which has asked them to stop before, or by the system, when that process died. Run as `python -m` this module;
its arguments are the folder of the sockets, which it removes, and the folder of the project whose embedded
warehouse is to be stopped at the end, if any.
"""

import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

# A refresh that is told to stop needs a moment to write down that it was.
_POLITE_SECONDS = 5.0
_DEAD_STATES = ("Z", "X")


def main() -> None:
    """Wait for the end of the standard input, then end the group."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    sys.stdin.read()
    _end_others()
    sockets, *projects = map(Path, sys.argv[1:])
    shutil.rmtree(sockets, ignore_errors=True)
    for project in projects:
        _stop_warehouse(project)


def _end_others() -> None:
    group = os.getpgrp()
    give_up = time.monotonic() + _POLITE_SECONDS
    if _others(group):
        os.killpg(group, signal.SIGTERM)  # this process does not listen to it
    while _others(group) and time.monotonic() < give_up:
        time.sleep(0.05)
    # One that is killed can't start another; one that was just starting it may be missed once.
    while others := _others(group):
        for pid in others:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.05)


def _stop_warehouse(folder: Path) -> None:
    from maho_segments.warehouse import EmbeddedServer  # noqa: PLC0415  it waits for years without it

    EmbeddedServer.of_project(folder, os.environ).stop()


def _others(group: int) -> list[int]:
    """The living processes of the group, but for this one."""
    table = _process_table() if Path("/proc/self/stat").exists() else _process_table_of_ps()
    return [
        pid for pid, own, state in table if own == group and pid != os.getpid() and state not in _DEAD_STATES
    ]


def _process_table() -> list[tuple[int, int, str]]:
    """Number, group and state of each process."""
    table = []
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError, IndexError):
            # They follow the name, which is in parentheses and may hold any character.
            state, _, group = (folder / "stat").read_text().rpartition(")")[2].split()[:3]
            table.append((int(folder.name), int(group), state))
    return table


def _process_table_of_ps() -> list[tuple[int, int, str]]:
    """The same without /proc, as on macOS."""
    listed = subprocess.run(
        ["ps", "-A", "-o", "pid=,pgid=,stat="], capture_output=True, text=True, check=False
    )
    rows = (line.split() for line in listed.stdout.splitlines())
    return [(int(row[0]), int(row[1]), row[2][0]) for row in rows]


if __name__ == "__main__":
    main()
