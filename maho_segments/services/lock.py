"""Two builds never interleave: the first holds a lock of the database, which dies with its session."""

import os
import socket
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import psycopg

from maho_segments.errors import BuildLockedError
from maho_segments.services.instants import format_instant
from maho_segments.warehouse import ConnectionSettings, connect

_HOLDER = """
    select pg_stat_activity.application_name, pg_stat_activity.usename, pg_stat_activity.pid
    from pg_locks
    inner join pg_stat_activity on pg_locks.pid = pg_stat_activity.pid
    where pg_locks.locktype = 'advisory'
        and pg_locks.database = (select oid from pg_database where datname = current_database())
        and pg_locks.classid = %s
        and pg_locks.objid = %s
        and pg_locks.objsubid = 2
        and pg_locks.granted
"""


WATCH = "watch"
_PATIENCE_SECONDS = 60
"""With a watcher, whose refreshes are short, and follow each other where the shop is busy."""


@contextmanager
def build_lock(
    settings: ConnectionSettings, *, now: datetime, by: str = "build"
) -> Iterator[psycopg.Connection]:
    """Be the only build that publishes in this database and schema; BuildLockedError says who already is.

    Gives the connection that holds the lock, which commits each statement. A refresh of a watcher is waited
    for, unless it is a watcher that asks.
    """
    keys = _lock_keys(settings.schema)
    # Who holds it and since when is in the one column of pg_stat_activity that is ours to write.
    name = f"segments {by} since {format_instant(now)}, {os.getpid()}@{socket.gethostname()}"[:63]
    with connect(settings, autocommit=True, application_name=name) as connection:
        # The session is idle while dbt works; a server that ends idle sessions would end the lock with it.
        connection.execute("set idle_session_timeout = 0")
        row = connection.execute("select pg_try_advisory_lock(%s, %s)", keys).fetchone()
        if row is None or not row[0]:
            holder = lock_holder(connection, settings.schema) or "it ended just now"
            is_short = holder.startswith(f"segments {WATCH} ") and by != WATCH
            if not (is_short and _wait(connection, keys)):
                raise BuildLockedError(
                    f"Another build is at work in schema {settings.schema}: {holder}.",
                    "Wait until it has ended, or end it, and build again.",
                )
        yield connection


def _wait(connection: psycopg.Connection, keys: tuple[int, int]) -> bool:
    """Queue up for the lock, before whoever asks for it later; whether it was had in time."""
    connection.execute(f"set lock_timeout = '{_PATIENCE_SECONDS}s'".encode())
    try:
        connection.execute("select pg_advisory_lock(%s, %s)", keys)
    except psycopg.errors.LockNotAvailable:
        return False
    connection.execute("reset lock_timeout")
    return True


def lock_holder(connection: psycopg.Connection, schema: str) -> str | None:
    """Who builds in the schema, and since when; None where nobody does."""
    row = connection.execute(_HOLDER, _lock_keys(schema)).fetchone()
    if row is None:
        return None
    application, role, pid = row
    return f"{application} (database role {role}, server process {pid})"


def _lock_keys(schema: str) -> tuple[int, int]:
    return lock_key("maho_segments.build"), lock_key(schema)


def lock_key(text: str) -> int:
    """An advisory lock's key is a number; below 2^31 it is the same in the function and in pg_locks."""
    return zlib.crc32(text.encode()) & 0x7FFFFFFF
