"""The server's configuration: memory from what the machine has, and what suits one project's warehouse."""

import os
import shutil
from pathlib import Path

MEGABYTE = 1024 * 1024
GIGABYTE = 1024 * MEGABYTE

_CONTAINER_LIMITS = (
    Path("/sys/fs/cgroup/memory.max"),
    Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"),
)


def machine_memory() -> int:
    """The bytes of memory to count on: the machine's, or less where a container limits it."""
    total = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    for limit in _CONTAINER_LIMITS:
        try:
            total = min(total, int(limit.read_text()))
        except (OSError, ValueError):  # no such file, or the word "max"
            continue
    return total


def server_settings(data_dir: Path, socket_dir: Path) -> dict[str, str]:
    """The settings of postgresql.conf for this machine."""
    memory, disk = machine_memory(), shutil.disk_usage(data_dir).free
    return {
        **_fixed_settings(socket_dir),
        **memory_settings(memory, disk),
        "dynamic_shared_memory_type": _dynamic_shared_memory(),
    }


def memory_settings(memory: int, free_disk: int) -> dict[str, str]:
    """Sizes for a server that shares the machine with Python and the shop's own services."""

    def part(divisor: int, at_least: int, at_most: int) -> str:
        return f"{min(max(memory // divisor, at_least), at_most) // MEGABYTE}MB"

    return {
        "shared_buffers": part(8, 64 * MEGABYTE, 8 * GIGABYTE),
        "effective_cache_size": part(2, 256 * MEGABYTE, 256 * GIGABYTE),
        # A build has a few connections with a few hash tables each, which hold every customer of the shop.
        "work_mem": part(96, 8 * MEGABYTE, GIGABYTE),
        "maintenance_work_mem": part(24, 64 * MEGABYTE, 2 * GIGABYTE),
        # More means fewer whole pages written while a shop is loaded, and a longer recovery after a crash.
        "max_wal_size": f"{min(max(free_disk // 20, GIGABYTE // 2), 8 * GIGABYTE) // MEGABYTE}MB",
    }


def render_settings(settings: dict[str, str]) -> str:
    """The text of a configuration file with these settings."""
    lines = [
        "# Written anew at each start. For your own settings say `alter system set ...` in psql: it wins."
    ]
    lines += [f"{name} = '{_escape(value)}'" for name, value in settings.items()]
    return "\n".join(lines) + "\n"


def _fixed_settings(socket_dir: Path) -> dict[str, str]:
    return {
        "listen_addresses": "",
        "unix_socket_directories": _quote_directory(socket_dir),
        "unix_socket_permissions": "0700",
        "port": "5432",
        "max_connections": "50",
        "timezone": "UTC",
        "log_timezone": "UTC",
        "lc_messages": "C",
        "log_line_prefix": "%m [%p] %a ",
        # Nothing replicates from it; and a table filled by the transaction that made it needs no WAL.
        "wal_level": "minimal",
        "max_wal_senders": "0",
        "checkpoint_timeout": "15min",
        "random_page_cost": "1.1",
        # Compiling the long expressions of a build takes longer than evaluating them.
        "jit": "off",
        # One transaction replaces the audience views of 1,000 segments and locks what they stand on.
        "max_locks_per_transaction": "512",
    }


def _quote_directory(folder: Path) -> str:
    """A folder in a list of folders: quoted, so that commas and spaces belong to it."""
    return '"' + str(folder).replace('"', '""') + '"'


def _escape(value: str) -> str:
    return value.replace("\\", "\\\\").replace("'", "''")


def _dynamic_shared_memory() -> str:
    """Containers often have 64 MB in /dev/shm, where parallel queries fail; System V has no such limit."""
    try:
        return "posix" if shutil.disk_usage("/dev/shm").total >= GIGABYTE else "sysv"  # noqa: S108
    except OSError:
        return "posix"
