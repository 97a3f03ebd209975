"""What a piece of work cost: on the clock, in the database, on the disk, in memory."""

from __future__ import annotations

import resource
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from maho_segments.warehouse import ConnectionSettings, connect

_EVERY = 0.05
_COUNTERS = """
select
    (select active_time / 1000 from pg_stat_database where datname = current_database()),
    (select temp_bytes from pg_stat_database where datname = current_database()),
    pg_current_wal_insert_lsn() - '0/0',
    (select sum(write_bytes) + sum(extend_bytes) from pg_stat_io where object = 'relation'),
    (select sum(read_bytes) from pg_stat_io where object = 'relation')
"""


@dataclass
class Cost:
    """Seconds on the clock and inside the database; bytes of WAL, of tables written and read, of temporary files; peaks of memory.

    `server_bytes` is what all processes of the server had of their own at one moment, beside the buffers that they share; none for a
    server on another machine. `client_bytes` is the peak of this process since it started.
    """

    seconds: float = 0.0
    database_seconds: float = 0.0
    wal_bytes: int = 0
    written_bytes: int = 0
    read_bytes: int = 0
    temporary_bytes: int = 0
    server_bytes: int | None = None
    client_bytes: int = 0
    nodes: dict[str, float] = field(default_factory=dict)


@contextmanager
def measured(settings: ConnectionSettings) -> Iterator[Cost]:
    """The cost of what is done in the block, filled in when it ends."""
    cost = Cost()
    with connect(settings, autocommit=True) as connection, _memory(connection, cost):
        # What earlier work left in memory is written now, and what this work leaves is at its end: pages of tables are this work's.
        connection.execute("checkpoint")
        before = _counters(connection)
        started = time.perf_counter()
        yield cost
        cost.seconds = time.perf_counter() - started
        # A session tells of its work at the end of a transaction, at most once a second, and when it ends.
        time.sleep(1.1)
        connection.execute("checkpoint")
        seconds, temporary, wal, written, read = (
            float(after) - float(earlier)
            for after, earlier in zip(_counters(connection), before, strict=True)
        )
        cost.database_seconds = seconds
        cost.wal_bytes, cost.written_bytes, cost.read_bytes = int(wal), int(written), int(read)
        cost.temporary_bytes = int(temporary)
        cost.client_bytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def _counters(connection: psycopg.Connection) -> tuple[float, ...]:
    connection.execute("select pg_stat_force_next_flush()")
    connection.execute("select pg_stat_clear_snapshot()")
    row = connection.execute(_COUNTERS).fetchone()
    assert row is not None
    return tuple(float(value or 0) for value in row)


@contextmanager
def _memory(connection: psycopg.Connection, cost: Cost) -> Iterator[None]:
    row = connection.execute("select pg_backend_pid()").fetchone()
    assert row is not None
    parent = _number(Path(f"/proc/{row[0]}/status"), "PPid:")
    if parent is None:
        yield
        return
    done = threading.Event()

    def look() -> None:
        peak = 0
        while not done.wait(_EVERY):
            peak = max(peak, sum(_number(path, "RssAnon:") or 0 for path in _children(parent)))
        cost.server_bytes = peak * 1024

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def _children(parent: int) -> Iterator[Path]:
    for children in Path(f"/proc/{parent}/task").glob("*/children"):
        for pid in children.read_text().split():
            yield Path(f"/proc/{pid}/status")


def _number(status: Path, name: str) -> int | None:
    try:
        lines = status.read_text().splitlines()
    except OSError:  # it ended meanwhile, or is on another machine
        return None
    return next((int(line.split()[1]) for line in lines if line.startswith(name)), None)
