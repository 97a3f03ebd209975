"""The session in which a watcher waits for the shop's triggers to tell it of changes."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg import sql

# Who has a transaction's number holds a lock on it, until what it wrote can be seen. A snapshot's list of
# those in progress lacks the ones that are newer than whatever has ended.
_OPEN_WRITES = "select transactionid::text from pg_locks where locktype = 'transactionid' and granted"


class Ear:
    """Listens by a connection that commits each statement; each method raises psycopg's errors."""

    def __init__(self, connection: psycopg.Connection, channel: str, waiting_lock: str) -> None:
        """`channel` is what triggers notify; `waiting_lock` is the key of the lock that makes them do it."""
        self._connection = connection
        self._lock = waiting_lock
        self._suspects: frozenset[str] | None = None
        connection.execute(sql.SQL("listen {}").format(sql.Identifier(channel)))

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """Be told of what is written from now on."""
        self._connection.execute(f"select pg_advisory_lock({self._lock})".encode())
        self._suspects = None
        try:
            yield
        finally:
            if not self._connection.broken:
                self._connection.execute(f"select pg_advisory_unlock({self._lock})".encode())

    def has_open_writes(self) -> bool:
        """Whether transactions that wrote before the waiting began are still open: they may not notify."""
        rows = self._connection.execute(_OPEN_WRITES.encode()).fetchall()
        found = frozenset(row[0] for row in rows)
        self._suspects = found if self._suspects is None else self._suspects & found
        return bool(self._suspects)

    def listen(self, seconds: float) -> bool:
        """Return at the first notice, or after so long; whether there was one."""
        return any(True for _ in self._connection.notifies(timeout=seconds, stop_after=1))
