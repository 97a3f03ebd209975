"""The doctor's look at the database: its version, our rights, its clock, and what was built in it."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import psycopg

from maho_segments.errors import WarehouseError
from maho_segments.services.doctor.finding import Finding
from maho_segments.services.instants import format_instant
from maho_segments.services.publications import PublicTables, Run
from maho_segments.warehouse import ConnectionSettings, check_server

_CLOCK_TOLERANCE = timedelta(seconds=5)
_LONG_AGO = timedelta(days=2)

# What to do about segments that are not published, by their status.
_UNPUBLISHED = {
    "held": "`segments release NAME` publishes what is right.",
    "failed": "Each build tries them again.",
}

# What a build needs: to make its schemas, or to make things in those that are there.
_RIGHTS = """
    select
        has_database_privilege(current_database(), 'create') as can_create_schemas,
        (
            select string_agg(nspname, ', ' order by nspname)
            from pg_namespace
            where (nspname = %(schema)s or starts_with(nspname, %(schema)s || '_') or nspname = 'audiences')
                and not has_schema_privilege(oid, 'create')
        ) as closed_schemas
"""

_LETTERS = """
    select
        lower('ÄÉЖ') = 'äéж' as beyond_ascii,
        lower('I') = 'i' as is_latin,
        (select datctype from pg_database where datname = current_database()) as locale
"""


def look_at_server(
    connection: psycopg.Connection, settings: ConnectionSettings, *, now: datetime
) -> Iterator[Finding]:
    """Version and encoding, rights, and whether its clock and ours agree."""
    size = connection.execute("select pg_size_pretty(pg_database_size(current_database()))").fetchone()
    try:
        major = check_server(settings)
        found = f"PostgreSQL {major}, {settings.uri()}, {size[0] if size else 'unknown size'}"
        yield Finding("warehouse", "good", found)
    except WarehouseError as error:
        yield Finding("warehouse", "bad", error.message, error.hint or "")
    yield _rights(connection, settings)
    yield _letters(connection)
    yield _clock(connection, now=now)


def _rights(connection: psycopg.Connection, settings: ConnectionSettings) -> Finding:
    row = connection.execute(_RIGHTS, {"schema": settings.schema}).fetchone()
    can_create_schemas, closed_schemas = row or (False, None)
    if closed_schemas:
        hint = f'grant usage, create on schema {closed_schemas} to "{settings.user}"'
        return Finding("rights", "bad", f"{settings.user} can't write in {closed_schemas}", hint)
    if not can_create_schemas:
        hint = f'grant create on database "{settings.dbname}" to "{settings.user}"'
        return Finding("rights", "bad", f"{settings.user} can't make schemas", hint)
    return Finding("rights", "good", f"{settings.user} can make schemas and write in them")


def _letters(connection: psycopg.Connection) -> Finding:
    """Whether the database knows the case of letters: rules compare text in lower case."""
    row = connection.execute(_LETTERS).fetchone()
    assert row is not None
    beyond_ascii, is_latin, locale = row
    if beyond_ascii and is_latin:
        return Finding("letters", "good", "rules know upper and lower case of all alphabets")
    mistake = "É and é are two letters in rules" if is_latin else "I and i are two letters in rules"
    hint = "Make the database anew, from template0 and with a Unicode locale such as C.UTF-8."
    return Finding("letters", "warning", f"the database's locale is {locale}: {mistake}", hint)


def _clock(connection: psycopg.Connection, *, now: datetime) -> Finding:
    row = connection.execute("select clock_timestamp(), current_setting('timezone')").fetchone()
    assert row is not None
    server_now, zone = row
    offset = abs(server_now - now)
    if offset > _CLOCK_TOLERANCE:
        hint = "Set both by network time: a run's instant is taken here, the shop's times are not."
        return Finding(
            "clock", "warning", f"the server's clock is off by {offset.total_seconds():.0f} s", hint
        )
    return Finding("clock", "good", f"agrees with the server's; sessions work in {zone}")


def look_at_builds(
    connection: psycopg.Connection, settings: ConnectionSettings, *, now: datetime
) -> Iterator[Finding]:
    """The last run: how it ended, and whether that is long ago; and what it did not publish."""
    tables = PublicTables(connection, settings.schema)
    run = tables.last_run() if tables.exist() else None
    if run is None:
        yield Finding("last build", "warning", "none yet", "Run `segments build`.")
        return
    yield _last_run(run, now=now)
    for status, hint in _UNPUBLISHED.items():
        names = [one.name for one in tables.publications() if one.status == status]
        if names:
            found = f"{status}, with their old members: {', '.join(names)}"
            yield Finding("segments", "warning", found, f"`segments list` says why. {hint}")


def _last_run(run: Run, *, now: datetime) -> Finding:
    when = f"as of {format_instant(run.as_of)}"
    if run.status != "published":
        return Finding("last build", "bad", f"run {run.run_id} {when}: {run.status}", "Run `segments build`.")
    finished = run.finished_at
    if finished is not None and now - finished > _LONG_AGO:
        found = f"run {run.run_id} {when}, {(now - finished).days} days ago"
        return Finding("last build", "warning", found, "Run `segments build`, every day or more often.")
    return Finding("last build", "good", f"run {run.run_id} {when}")
