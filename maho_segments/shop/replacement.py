"""The raw schema's tables: made when missing, emptied and filled again, all in one transaction.

Views of dbt stand on the tables, so a table that exists is emptied, never dropped. What other programs made
is left alone: only tables that carry this module's mark are emptied.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Final, LiteralString

import psycopg
from psycopg import errors, sql

from maho_segments.errors import ShopError
from maho_segments.shop.progress import ShopProgress, ShowProgress
from maho_segments.shop.resting_triggers import RestingTriggers
from maho_segments.shop.tables import Column, Table, shop_tables

RAW_SCHEMA: Final = "maho"
MARK: Final = "A table of the shop, filled by segments load or segments demo."

# A build that reads the shop is over sooner; whoever waits longer wants to know what for.
_LOCK_TIMEOUT: Final = "30s"
_MAX_NAME_BYTES: Final = 63

_SETTINGS: Final[tuple[LiteralString, ...]] = (
    f"set local lock_timeout = '{_LOCK_TIMEOUT}'",
    "set local maintenance_work_mem = '256MB'",
    "set local synchronous_commit = off",
    "set local client_encoding = 'UTF8'",
    "set local timezone = 'UTC'",
    # Years come first: 01/02/2026 is no day that everybody reads in the same way.
    "set local datestyle = 'ISO, YMD'",
)


class ShopReplacement:
    """The raw tables between being emptied and being indexed: `copy` fills them."""

    def __init__(self, connection: psycopg.Connection, schema: str) -> None:
        self._connection = connection
        self._schema = schema
        self._without_key: set[str] = set()

    def copy(
        self,
        table: Table,
        columns: Sequence[str],
        chunks: Iterable[bytes],
        *,
        only: sql.Composable | None = None,
    ) -> int:
        """Appends rows in CSV form (empty is NULL, UTF-8) and returns how many there were.

        The first line is passed over, so that PostgreSQL counts lines as a person does.

        `only` is a condition on the row: the others are not stored. Raises what `chunks` raises, and
        psycopg's errors, whose context names the line, for values that a column can't hold.
        """
        statement = sql.SQL("copy {} ({}) from stdin with (format csv, header, freeze){}").format(
            self._name(table.name),
            sql.SQL(", ").join(map(sql.Identifier, columns)),
            sql.SQL(" where ") + only if only is not None else sql.SQL(""),
        )
        with self._connection.cursor() as cursor:
            with cursor.copy(statement) as copy:
                for chunk in chunks:
                    copy.write(chunk)
            return cursor.rowcount

    def numbers(self, query: LiteralString, *parameters: object) -> list[int]:
        """The first column of a query, in which `{schema}` stands for the raw schema."""
        composed = sql.SQL(query).format(schema=sql.Identifier(self._schema))
        return [row[0] for row in self._connection.execute(composed, parameters)]

    def prepare(self) -> None:
        """Makes what is missing and empties what is there."""
        # Not `if not exists`: that wants the right to create schemas even where there is nothing to create.
        known = self._connection.execute("select from pg_namespace where nspname = %s", (self._schema,))
        if known.fetchone() is None:
            self._execute(sql.SQL("create schema {}").format(sql.Identifier(self._schema)))
        existing = self._existing_tables()
        for table in shop_tables().values():
            if table.name in existing:
                self._add_columns(table, existing[table.name])
                self._drop_indexes(table)
            else:
                self._create(table)
        self._execute(
            sql.SQL("truncate {} restart identity").format(
                sql.SQL(", ").join(self._name(table) for table in shop_tables())
            )
        )

    def finish(self, progress: ShowProgress) -> None:
        """Adds keys and indexes, faster now than kept up while copying, and counts for the planner."""
        tables = shop_tables()
        for number, table in enumerate(tables.values()):
            progress(ShopProgress(f"indexes of {table.name}", number, len(tables), "tables"))
            if table.name in self._without_key:
                self._execute(
                    sql.SQL("alter table {} add primary key ({})").format(
                        self._name(table.name), _identifiers(table.key)
                    )
                )
            for kind, name, columns in _indexes(table):
                self._execute(
                    sql.SQL("create {} {} on {} ({})").format(
                        sql.SQL(kind), sql.Identifier(name), self._name(table.name), _identifiers(columns)
                    )
                )
            self._execute(sql.SQL("analyze {}").format(self._name(table.name)))
        progress(ShopProgress("indexes", len(tables), len(tables), "tables"))

    def _name(self, table: str) -> sql.Identifier:
        return sql.Identifier(self._schema, table)

    def _execute(self, statement: sql.Composed) -> None:
        self._connection.execute(statement)

    def _existing_tables(self) -> dict[str, set[str]]:
        """The raw tables that are there, each with its columns."""
        rows = self._connection.execute(
            """
            select
                pg_class.relname,
                obj_description(pg_class.oid, 'pg_class'),
                array(
                    select pg_attribute.attname::text
                    from pg_attribute
                    where pg_attribute.attrelid = pg_class.oid and not pg_attribute.attisdropped
                )
            from pg_class
            inner join pg_namespace on pg_class.relnamespace = pg_namespace.oid
            where pg_namespace.nspname = %s and pg_class.relname = any(%s)
            """,
            (self._schema, list(shop_tables())),
        ).fetchall()
        foreign = sorted(name for name, comment, _ in rows if comment != MARK)
        if foreign:
            raise ShopError(
                f"Schema {self._schema} has tables that this program did not make: {_some(foreign)}.",
                "Nothing was changed. They would be emptied: load into another database, or drop them first.",
            )
        return {name: set(columns) for name, _, columns in rows}

    def _create(self, table: Table) -> None:
        self._without_key.add(table.name)
        definitions = [self._definition(table, column) for column in table.columns]
        self._execute(
            sql.SQL("create table {} ({})").format(self._name(table.name), sql.SQL(", ").join(definitions))
        )
        self._execute(sql.SQL("comment on table {} is {}").format(self._name(table.name), sql.Literal(MARK)))

    def _definition(self, table: Table, column: Column) -> sql.Composed:
        parts: list[sql.Composable] = [sql.Identifier(column.name), sql.SQL(_type(column))]
        if column.name == table.numbered_key:
            parts.append(sql.SQL("generated by default as identity"))
        elif column.name in table.key:
            parts.append(sql.SQL("not null"))
        if column.default is not None:
            parts.append(sql.SQL("default ") + sql.Literal(column.default))
        return sql.SQL(" ").join(parts)

    def _add_columns(self, table: Table, existing: set[str]) -> None:
        for column in table.columns:
            if column.name not in existing:
                self._execute(
                    sql.SQL("alter table {} add column {}").format(
                        self._name(table.name), self._definition(table, column)
                    )
                )

    def _drop_indexes(self, table: Table) -> None:
        try:
            with self._connection.transaction():
                self._execute(
                    sql.SQL("alter table {} drop constraint if exists {}").format(
                        self._name(table.name), sql.Identifier(f"{table.name}_pkey")
                    )
                )
            self._without_key.add(table.name)
        except errors.DependentObjectsStillExist:
            # A view groups by the key: then the key is kept up while copying.
            pass
        for _, name, _ in _indexes(table):
            self._execute(sql.SQL("drop index if exists {}").format(sql.Identifier(self._schema, name)))


@contextmanager
def replacing_shop(
    connection: psycopg.Connection, *, schema: str = RAW_SCHEMA, progress: ShowProgress
) -> Iterator[ShopReplacement]:
    """The emptied raw tables, to be filled; when the block ends they are indexed and the new shop is there.

    Any error in the block leaves the old shop as it was. Raises ShopError when another session keeps the
    tables locked, when the schema's tables are not this program's, or when new rows break a unique key.
    """
    try:
        with connection.transaction():
            for setting in _SETTINGS:
                connection.execute(setting)
            connection.execute("select pg_advisory_xact_lock(hashtext(%s))", (f"shop tables {schema}",))
            replacement = ShopReplacement(connection, schema)
            triggers = RestingTriggers(connection, schema)
            triggers.rest()
            replacement.prepare()
            yield replacement
            replacement.finish(progress)
            triggers.resume()
    except errors.LockNotAvailable:
        raise ShopError(
            f"Another session has used the tables of schema {schema} for more than {_LOCK_TIMEOUT}.",
            "The old shop is as it was. Try again when the build or load that runs there is over.",
        ) from None
    except errors.UniqueViolation as error:
        detail = error.diag.message_detail or error.diag.message_primary
        raise ShopError(
            f"{error.diag.table_name or error.diag.constraint_name}: a row is there twice. {detail}",
            "The old shop is as it was. Export the table in one go: such rows come from two exports joined.",
        ) from None
    except errors.InsufficientPrivilege as error:
        raise ShopError(
            f"The tables of schema {schema} can't be written: {error.diag.message_primary}.",
            f"The role needs to own schema {schema}, or the right to create it in this database.",
        ) from None


def _type(column: Column) -> LiteralString:
    types: dict[str, LiteralString] = {
        "bigint": "bigint",
        "integer": "integer",
        "text": "text",
        "numeric": "numeric",
        "date": "date",
        "timestamp": "timestamp",
    }
    return types[column.type]


def _indexes(table: Table) -> Iterator[tuple[LiteralString, str, tuple[str, ...]]]:
    for columns in table.unique:
        yield "unique index", _index_name(table, columns, "_key"), columns
    for columns in table.indexes:
        yield "index", _index_name(table, columns, "_idx"), columns


def _index_name(table: Table, columns: tuple[str, ...], ending: str) -> str:
    return "_".join((table.name, *columns))[: _MAX_NAME_BYTES - len(ending)] + ending


def _identifiers(names: Iterable[str]) -> sql.Composed:
    return sql.SQL(", ").join(map(sql.Identifier, names))


def _some(names: Sequence[str], at_most: int = 5) -> str:
    more = f" and {len(names) - at_most} more" if len(names) > at_most else ""
    return ", ".join(names[:at_most]) + more
