"""Drift that still stands: what an audit found, until it was repaired or found to be gone."""

from dataclasses import dataclass
from datetime import datetime
from typing import LiteralString

from psycopg import Connection, sql
from psycopg.rows import class_row

# An audit of other profiles finds none of this, and repairs none of it.
_DRIFT: LiteralString = """
    select audits.audit_id, audits.missing_count as missing, audits.unexpected_count as unexpected,
        audits.profiles_checked as profiles, audits.finished_at as found_at
    from {schema}.segment_audits as audits
    where audits.missing_count + audits.unexpected_count > 0
        and not audits.was_repaired
        and not exists (
            select 1
            from {schema}.segment_audits as later
            where later.audit_id > audits.audit_id
                and (
                    later.first_profile_id <= audits.first_profile_id
                    or later.first_profile_id <= (select min(profile_id) from {schema}.profiles)
                )
                and (later.last_profile_id >= audits.last_profile_id or later.is_last_sample)
        )
        and not exists (
            select 1
            from {schema}.segment_runs as runs
            where runs.mode = 'full' and runs.status = 'published' and runs.started_at > audits.finished_at
        )
    order by audits.audit_id desc
    limit 1
"""


@dataclass(frozen=True)
class StandingDrift:
    """What an audit of so many profiles found: memberships that are missing, and such as should not be."""

    audit_id: int
    missing: int
    unexpected: int
    profiles: int
    found_at: datetime


def read_standing_drift(connection: Connection, schema: str) -> StandingDrift | None:
    """The latest drift that stands; none where nothing was ever audited. Raises psycopg's errors."""
    name = sql.Identifier(schema)
    table = sql.Identifier(schema, "segment_audits").as_string(connection)
    row = connection.execute("select to_regclass(%s) is not null", [table]).fetchone()
    if row is None or not row[0]:
        return None
    with connection.cursor(row_factory=class_row(StandingDrift)) as cursor:
        return cursor.execute(sql.SQL(_DRIFT).format(schema=name)).fetchone()
