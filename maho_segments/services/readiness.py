"""What has to be so before a build may start: a shop to build from, and an instant that history allows."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from psycopg import Connection, sql

from maho_segments.errors import BuildError
from maho_segments.services.dbt import SourceTable
from maho_segments.services.instants import format_instant
from maho_segments.services.publications import PublicTables
from maho_segments.shop.tables import shop_tables


def refuse_without_shop(connection: Connection, sources: Iterable[SourceTable]) -> None:
    """Raise BuildError where the tables that every shop has are not there: all segments would be emptied."""
    required = {name for name, table in shop_tables().items() if table.is_required}
    missing = [
        source
        for source in sources
        if source.name in required and not _exists(connection, source.schema, source.name)
    ]
    if missing:
        names = ", ".join(f"{source.schema}.{source.name}" for source in missing)
        raise BuildError(
            f"There is no shop to build from: {names} {'is' if len(missing) == 1 else 'are'} missing.",
            "Load one with `segments load DIR`, or a demo with `segments demo`. If the shop's tables are in "
            "another schema, name it in dbt_project.yml: vars, maho_schema.",
        )


def not_before_present(connection: Connection, schema: str, as_of: datetime, *, now: datetime) -> datetime:
    """The instant of a build for the present: that of one which published meanwhile, where it is later."""
    tables = PublicTables(connection, schema)
    newest = tables.newest_as_of() if tables.exist() else None
    # Watchers publish for the end of a second.
    return newest if newest is not None and as_of < newest <= now + timedelta(seconds=1) else as_of


def refuse_to_go_back(connection: Connection, schema: str, as_of: datetime) -> None:
    """Raise BuildError for an instant before a published one: exits would lie before their entries."""
    tables = PublicTables(connection, schema)
    newest = tables.newest_as_of() if tables.exist() else None
    if newest is not None and newest > as_of:
        raise BuildError(
            f"The memberships were already published as of {format_instant(newest)}; a build as of the "
            f"earlier {format_instant(as_of)} would rewrite their history.",
            "Build for a later instant, or into another schema (DBT_SCHEMA). To begin anew without the "
            f"history, drop the schemas {schema} and {schema}_work.",
        )


def _exists(connection: Connection, schema: str, table: str) -> bool:
    name = sql.Identifier(schema, table).as_string(connection)
    row = connection.execute("select to_regclass(%s) is not null", [name]).fetchone()
    return row is not None and bool(row[0])
