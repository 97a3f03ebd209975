"""The warehouse as sensors look at it: as it is, without starting it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, LiteralString

import psycopg
from psycopg import sql
from psycopg.rows import dict_row

from maho_segments.errors import WarehouseError
from maho_segments.services.lock import lock_holder
from maho_segments.warehouse import connect, read_settings
from orchestration.project import ProjectResource

# A look is cheap; one that waits for a lock must not hold up the daemon's other sensors.
_TIMEOUT = "set statement_timeout = '20s'"


@dataclass(frozen=True)
class Warehouse:
    """A connection of a sensor's tick, and the schemas of the project."""

    connection: psycopg.Connection
    schema: str

    def rows(self, text: LiteralString, parameters: dict[str, Any] | None = None) -> list[dict[str, Any]]:
        """The rows of a query in which {schema}, {work} and {log} stand for what they are called here."""
        query = sql.SQL(text).format(
            schema=sql.Identifier(self.schema),
            work=sql.Identifier(f"{self.schema}_work"),
            log=sql.Identifier(f"{self.schema}_capture", "change_log"),
        )
        with self.connection.cursor(row_factory=dict_row) as cursor:
            return cursor.execute(query, parameters).fetchall()

    def has(self, part: str, table: str) -> bool:
        """Whether a table is there; `part` is what stands behind the schema's name: `_work`."""
        name = sql.Identifier(f"{self.schema}{part}", table).as_string(self.connection)
        row = self.connection.execute("select to_regclass(%s) is not null", [name]).fetchone()
        return row is not None and bool(row[0])

    @property
    def is_built(self) -> bool:
        """Whether a build ever published."""
        return self.has("", "segment_members") and self.has("_work", "segment_publications")

    @property
    def builder(self) -> str | None:
        """Who builds right now, whether through Dagster or not."""
        return lock_holder(self.connection, self.schema)


class AwayError(Exception):
    """The warehouse can't be reached, or was lost while it was looked at; the text says what to do."""


@contextmanager
def reach(project: ProjectResource) -> Iterator[Warehouse]:
    """The project's warehouse; raises AwayError where there is none, and any other error as it is."""
    workspace = project.workspace()
    settings = read_settings(workspace.folder, workspace.environ)
    try:
        with connect(settings, autocommit=True, application_name="segments sensor") as connection:
            connection.execute(_TIMEOUT)
            yield Warehouse(connection, settings.schema)
    except WarehouseError as error:
        raise AwayError(str(error)) from error
    except psycopg.OperationalError as error:
        if isinstance(error, psycopg.errors.QueryCanceled):
            raise
        raise AwayError(str(error).strip()) from error
