"""The doctor's look at the shop's tables: what is missing in them, and what does not work for want of it."""

from collections.abc import Iterator
from typing import Any, LiteralString

import psycopg
from psycopg import sql

from maho_segments import language
from maho_segments.errors import SegmentsError
from maho_segments.services.dbt import DbtProject, SourceTable
from maho_segments.services.doctor.capture import look_at_capture
from maho_segments.services.doctor.finding import Finding
from maho_segments.services.doctor.gaps import find_gaps, segments_using
from maho_segments.services.project import Workspace
from maho_segments.services.shop_names import find_unknown_names
from maho_segments.warehouse import ConnectionSettings

_COLUMNS = """
    select pg_class.relname, pg_attribute.attname
    from pg_class
    inner join pg_attribute on pg_class.oid = pg_attribute.attrelid
    where pg_class.relnamespace = to_regnamespace(%s)
        and pg_class.relkind in ('r', 'v', 'm', 'f', 'p')
        and pg_attribute.attnum > 0
        and not pg_attribute.attisdropped
"""

_UNREADABLE = """
    select relname
    from pg_class
    where relnamespace = to_regnamespace(%s)
        and relkind in ('r', 'v', 'm', 'f', 'p')
        and not has_table_privilege(oid, 'select')
    order by relname
"""

_UNKNOWN_ZONES: LiteralString = """
    select string_agg(distinct value, ', ')
    from {table}
    where path = 'general/locale/timezone'
        and value is not null
        and not exists (select 1 from pg_timezone_names where lower(name) = lower(value))
"""

# Only with prices per website does the shop heed a website's own base currency.
_BASE_CURRENCIES: LiteralString = """
    select string_agg(distinct value, ', ')
    from {table}
    where path = 'currency/options/base'
        and exists (select 1 from {table} where path = 'catalog/price/scope' and value = '1')
    having count(distinct value) > 1
"""


def look_at_shop(
    workspace: Workspace, connection: psycopg.Connection, settings: ConnectionSettings
) -> Iterator[Finding]:
    """What the shop lacks, and which relations, columns and segments are empty for want of it."""
    dbt = DbtProject(workspace.folder, settings, workspace.environ)
    try:
        sources = dbt.sources()
    except SegmentsError as error:
        yield Finding("dbt", "bad", error.message, error.hint or "")
        return
    existing = _existing_columns(connection, sources[0].schema)
    if not any(source.name in existing for source in sources):
        hint = "Run `segments demo`, or `segments load DIR` with the shop's tables."
        yield Finding("shop", "bad", f"there is no table of a shop in schema {sources[0].schema}", hint)
        return
    missing = [word for source in sources for word in _missing(source, existing.get(source.name, set()))]
    yield from _unreadable(connection, sources, settings)
    yield from _time_zones(connection, sources)
    yield from _currencies(connection, sources)
    empty = [source.name for source in sources if source.name in existing and _is_empty(connection, source)]
    if not missing and not empty:
        yield Finding("shop", "good", f"has all {len(sources)} tables with every column that is read")
    hint = "Nothing to do if the shop does not have them; what is empty for want of them follows."
    if missing:
        yield Finding("shop", "warning", f"there is no {', '.join(missing)}", hint)
    if empty:
        yield Finding("shop", "warning", f"there are no rows in {', '.join(empty)}", hint)
    yield from look_at_capture(connection, settings, dbt)
    yield from _consequences(workspace, connection, dbt)


def _existing_columns(connection: psycopg.Connection, schema: str) -> dict[str, set[str]]:
    existing: dict[str, set[str]] = {}
    for table, column in connection.execute(_COLUMNS, [schema]):
        existing.setdefault(table, set()).add(column)
    return existing


def _is_empty(connection: psycopg.Connection, source: SourceTable) -> bool:
    query = sql.SQL("select not exists (select from {})").format(sql.Identifier(source.schema, source.name))
    try:
        row = connection.execute(query).fetchone()
    except psycopg.errors.InsufficientPrivilege:
        return False  # Told with the rights.
    return row is not None and row[0]


def _missing(source: SourceTable, existing: set[str]) -> Iterator[str]:
    if not existing:
        yield source.name
    else:
        yield from (f"{source.name}.{column}" for column in source.columns if column not in existing)


def _unreadable(
    connection: psycopg.Connection, sources: list[SourceTable], settings: ConnectionSettings
) -> Iterator[Finding]:
    schema = sources[0].schema
    declared = {source.name for source in sources}
    closed = [row[0] for row in connection.execute(_UNREADABLE, [schema]) if row[0] in declared]
    if closed:
        hint = f'grant usage on schema {schema}, select on all tables in schema {schema} to "{settings.user}"'
        yield Finding("shop rights", "bad", f"{settings.user} can't read {', '.join(closed)}", hint)


def _time_zones(connection: psycopg.Connection, sources: list[SourceTable]) -> Iterator[Finding]:
    row = _ask_settings(connection, sources, _UNKNOWN_ZONES)
    if row is None:
        return
    if row[0]:
        hint = "The shop's default is used for them. Correct general/locale/timezone in the shop."
        yield Finding("time zones", "warning", f"PostgreSQL does not know {row[0]}", hint)
    else:
        yield Finding("time zones", "good", "PostgreSQL knows those of all websites")


def _currencies(connection: psycopg.Connection, sources: list[SourceTable]) -> Iterator[Finding]:
    if row := _ask_settings(connection, sources, _BASE_CURRENCIES):
        found = f"websites have base currencies of their own ({row[0]}), and amounts are not converted"
        hint = "Give each segment that compares amounts the `websites` of one currency."
        yield Finding("currencies", "warning", found, hint)


def _ask_settings(
    connection: psycopg.Connection, sources: list[SourceTable], question: LiteralString
) -> tuple[Any, ...] | None:
    """The row that answers a question to the shop's settings; None where there is none."""
    config = next((source for source in sources if source.name == "core_config_data"), None)
    if config is None:
        return None
    query = sql.SQL(question).format(table=sql.Identifier(config.schema, config.name))
    try:
        return connection.execute(query).fetchone()
    except psycopg.Error:
        return None  # Its table, column or right is missing, and that is already told.


def _consequences(workspace: Workspace, connection: psycopg.Connection, dbt: DbtProject) -> Iterator[Finding]:
    try:
        project = language.check_project(workspace.folder)
    except SegmentsError:
        return  # Told among the definitions.
    plan = language.compile_plan(project)
    try:
        gaps = find_gaps(connection, project.vocabulary, dbt.relation_names())
        unknown_names = find_unknown_names(connection, plan, dbt.relation_names())
    except (psycopg.errors.UndefinedTable, psycopg.errors.UndefinedColumn):
        return  # Not built yet: told with the last build.
    for name in unknown_names:
        yield Finding("names", "warning", str(name), "Correct the rule: as it is, it means nobody.")
    unused = []
    for gap in gaps:
        users = segments_using(gap, plan, project.vocabulary)
        if not users:
            unused.append(str(gap))
            continue
        found = f"{gap} is always missing" if gap.column else f"{gap} has no rows"
        yield Finding("vocabulary", "warning", found, f"These segments ask for it: {', '.join(users)}")
    if unused:
        found = f"empty, and no segment asks for it: {', '.join(unused)}"
        yield Finding("vocabulary", "good", found)
