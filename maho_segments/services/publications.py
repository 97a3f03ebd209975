"""What the public tables say: the segments as published, their members, and the runs that changed them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, LiteralString

import psycopg
from psycopg import sql
from psycopg.rows import class_row, dict_row

# What is published of a segment, and the entries and exits of the run that published it last. Columns read
# by way of JSON are missing until the first build by a version that has them.
_PUBLICATIONS: LiteralString = """
    select segment_name as name, label, status, is_active, member_count as members, entered_count as entered,
        left_count as "left", as_of, to_jsonb(segments) ->> 'status_reason' as reason
    from {schema}.segments
    order by segment_id
"""

_RUNS: LiteralString = """
    select run_id, mode, status, as_of, started_at, finished_at, profiles_evaluated, entered_count,
        left_count, erased_count, error, to_jsonb(segment_runs) ->> 'why' as why,
        nullif(to_jsonb(segment_runs) -> 'looked_at', 'null') as looked_at,
        nullif(to_jsonb(segment_runs) -> 'held_segments', 'null') as held_segments,
        nullif(to_jsonb(segment_runs) -> 'failed_segments', 'null') as failed_segments,
        to_jsonb(segment_runs) ->> 'initiated_by' as initiated_by, invocation_id
    from {schema}.segment_runs
    order by run_id desc
    limit %(limit)s
"""

# Who can be in a segment at all, in the groups that an audience is made of.
_POPULATION: LiteralString = """
    select profile_type, website, website_name, customer_group, count(*) as profiles
    from {schema}.profiles
    where merged_into_profile_id is null
        and is_active
        and (created_at < %(as_of)s) is not false
    group by profile_type, website, website_name, customer_group
"""

_MEMBERS: LiteralString = """
    select profile_id, profile_type, customer_id, email, first_name, last_name, website_code, entered_at
    from {schema}.segment_members
    where segment_name = %(name)s
    order by entered_at desc, profile_id
    limit %(limit)s
"""


@dataclass(frozen=True)
class Publication:
    """A segment as it was last published; `entered` and `left` are of the last run."""

    name: str
    label: str | None
    status: str
    is_active: bool
    members: int
    entered: int
    left: int
    as_of: datetime | None
    reason: str | None = None
    """Why it is held or failed."""


@dataclass(frozen=True)
class Run:
    """A refresh, as its row in the ledger says."""

    run_id: int
    mode: str | None
    status: str
    as_of: datetime
    started_at: datetime | None
    finished_at: datetime | None
    profiles_evaluated: int | None
    entered_count: int | None
    left_count: int | None
    erased_count: int | None
    why: str | None
    looked_at: dict[str, int] | None
    held_segments: list[str] | None
    failed_segments: list[str] | None
    error: str | None
    initiated_by: str | None = None
    """Who asked for it; missing where dbt was run by itself."""
    invocation_id: str | None = None
    """What `logs/dbt.log` calls it."""

    def as_dict(self) -> dict[str, Any]:
        """The refresh for programs; instants are left to whoever prints them."""
        return asdict(self) | {"seconds": self.seconds}

    @property
    def seconds(self) -> float | None:
        """How long it took until it published or failed; missing where it ended without a word."""
        if self.started_at is None or self.finished_at is None:
            return None
        return (self.finished_at - self.started_at).total_seconds()


@dataclass(frozen=True)
class PopulationGroup:
    """Profiles that are alike in what an audience asks for."""

    profile_type: str
    website: str | None
    website_name: str | None
    customer_group: str | None
    profiles: int


class PublicTables:
    """Reads the public tables of one schema. Each method raises psycopg's errors where the database does."""

    def __init__(self, connection: psycopg.Connection, schema: str) -> None:
        self._connection = connection
        self._schema = schema

    def exist(self) -> bool:
        """Whether a build ever made them."""
        name = sql.Identifier(self._schema, "segment_members").as_string(self._connection)
        row = self._connection.execute("select to_regclass(%s)", [name]).fetchone()
        return row is not None and row[0] is not None

    def publications(self) -> list[Publication]:
        """Every segment that is or was defined, by its id."""
        with self._connection.cursor(row_factory=class_row(Publication)) as cursor:
            return cursor.execute(self._query(_PUBLICATIONS)).fetchall()

    def last_run(self) -> Run | None:
        """The latest refresh, if there was one."""
        return next(iter(self.runs(limit=1)), None)

    def runs(self, *, limit: int | None) -> list[Run]:
        """The latest refreshes, so many of them or all, the last one first."""
        with self._connection.cursor(row_factory=class_row(Run)) as cursor:
            return cursor.execute(self._query(_RUNS), {"limit": limit}).fetchall()

    def newest_as_of(self) -> datetime | None:
        """The latest instant that was published, if any was."""
        query = self._query("select max(as_of) from {schema}.segment_runs where status = 'published'")
        row = self._connection.execute(query).fetchone()
        return None if row is None else row[0]

    def population(self, as_of: datetime) -> list[PopulationGroup]:
        """How many profiles there were at that instant, by what an audience asks for."""
        with self._connection.cursor(row_factory=class_row(PopulationGroup)) as cursor:
            return cursor.execute(self._query(_POPULATION), {"as_of": as_of}).fetchall()

    def members(self, name: str, *, limit: int | None) -> Iterator[dict[str, Any]]:
        """The members of a segment, the latest entries first, without holding them all in memory."""
        with self._connection.cursor("members", row_factory=dict_row) as cursor:
            yield from cursor.execute(self._query(_MEMBERS), {"name": name, "limit": limit})

    def _query(self, text: LiteralString) -> sql.Composed:
        return sql.SQL(text).format(schema=sql.Identifier(self._schema))


def audience_size(segment: Mapping[str, Any], population: Sequence[PopulationGroup]) -> int:
    """How many profiles the audience of a segment of the plan has: the whole of its members' share."""
    websites, groups = segment["websites"], segment["customer_groups"]
    return sum(
        group.profiles
        for group in population
        if group.profile_type in segment["audience"]
        and (websites is None or _folded(websites) & _folded([group.website, group.website_name]))
        and (groups is None or _folded(groups) & _folded([group.customer_group]))
    )


def _folded(words: Sequence[str | None]) -> set[str]:
    return {word.lower() for word in words if word is not None}
