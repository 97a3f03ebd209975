"""The tables that an audit reads and writes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, LiteralString

import psycopg
from psycopg import sql
from psycopg.rows import class_row

from maho_segments.errors import NothingToAuditError
from maho_segments.services.schemas import schema_of

# What is held or failed has the members of an earlier definition or instant, and says so itself. What changed
# since one was published under another capture, or by other code, nobody knows.
_SEGMENTS: LiteralString = """
    select definitions.segment_name as name, definitions.segment_id, publications.as_of,
        publications.definition_hash
    from {work}.segment_publications as publications
    inner join {work}.segment_definitions as definitions using (segment_id)
    where publications.status = 'published'
        and publications.is_active
        and publications.capture_key is not distinct from (
            select latest.capture_key
            from {work}.segment_publications as latest
            where latest.status = 'published'
            order by latest.published_at desc
            limit 1
        )
        and (publications.pointer is not null or publications.capture_key is null)
"""

_SAMPLE: LiteralString = """
    with start as (
        select coalesce((
            select case when is_last_sample then 0 else last_profile_id end
            from {schema}.segment_audits
            order by audit_id desc
            limit 1
        ), 0) as behind
    ),

    sample as (
        select identities.profile_id
        from {work}.profile_identities as identities
        where identities.erased_at is null
            and (%(size)s::bigint is null or identities.profile_id > (select behind from start))
        order by identities.profile_id
        limit %(size)s
    )

    select coalesce(min(profile_id), 0) as first, coalesce(max(profile_id), 0) as last, count(*) as profiles,
        not exists (
            select 1 from {work}.profile_identities as identities
            where identities.erased_at is null
                and identities.profile_id > (select max(profile_id) from sample)
        ) as is_last
    from sample
"""

_COMPARE: LiteralString = """
    with expected as materialized (
        {query}
    ),

    compared as (
        select
            coalesce(expected.profile_id, actual.profile_id) as profile_id,
            coalesce(expected.segment_id, actual.segment_id) as segment_id,
            case when actual.profile_id is null then 'missing'
                when expected.profile_id is null then 'unexpected' end as found,
            expected.profile_id is not null as is_expected
        from (select * from expected where segment_id = any({ids}::integer[])) as expected
        full outer join (
            select profile_id, segment_id
            from {schema}.segment_memberships
            where segment_id = any({ids}::integer[]) and profile_id between {first} and {last}
        ) as actual on expected.profile_id = actual.profile_id and expected.segment_id = actual.segment_id
    )

    select profile_id, segment_id, found, is_expected
    from compared
    where profile_id <> all({news}::bigint[]) and (found is not null or is_expected)
"""

# Whether somebody is still merged into a profile of which there is news, only a build finds out.
_NEWS: LiteralString = """
    select profile_id from {work}.changed_profiles
    union
    select profile_id
    from {schema}.profiles
    where merged_into_profile_id in (select profile_id from {work}.changed_profiles)
"""

# The memberships are what people see; the arrays that a build compares with are brought to them first, so
# that it finds the difference, whichever of the two was wrong.
_ALIGN: LiteralString = """
    insert into {work}.profile_segments as kept (profile_id, website_id, segment_ids)
    select profiles.profile_id, profiles.website_id, array(
        select memberships.segment_id from {schema}.segment_memberships as memberships
        where memberships.profile_id = profiles.profile_id
        order by memberships.segment_id
    )
    from {schema}.profiles as profiles
    where profiles.profile_id = any(%(ids)s)
    on conflict (profile_id) do update set segment_ids = excluded.segment_ids
"""

# The build counts what it adds and takes away; whose memberships came or went without one was never counted.
_RECOUNT: LiteralString = """
    update {work}.segment_publications as kept
    set member_count = counted.member_count
    from (
        select publications.segment_id, count(memberships.profile_id) as member_count
        from {work}.segment_publications as publications
        left join {schema}.segment_memberships as memberships using (segment_id)
        group by publications.segment_id
    ) as counted
    where kept.segment_id = counted.segment_id and kept.member_count <> counted.member_count
