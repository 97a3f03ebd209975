"""How the shop's tables are captured, and what of the change log is news to whom."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, LiteralString

import psycopg
from psycopg import sql
from psycopg.rows import class_row

from maho_segments.services.instants import format_instant

_LOG_ROWS: LiteralString = "select source, count(*) from {log} group by source"

# Pointers that are equal were moved by one run: counted once, however many segments have them.
_READERS: LiteralString = """
    with pointers as (
        select pointer::text as pointer, array_agg(name order by name) as names, min(as_of) as as_of
        from ({pointers}) as stored
        where pointer is not null
        group by pointer::text
    )
    select pointers.names, pointers.as_of, unread.unread, unread.oldest
    from pointers
    cross join lateral (
        select count(*) as unread, min(logged_at) as oldest
        from {log} as log
        where not pg_visible_in_snapshot(log.transaction_id, pointers.pointer::pg_snapshot)
    ) as unread
    order by pg_snapshot_xmin(pointers.pointer::pg_snapshot), pointers.names
"""

_POINTERS: Mapping[str, LiteralString] = {
    "refresh_pointers": "select name, pointer, as_of from {work}.refresh_pointers",
    "segment_publications": """
        select definitions.segment_name as name, publications.pointer, publications.as_of
        from {work}.segment_publications as publications
        inner join {work}.segment_definitions as definitions using (segment_id)
        where publications.is_active and publications.status = 'published'
    """,
}


@dataclass(frozen=True)
class CapturedTable:
    """A table of the shop: how its changes are captured, or why they are not (`gap`)."""

    name: str
    exists: bool
    is_owned: bool
    how: str | None
    gap: str | None
    log_rows: int
    is_outdated: bool = False
    """Whether it is captured by triggers that a former version made: they log, but wake nobody."""

    def as_dict(self) -> dict[str, Any]:
        """The table for programs."""
        return {"captured": self.gap is None, **asdict(self)}


@dataclass(frozen=True)
class LogReader:
    """Those whose pointer is one and the same: segments, or tables that all of them share."""

    names: list[str]
    as_of: datetime | None
    unread: int
    oldest: datetime | None

    def as_dict(self) -> dict[str, Any]:
        """The reader for programs."""
        return {
            "names": self.names,
            "as_of": self.as_of and format_instant(self.as_of),
            "unread": self.unread,
            "oldest": self.oldest and format_instant(self.oldest),
        }


@dataclass(frozen=True)
class CaptureStatus:
    """The capture as it is now; `readers` begins with who holds the log back."""

    mode: str
    tables: tuple[CapturedTable, ...]
    problems: tuple[str, ...]
    unclocked: tuple[str, ...]
    log_rows: int | None
    """None where there is no log."""
    readers: tuple[LogReader, ...]
    channel: str
    """What the triggers notify while somebody waits."""
    waiting_lock: str
    """The key of the lock that whoever waits holds, as arguments of `pg_advisory_lock`."""

    @property
    def outdated(self) -> list[str]:
        """The tables whose triggers a former version made."""
        return [table.name for table in self.tables if table.is_outdated]

    @property
    def gaps(self) -> list[str]:
        """Why a refresh has to look at everybody; nothing where the log misses nothing."""
        return [*self.problems, *(f"{table.name}: {table.gap}" for table in self.tables if table.gap)]

    def as_dict(self) -> dict[str, Any]:
        """The status for programs."""
        return {
            "mode": self.mode,
            "complete": self.mode == "triggers" and not self.gaps,
            "gaps": self.gaps,
            "outdated": self.outdated,
            "log_rows": self.log_rows,
            "readers": [reader.as_dict() for reader in self.readers],
            "tables": [table.as_dict() for table in self.tables],
        }


def read_status(connection: psycopg.Connection, inspection: Mapping[str, Any]) -> CaptureStatus:
    """The status, from what the project's macros say and the database answers."""
    log = sql.Identifier(inspection["schema"], "change_log")
    rows: dict[str, int] | None = None
    if _exists(connection, log):
        rows = dict(connection.execute(sql.SQL(_LOG_ROWS).format(log=log)).fetchall())
    cursor = connection.execute(inspection["states"].encode())
    names = [column.name for column in cursor.description or ()]
    states = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    to_install = {step["what"] for step in inspection["statements"]}
    tables = tuple(
        CapturedTable(
            name=state["name"],
            exists=state["relation"] is not None,
            is_owned=bool(state["is_owned"]),
            how=state["how"],
            gap=state["gap"],
            log_rows=(rows or {}).get(state["name"], 0),
            is_outdated=state["gap"] is None and state["name"] in to_install,
        )
        for state in sorted(states, key=lambda state: str(state["name"]))
    )
    return CaptureStatus(
        mode=inspection["mode"],
        tables=tables,
        problems=tuple(inspection["problems"]),
        unclocked=tuple(inspection["unclocked"]),
        log_rows=None if rows is None else sum(rows.values()),
        readers=() if rows is None else _readers(connection, log, inspection["work_schema"]),
        channel=inspection["channel"],
        waiting_lock=inspection["waiting_lock"],
    )


def _readers(connection: psycopg.Connection, log: sql.Identifier, work_schema: str) -> tuple[LogReader, ...]:
    pointers = [
        sql.SQL(query).format(work=sql.Identifier(work_schema))
        for table, query in _POINTERS.items()
        if _exists(connection, sql.Identifier(work_schema, table))
    ]
    if not pointers:
        return ()
    query = sql.SQL(_READERS).format(log=log, pointers=sql.SQL(" union all ").join(pointers))
    with connection.cursor(row_factory=class_row(LogReader)) as cursor:
        return tuple(cursor.execute(query).fetchall())


def _exists(connection: psycopg.Connection, name: sql.Identifier) -> bool:
    row = connection.execute("select to_regclass(%s) is not null", [name.as_string(connection)]).fetchone()
    return row is not None and bool(row[0])
