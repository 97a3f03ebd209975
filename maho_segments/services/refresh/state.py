"""What a build leaves for the next one, in a table of the warehouse; and what the ledger says of failures."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString

import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb

from maho_segments.services.instants import format_instant
from maho_segments.services.refresh.waiting import Attempt, Attempts, attempts_text, read_attempts
from maho_segments.services.schemas import schema_of

_ATTEMPTS = "unpublished"

# What the ledger has of a run that began at that instant or later shows that it was told how it ended. The
# note is read as a row: what the ledger of an earlier version has no column for is left out.
_RECORD_DEAD: LiteralString = """
    insert into {schema}.segment_runs
    select dead_run.*
    from jsonb_populate_record(null::{schema}.segment_runs, %(note)s || jsonb_build_object(
        'run_id', (select coalesce(max(run_id), 0) + 1 from {schema}.segment_runs),
        'status', 'failed',
        'error', 'It ended without a word: killed, or cut off from the database. Nothing of it was published.'
    )) as dead_run
    where not exists (select 1 from {schema}.segment_runs where started_at >= %(started_at)s)
    returning run_id
"""

_EXPLAIN: LiteralString = """
    update {schema}.segment_runs
    set error = %(error)s
    where run_id = (select max(run_id) from {schema}.segment_runs)
        and status = 'failed'
        and started_at >= %(started_at)s
"""


@dataclass(frozen=True)
class DeadRun:
    """A build that began and of which nothing more was heard."""

    run_id: int
    as_of: datetime


class BuildState:
    """The table build_state of one schema, as autocommitting statements; before a first build it has nothing.

    Each method raises psycopg's errors where the database does.
    """

    def __init__(self, connection: psycopg.Connection, schema: str) -> None:
        self._connection = connection
        self._schema = schema
        self._work = schema_of(schema, "work")

    def exists(self) -> bool:
        """Whether a build ever made the table."""
        return self._has("build_state")

    def _has(self, table: str) -> bool:
        name = sql.Identifier(self._work, table).as_string(self._connection)
        row = self._connection.execute("select to_regclass(%s) is not null", [name]).fetchone()
        return row is not None and bool(row[0])

    def notes(self) -> dict[str, str]:
        """All that is noted, by name."""
        if not self.exists():
            return {}
        return dict(self._run("select name, value from {work}.build_state").fetchall())

    def read(self, name: str) -> tuple[str, datetime] | None:
        """One note and when it was written, if there is one."""
        if not self.exists():
            return None
        query: LiteralString = "select value, noted_at from {work}.build_state where name = %(name)s"
        return self._run(query, {"name": name}).fetchone()

    def note(self, name: str, value: str) -> None:
        """Write a note, in place of an earlier one of that name."""
        self._run(
            "insert into {work}.build_state (name, value, noted_at) values (%(name)s, %(value)s, now()) "
            "on conflict (name) do update set value = excluded.value, noted_at = excluded.noted_at",
            {"name": name, "value": value},
        )

    def begin_run(self, *, as_of: datetime, started_at: datetime, initiated_by: str) -> None:
        """Note that a build is under way."""
        if self.exists():
            running = {
                "as_of": as_of.isoformat(),
                "started_at": started_at.isoformat(),
                "initiated_by": initiated_by,
            }
            self.note("running", json.dumps(running))

    def end_run(self) -> None:
        """Note that it has ended, however it did: it told so itself."""
        if self.exists():
            self._run("delete from {work}.build_state where name = 'running'")

    def bury_dead_run(self) -> DeadRun | None:
        """Give a build that ended without a word its row in the ledger, unless it had one; that row.

        For the holder of the build lock: whoever is noted as running then is not.
        """
        note = self.notes().get("running")
        if note is None:
            return None
        told = json.loads(note)
        with self._connection.transaction():
            row = self._run(_RECORD_DEAD, {"note": Jsonb(told), "started_at": told["started_at"]}).fetchone()
            self.end_run()
        return None if row is None else DeadRun(row[0], datetime.fromisoformat(told["as_of"]))

    def forget_pointers(self) -> None:
        """Have each segment looked at for everybody when it is refreshed next: other code answered it."""
        if self._has("segment_publications"):
            self._run("update {work}.segment_publications set pointer = null where pointer is not null")

    def attempts(self) -> dict[str, Attempt]:
        """When the segments that are held or failed were asked."""
        return read_attempts(self.notes().get(_ATTEMPTS))

    def note_attempts(self, attempts: Attempts) -> None:
        """Remember them for the next build, in place of those of earlier ones."""
        self.note(_ATTEMPTS, attempts_text(attempts))

    def explain_failure(self, error: str, *, started_at: datetime) -> None:
        """Say of the run that failed last what came of it, if it is one of the build that began then.

        The ledger is kept for ever: `error` must name nobody.
        """
        self._run(_EXPLAIN, {"error": error, "started_at": started_at})

    def _run(self, text: LiteralString, parameters: dict[str, Any] | None = None) -> psycopg.Cursor:
        names = {"schema": sql.Identifier(self._schema), "work": sql.Identifier(self._work)}
        return self._connection.execute(sql.SQL(text).format(**names), parameters)


def dead_run_note(run: DeadRun) -> str:
    """What a person is told of it."""
    return (
        f"The build as of {format_instant(run.as_of)} had ended without a word; it is run {run.run_id} in "
        "segment_runs, failed, and published nothing."
    )