"""


@dataclass(frozen=True)
class AuditedSegment:
    """A segment as published, whose definition is still the same."""

    name: str
    segment_id: int
    as_of: datetime
    definition_hash: str


@dataclass(frozen=True)
class Sample:
    """Profiles whose numbers are next to each other; `is_last` if none are behind them."""

    first: int
    last: int
    profiles: int
    is_last: bool


@dataclass(frozen=True)
class Drift:
    """A membership that a full build would find and that is missing, or one that it would not: unexpected."""

    segment: str
    profile_id: int
    found: Literal["missing", "unexpected"]


class AuditTables:
    """Reads and writes what an audit needs. Each method raises psycopg's errors where the database does."""

    def __init__(self, connection: psycopg.Connection, schema: str) -> None:
        self._connection = connection
        self._schema = schema

    def audited_segments(self, plan: Mapping[str, Any], code: str) -> list[AuditedSegment]:
        """The segments that are published as they are defined.

        Raises NothingToAuditError where there is none, or the last full build ran with other code than this.
        """
        name = sql.Identifier(self._schema, "segment_audits").as_string(self._connection)
        row = self._connection.execute("select to_regclass(%s) is not null", [name]).fetchone()
        segments: list[AuditedSegment] = []
        if row is not None and row[0]:
            hashes = {segment["name"]: segment["definition_hash"] for segment in plan["segments"]}
            with self._connection.cursor(row_factory=class_row(AuditedSegment)) as cursor:
                found = cursor.execute(self._query(_SEGMENTS)).fetchall()
            segments = [segment for segment in found if hashes.get(segment.name) == segment.definition_hash]
        if not segments or self.code() != code:
            raise NothingToAuditError(
                "Nothing that could be audited was published by the project as it is now.",
                "Run `segments build` first.",
            )
        return segments

    def code(self) -> str:
        """The fingerprint of the code that the last full build published with; nothing if it did not."""
        row = self._run("select value from {work}.build_state where name in ('code', 'built')").fetchone()
        return "" if row is None else str(row[0])

    def next_sample(self, size: int | None) -> Sample:
        """The profiles behind those of the last audit, so many of them, or all profiles."""
        with self._connection.cursor(row_factory=class_row(Sample)) as cursor:
            sample = cursor.execute(self._query(_SAMPLE), {"size": size}).fetchone()
        assert sample is not None
        return sample

    def recompute_profiles(self, query: str, sample: Sample) -> None:
        """Make the temporary table audited_profiles of the sample, by the query of the model profiles."""
        statement = sql.SQL(
            "create temporary table audited_profiles on commit drop as "
            "select * from (\n{}\n) as profiles where profile_id between {} and {}"
        ).format(sql.SQL(query), sql.Literal(sample.first), sql.Literal(sample.last))
        self._connection.execute(statement)
        self._connection.execute("analyze audited_profiles")

    def scope(self) -> tuple[str, str, bool]:
        """Mode and reason of refresh_scope, and whether changes are captured."""
        row = self._run("select mode, why, capture_key is not null from {work}.refresh_scope").fetchone()
        assert row is not None
        return row[0], row[1], row[2]

    def profiles_with_news(self) -> list[int]:
        """The profiles of changed_profiles, and those that are merged into one of them."""
        return [number for (number,) in self._run(_NEWS)]

    def count_in_sample(self, profiles: Sequence[int], sample: Sample) -> int:
        """How many of these profiles are in the sample."""
        return sum(sample.first <= number <= sample.last for number in profiles)

    def compare(
        self, query: str, segments: Sequence[AuditedSegment], sample: Sample, news: Sequence[int]
    ) -> tuple[list[Drift], int]:
        """What differs between the query's memberships and the published ones, and how many the query has."""
        names = {segment.segment_id: segment.name for segment in segments}
        statement = sql.SQL(_COMPARE).format(
            query=sql.SQL(query),
            schema=sql.Identifier(self._schema),
            ids=sql.Literal(list(names)),
            news=sql.Literal(list(news)),
            first=sql.Literal(sample.first),
            last=sql.Literal(sample.last),
        )
        rows = self._connection.execute(statement).fetchall()
        drift = [
            Drift(names[segment_id], profile_id, found) for profile_id, segment_id, found, _ in rows if found
        ]
        return drift, sum(is_expected for *_, is_expected in rows)

    def record(
        self, sample: Sample, *, as_of: datetime, started_at: datetime, figures: Mapping[str, object]
    ) -> None:
        """Add the audit's row."""
        values = {
            "as_of": as_of,
            "started_at": started_at,
            "first_profile_id": sample.first,
            "last_profile_id": sample.last,
            "is_last_sample": sample.is_last,
            **figures,
        }
        columns = sql.SQL(", ").join(map(sql.Identifier, values))
        statement = sql.SQL("insert into {} ({}, finished_at) values ({}, clock_timestamp())").format(
            sql.Identifier(self._schema, "segment_audits"),
            columns,
            sql.SQL(", ").join(map(sql.Placeholder, values)),
        )
        self._connection.execute(statement, values)

    def ask_for_repair(self, profiles: Iterable[int]) -> None:
        """Have the next build look at these profiles as if all their rows had changed."""
        ids = sorted(profiles)
        with self._connection.transaction():
            self._run(_ALIGN, {"ids": ids})
            self._run(_RECOUNT)
            log = sql.Identifier(schema_of(self._schema, "capture"), "change_log")
            row = self._connection.execute(
                "select to_regclass(%s)", [log.as_string(self._connection)]
            ).fetchone()
            # Without a log each build looks at everybody.
            if row is not None and row[0] is not None:
                self._connection.execute(
                    sql.SQL(
                        "insert into {} (kind, id, source) select 'repair', unnest(%s::bigint[]), 'audit'"
                    ).format(log),
                    [ids],
                )

    def _run(self, text: LiteralString, parameters: dict[str, Any] | None = None) -> psycopg.Cursor:
        return self._connection.execute(self._query(text), parameters)

    def _query(self, text: LiteralString) -> sql.Composed:
        return sql.SQL(text).format(
            schema=sql.Identifier(self._schema), work=sql.Identifier(schema_of(self._schema, "work"))
        )
