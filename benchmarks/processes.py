"""What the processes of `segments up` and of the embedded server use: processors and memory, by what they are for. Linux only."""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

# What names a process that `segments up` starts, in its command line.
_SERVICES = {
    "code-server": "code",
    "dagster-daemon": "daemon",
    "dagster-webserver": "webserver",
    "segments watch": "watcher",
}
_UP = "segments up, its guardian"
_SERVER = "server: its own"
_ENDED = "server: sessions that ended"
_SESSION = re.compile(r"postgres: \S+ (?P<database>\S+) \[local\]")
_TICKS = os.sysconf("SC_CLK_TCK")

Key = tuple[int, int]
"""The number of a process and when it began: numbers are used again."""


@dataclass(frozen=True)
class Process:
    """A process: for what it is, its seconds of processors, and those of its children that ended."""

    role: str
    role_of_ended: str
    parent: int
    own: float
    of_ended: float


@dataclass(frozen=True)
class Memory:
    """Bytes of some processes.

    `proportional` has its share of what several use (PSS), so that it may be added up; `private` only what nobody else uses (USS).
    """

    processes: int
    proportional: int
    private: int


def look(up: int, server: int) -> dict[Key, Process]:
    """The process `up` and the server, with all that descend from them."""
    table = _table()
    children: dict[int, list[int]] = defaultdict(list)
    for pid, (_, parent, _, _) in table.items():
        children[parent].append(pid)
    found: dict[Key, Process] = {}

    def add(pid: int, role: str, role_of_ended: str) -> None:
        began, parent, own, of_ended = table[pid]
        found[pid, began] = Process(role, role_of_ended, parent, own, of_ended)

    def add_all(pid: int, role: str) -> None:
        add(pid, role, role)
        for child in children[pid]:
            add_all(child, role)

    add(up, _UP, _UP)
    for child in children[up]:
        line = _command_line(child)
        add_all(child, next((role for word, role in _SERVICES.items() if word in line), _UP))
    add(server, _SERVER, _ENDED)
    for child in children[server]:
        session = _SESSION.match(_command_line(child))
        add(child, f"server: sessions of database {session['database']}" if session else _SERVER, _ENDED)
    return found


def seconds_between(before: Mapping[Key, Process], after: Mapping[Key, Process]) -> dict[str, float]:
    """Seconds of processors by role."""
    seconds: dict[str, float] = defaultdict(float)
    for key, process in after.items():
        earlier = before.get(key)
        seconds[process.role] += process.own - (earlier.own if earlier else 0.0)
        seconds[process.role_of_ended] += process.of_ended - (earlier.of_ended if earlier else 0.0)
    roles_of_ended = {pid: process.role_of_ended for (pid, _), process in after.items()}
    for key, process in before.items():
        if key not in after:
            # Its parent has all of its seconds now, also those from before.
            seconds[roles_of_ended.get(process.parent, process.role)] -= process.own + process.of_ended
    return dict(seconds)


def memory(processes: Mapping[Key, Process]) -> dict[str, Memory]:
    """The memory that they use now, by role."""
    found: dict[str, Memory] = {}
    for (pid, _), process in processes.items():
        with suppress(OSError):  # it ended meanwhile
            text = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
            sizes = {
                name: int(size) * 1024 for name, size in re.findall(r"^(\w+): +(\d+) kB$", text, re.MULTILINE)
            }
            before = found.get(process.role, Memory(0, 0, 0))
            found[process.role] = Memory(
                before.processes + 1,
                before.proportional + sizes["Pss"],
                before.private + sizes["Private_Clean"] + sizes["Private_Dirty"],
            )
    return found


def machine_seconds() -> float:
    """The seconds that all processors of the machine were busy, since it began."""
    user, nice, system, _, _, irq, softirq, *_ = (
        int(figure) for figure in Path("/proc/stat").read_text(encoding="ascii").splitlines()[0].split()[1:]
    )
    return (user + nice + system + irq + softirq) / _TICKS


def _table() -> dict[int, tuple[int, int, float, float]]:
    """When each process began, its parent, its seconds of processors, and those of its children that ended."""
    table = {}
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            # The fields follow the name, which is in parentheses and may hold any character.
            fields = (
                (folder / "stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
            )
            user, system, users, systems = (int(field) / _TICKS for field in fields[11:15])
            table[int(folder.name)] = (int(fields[19]), int(fields[1]), user + system, users + systems)
    return table


def _command_line(pid: int) -> str:
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    return ""
