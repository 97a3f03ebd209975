"""A shop whose changes are captured, and ways to look at what the log says of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

from maho_segments.services.capture import Capture
from maho_segments.services.dbt import DbtProject
from maho_segments.services.progress import Silence
from maho_segments.shop.replacement import replacing_shop
from maho_segments.warehouse import ConnectionSettings, EmbeddedServer, read_settings
from tests.databases import PROJECT, Database, new_database
from tests.projects import copy_project

BULK_LIMIT = 50
"""Small, so that a test exceeds it with few rows."""

Key = tuple[str, Any]
"""A kind, and the id or the address."""

_LOG = "select distinct kind, coalesce(to_jsonb(id), to_jsonb(email)) from segments_capture.change_log"


@dataclass
class CapturedShop:
    """The raw tables in a database, empty at first, and the project that captures them."""

    database: Database
    dbt: DbtProject

    def connect(self) -> psycopg.Connection:
        return self.database.connect()

    def install(self) -> None:
        with self.connect() as connection:
            Capture(self.dbt, self.database.settings, connection).install(Silence())

    @cached_property
    def _key_query(self) -> str:
        text = """{{ capture_key_query(
            captured_sources(of_any_plan=true).sources,
            captured_sources().sources | map(attribute='name') | list
        ) if execute }}"""
        return self.dbt.compile_inline(text, variables={})

    def key(self) -> str | None:
        """What `capture_key()` says now, by the query it runs."""
        rows = self.database.rows(self._key_query)
        return rows[0][0] if rows else None

    def gaps(self) -> list[str]:
        with self.connect() as connection:
            return Capture(self.dbt, self.database.settings, connection).status().gaps

    def news(self, *statements: str) -> set[Key]:
        """What is in the log after these statements, each of them a transaction, and was not before."""
        with self.connect() as connection:
            connection.execute("delete from segments_capture.change_log")
            for statement in statements:
                connection.execute(statement.encode())
            return read_log(connection)


def read_log(connection: psycopg.Connection) -> set[Key]:
    """All keys of the log."""
    return {(kind, key) for kind, key in connection.execute(_LOG.encode())}


def waiting_lock(shop: CapturedShop) -> str:
    """The key of the lock that whoever waits for changes holds, as arguments of `pg_advisory_lock`."""
    return shop.dbt.compile_inline("{{ waiting_lock() }}", variables={})


def insert_rows(connection: psycopg.Connection, table: str, rows: list[dict[str, Any]]) -> None:
    """Insert rows that have the same columns, in one statement."""
    columns = sql.SQL(", ").join(map(sql.Identifier, rows[0]))
    values = sql.SQL(", ").join(
        sql.SQL("({})").format(sql.SQL(", ").join(map(sql.Literal, row.values()))) for row in rows
    )
    name = sql.Identifier("maho", table)
    connection.execute(sql.SQL("insert into {} ({}) values {}").format(name, columns, values))


def make_project(folder: Path) -> Path:
    """A copy of the project with the small limit."""
    project = copy_project(folder)
    settings = project / "dbt_project.yml"
    text = settings.read_text(encoding="utf-8")
    limited = text.replace("capture_bulk_limit: 10000", f"capture_bulk_limit: {BULK_LIMIT}")
    assert limited != text
    settings.write_text(limited, encoding="utf-8")
    return project


def captured_shop(project: Path, database: Database) -> CapturedShop:
    """The raw tables in this database, captured by this project."""
    with database.connect() as connection, replacing_shop(connection, progress=lambda _: None):
        pass
    environ = {**database.environ, "SEGMENTS_PROJECT_DIR": str(project)}
    shop = CapturedShop(database, DbtProject(project, database.settings, environ))
    shop.install()
    return shop


def settings_of(server: EmbeddedServer) -> tuple[ConnectionSettings, dict[str, str]]:
    """How to reach a server's first database, and the environment that leads there."""
    own = {"SEGMENTS_WAREHOUSE_DIR": str(server.status().data_dir.parent)}
    settings = read_settings(PROJECT, own)
    return replace(settings, host=str(server.status().socket_dir)), own


@pytest.fixture(scope="session")
def capture_project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project of these tests."""
    return make_project(tmp_path_factory.mktemp("capture"))


@pytest.fixture(scope="session")
def captured(capture_project: Path, embedded_server: EmbeddedServer) -> Iterator[CapturedShop]:
    """A captured shop that tests share: they leave its tables captured, and may leave rows."""
    settings, own = settings_of(embedded_server)
    with new_database(settings, own) as database:
        yield captured_shop(capture_project, database)
