"""The triggers that capture changes, while a shop is replaced: one says so, the rest need not fire."""

from dataclasses import dataclass
from typing import Final, LiteralString

import psycopg
from psycopg import sql

from maho_segments.shop.tables import shop_tables

_ENABLE: Final[dict[str, LiteralString]] = {"O": "enable", "A": "enable always", "R": "enable replica"}

_TRIGGERS: Final[LiteralString] = """
    select
        pg_class.relname as table_name,
        pg_trigger.tgname as name,
        pg_trigger.tgenabled::text as enabled,
        pg_proc.pronamespace::text as owner,
        (pg_trigger.tgtype & 32) > 0 as is_of_truncate
    from pg_trigger
    inner join pg_class on pg_trigger.tgrelid = pg_class.oid
    inner join pg_proc on pg_trigger.tgfoid = pg_proc.oid
    where
        pg_class.relnamespace = to_regnamespace(%s)
        and pg_class.relname = any(%s)
        and pg_trigger.tgenabled <> 'D'
        and exists (
            select 1
            from pg_class as logs
            where logs.relnamespace = pg_proc.pronamespace and logs.relname = 'change_log'
        )
    order by pg_class.relname, pg_trigger.tgname
"""


@dataclass(frozen=True)
class _Trigger:
    table: str
    name: str
    enabled: str
    owner: str
    is_of_truncate: bool


class RestingTriggers:
    """Those of a schema's tables, within the transaction that replaces the shop. Others' triggers are let be.

    Millions of rows would be kept in memory for them, to no use: that the tables were emptied says it all. If
    the transaction fails, all is as it was.
    """

    def __init__(self, connection: psycopg.Connection, schema: str) -> None:
        self._connection = connection
        self._schema = schema
        parameters = [sql.Identifier(schema).as_string(connection), list(shop_tables())]
        rows = connection.execute(_TRIGGERS, parameters).fetchall()
        self._triggers = [_Trigger(*row) for row in rows]

    def rest(self) -> None:
        """Empty one table of each capture, so that its log says so once; from then on no trigger fires."""
        told = {trigger.owner: trigger.table for trigger in self._triggers if trigger.is_of_truncate}
        for table in set(told.values()):
            self._connection.execute(sql.SQL("truncate {}").format(self._name(table)))
        for trigger in self._triggers:
            self._alter(trigger, "disable")

    def resume(self) -> None:
        """Let the triggers fire again, each as it did before."""
        for trigger in self._triggers:
            self._alter(trigger, _ENABLE[trigger.enabled])

    def _alter(self, trigger: _Trigger, how: LiteralString) -> None:
        statement = sql.SQL("alter table {} {} trigger {}").format(
            self._name(trigger.table), sql.SQL(how), sql.Identifier(trigger.name)
        )
        self._connection.execute(statement)

    def _name(self, table: str) -> sql.Identifier:
        return sql.Identifier(self._schema, table)
