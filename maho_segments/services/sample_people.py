"""People of tests in the warehouse, for as long as they are asked: temporary tables of one transaction."""

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Any

import psycopg
from psycopg import sql
from psycopg.types.json import set_json_loads

from maho_segments.errors import BuildError
from maho_segments.language.segment_tests import SampleTable
from maho_segments.warehouse import ConnectionSettings, connect


@dataclass(frozen=True)
class Answers:
    """What a person answers: to rules, and as values."""

    rules: list[bool]
    values: list[Any]


class SamplePeople:
    """A connection on whose temporary tables, named like the models, the rendered macros are run."""

    def __init__(self, connection: psycopg.Connection) -> None:
        self._connection = connection

    def memberships(self, query: str) -> Mapping[int, list[int]]:
        """For each profile, the places in the plan of the segments it is in; `query`: segment_tests_query."""
        return dict(self._rows(query))

    def answers(self, query: str) -> Mapping[int, Answers]:
        """What each profile answers; `query`: segment_tests_answers."""
        return {profile_id: Answers(rules, values) for profile_id, rules, values in self._rows(query)}

    def _rows(self, query: str) -> list[Any]:
        try:
            # As bytes, which need not be literals; without parameters every percent sign in it is its own.
            return self._connection.execute(query.encode()).fetchall()
        except psycopg.errors.UndefinedTable as error:
            raise BuildError(
                f"A condition asks for what is not built yet: {error.diag.message_primary}.",
                "Run `segments build` once, then test.",
            ) from error


@contextmanager
def sample_people(settings: ConnectionSettings, tables: Iterable[SampleTable]) -> Iterator[SamplePeople]:
    """The people of these tables in the warehouse; nothing of them stays, and nothing else is read."""
    with connect(settings) as connection:
        set_json_loads(partial(json.loads, parse_float=Decimal), connection)
        try:
            for table in tables:
                _make_table(connection, table)
            yield SamplePeople(connection)
        finally:
            connection.rollback()


def _make_table(connection: psycopg.Connection, table: SampleTable) -> None:
    name = sql.Identifier("pg_temp", table.model)
    columns = [
        # A type is one of those that the vocabulary knows, so it needs no quotes.
        sql.SQL("{} {}").format(sql.Identifier(column), sql.SQL(data_type))
        for column, data_type in table.columns.items()
    ]
    connection.execute(sql.SQL("create temporary table {} ({})").format(name, sql.SQL(", ").join(columns)))
    used = [column for column in table.columns if any(column in row for row in table.rows)]
    if not used:
        return
    names = sql.SQL(", ").join(map(sql.Identifier, used))
    with connection.cursor().copy(sql.SQL("copy {} ({}) from stdin").format(name, names)) as copy:
        for row in table.rows:
            copy.write_row([row.get(column) for column in used])
    # Without statistics the planner joins a few thousand people by nested loops: minutes instead of a second.
    connection.execute(sql.SQL("analyze {}").format(name))
