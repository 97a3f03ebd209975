"""Faults in the middle of a refresh: at a statement of dbt's, counted from the first."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal

from dbt.adapters.postgres import PostgresConnectionManager
from dbt_common.exceptions import DbtDatabaseError

from tests.databases import Database

Fault = Literal["killed", "lost"]
"""`killed`: dbt is gone, nothing more arrives. `lost`: its connections are cut, and it goes on."""


class Statements:
    """Counts dbt's statements, and lets a fault happen before one of them."""

    def __init__(self, database: Database, fault_at: int | None, fault: Fault) -> None:
        self._database, self._fault_at, self._fault = database, fault_at, fault
        self.count = 0

    def before_one(self) -> None:
        """Count one more; raises DbtDatabaseError where dbt is dead."""
        self.count += 1
        if self._fault_at is None or self.count < self._fault_at:
            return
        if self.count == self._fault_at:
            self._database.execute(
                "select pg_terminate_backend(pid, 5000) from pg_stat_activity "
                "where datname = current_database() and application_name = 'dbt'"
            )
        if self._fault == "killed":
            raise DbtDatabaseError("killed by a test")


@contextmanager
def counting(
    database: Database, fault_at: int | None = None, fault: Fault = "killed"
) -> Iterator[Statements]:
    """dbt's statements of the block, counted; with a fault before the one of that number."""
    statements = Statements(database, fault_at, fault)
    add_query = PostgresConnectionManager.add_query

    def counted(self: PostgresConnectionManager, *arguments: Any, **options: Any) -> Any:
        statements.before_one()
        return add_query(self, *arguments, **options)

    PostgresConnectionManager.add_query = counted
    try:
        yield statements
    finally:
        PostgresConnectionManager.add_query = add_query
