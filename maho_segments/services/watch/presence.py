"""That a watcher is there: a lock which lives as long as its session, and a note of what it does."""

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Literal

import psycopg

from maho_segments.services.lock import lock_key
from maho_segments.services.refresh.state import BuildState

WatcherState = Literal["waiting", "refreshing", "held up", "stopped"]

_IS_HELD = """
    select exists (
        select 1
        from pg_locks
        where locktype = 'advisory'
            and database = (select oid from pg_database where datname = current_database())
            and classid = %s
            and objid = %s
            and objsubid = 2
            and granted
    )
"""
_NOTE = "watcher"


@dataclass(frozen=True)
class WatcherNote:
    """What a watcher last told of itself. `is_alive` is whether its session holds the lock now."""

    is_alive: bool
    host: str
    pid: int
    state: WatcherState
    detail: str
    noted_at: datetime

    def as_dict(self) -> dict[str, Any]:
        """The note for programs; instants are left to whoever prints them."""
        return asdict(self)


class Presence:
    """The watcher of one schema, by a connection that commits each statement."""

    def __init__(self, connection: psycopg.Connection, schema: str) -> None:
        self._connection = connection
        self._state = BuildState(connection, schema)
        self._key = (lock_key("maho_segments.watch"), lock_key(schema))

    def claim(self) -> bool:
        """Be the watcher for as long as the connection lives; false where there is one."""
        row = self._connection.execute("select pg_try_advisory_lock(%s, %s)", self._key).fetchone()
        return row is not None and bool(row[0])

    def tell(self, host: str, pid: int, state: WatcherState, detail: str = "") -> None:
        """Note what the watcher does; the time of the note is its heartbeat."""
        if self._state.exists():
            note = {"host": host, "pid": pid, "state": state, "detail": detail}
            self._state.note(_NOTE, json.dumps(note))

    def read(self) -> WatcherNote | None:
        """What the watcher told last; None where there never was one."""
        found = self._state.read(_NOTE)
        if found is None:
            return None
        value, noted_at = found
        row = self._connection.execute(_IS_HELD, self._key).fetchone()
        return WatcherNote(is_alive=row is not None and bool(row[0]), noted_at=noted_at, **json.loads(value))
