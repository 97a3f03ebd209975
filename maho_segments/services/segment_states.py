"""Each segment as it was last published, and what that changed: for whoever shows it."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, LiteralString

import psycopg
from psycopg import sql
from psycopg.rows import dict_row

from maho_segments.services.publications import PublicTables, Run, audience_size
from maho_segments.services.schemas import schema_of

_STATES: LiteralString = """
    select definitions.segment_id, definitions.segment_name as name, publications.status,
        coalesce(publications.held_reason, publications.error) as reason,
        publications.member_count as members,
        publications.entered_count as entered, publications.left_count as "left", publications.as_of,
        publications.published_at, publications.run_id
    from {work}.segment_publications as publications
    inner join {work}.segment_definitions as definitions on publications.segment_id = definitions.segment_id
    where definitions.segment_name = any(%(names)s)
    order by publications.segment_id
"""

# The changes of the latest runs end the table, so that its key finds them; of a very large publication the
# last part is enough for a few examples.
_MOVES: LiteralString = """
    select segment_id, change, profile_id, changed_at, reason
    from (
        select
            latest.*, row_number() over (partition by segment_id, change order by change_id desc) as position
        from (
            select * from {schema}.segment_membership_changes order by change_id desc limit 20000
        ) as latest
        inner join {work}.segment_publications as publications using (segment_id, run_id)
        where latest.segment_id = any(%(ids)s)
    ) as numbered
    where position <= %(examples)s
    order by segment_id, change, position
"""

_SIZES: LiteralString = """
    select definitions.segment_name as name,
        array_agg(sizes.member_count order by sizes.size_date desc) as past
    from {schema}.segment_sizes as sizes
    inner join {work}.segment_publications as publications using (segment_id)
    inner join {work}.segment_definitions as definitions using (segment_id)
    where definitions.segment_name = any(%(names)s)
        and sizes.size_date < (publications.as_of at time zone 'UTC')::date
        and sizes.size_date >= (publications.as_of at time zone 'UTC')::date - %(days)s::integer
    group by definitions.segment_name
"""
_EXAMPLES = 5
PAST_DAYS = 28


@dataclass(frozen=True)
class Move:
    """Somebody entered or left. No more is told of them than their number, for this is kept elsewhere."""

    profile_id: int
    changed_at: datetime
    reason: str


@dataclass(frozen=True)
class SegmentState:
    """A segment as published; `entered`, `left` and the moves are of the run that published it last."""

    name: str
    status: str
    reason: str | None
    """Why it is held or failed."""
    members: int
    entered: int
    left: int
    as_of: datetime | None
    published_at: datetime | None
    run_id: int | None
    run: Run | None = None
    """The run that published it, where it is among the latest."""
    audience: int | None = None
    """How many could be in it, where that was counted."""
    latest_entries: tuple[Move, ...] = ()
    latest_exits: tuple[Move, ...] = ()
    past_sizes: tuple[int, ...] = ()
    """Its members at the end of earlier days, as far as it was published then, the latest first."""


def read_states(
    connection: psycopg.Connection,
    schema: str,
    names: Collection[str],
    *,
    plan_segments: Iterable[Mapping[str, Any]] = (),
) -> list[SegmentState]:
    """Those of the named segments that were ever built. Raises psycopg's errors where the database does.

    Of the segments of the plan that are given, the audience is counted: that takes as long as reading all
    profiles once.
    """
    tables = PublicTables(connection, schema)
    if not names or not tables.exist():
        return []
    query = _Query(connection, schema)
    rows = query.rows(_STATES, {"names": list(names)})
    ids = [row["segment_id"] for row in rows]
    runs = {run.run_id: run for run in tables.runs(limit=100)}
    moves = query.rows(_MOVES, {"ids": ids, "examples": _EXAMPLES})
    sizes = read_past_sizes(connection, schema, names)
    states = [
        SegmentState(
            **{key: value for key, value in row.items() if key != "segment_id"},
            run=runs.get(row["run_id"]),
            latest_entries=_moves(moves, row["segment_id"], "entered"),
            latest_exits=_moves(moves, row["segment_id"], "left"),
            past_sizes=sizes.get(row["name"], ()),
        )
        for row in rows
    ]
    return _with_audiences(states, tables, {segment["name"]: segment for segment in plan_segments})


def read_past_sizes(
    connection: psycopg.Connection, schema: str, names: Collection[str]
) -> dict[str, tuple[int, ...]]:
    """The members of segments at the end of the last days before they were published, the latest first."""
    rows = _Query(connection, schema).rows(_SIZES, {"names": list(names), "days": PAST_DAYS})
    return {row["name"]: tuple(row["past"]) for row in rows}


def _with_audiences(
    states: list[SegmentState], tables: PublicTables, plan: Mapping[str, Mapping[str, Any]]
) -> list[SegmentState]:
    newest = max((state.as_of for state in states if state.as_of and state.name in plan), default=None)
    if newest is None:
        return states
    population = tables.population(newest)
    return [
        replace(state, audience=audience_size(plan[state.name], population)) if state.name in plan else state
        for state in states
    ]


def _moves(rows: Iterable[Mapping[str, Any]], segment_id: int, change: str) -> tuple[Move, ...]:
    return tuple(
        Move(row["profile_id"], row["changed_at"], row["reason"])
        for row in rows
        if row["segment_id"] == segment_id and row["change"] == change
    )


@dataclass(frozen=True)
class _Query:
    connection: psycopg.Connection
    schema: str

    def rows(self, text: LiteralString, parameters: Mapping[str, Any]) -> list[dict[str, Any]]:
        names = {
            "schema": sql.Identifier(self.schema),
            "work": sql.Identifier(schema_of(self.schema, "work")),
        }
        with self.connection.cursor(row_factory=dict_row) as cursor:
            return cursor.execute(sql.SQL(text).format(**names), parameters).fetchall()
