"""What waits for a refresh: news in the change log, and what the clock changes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString

import psycopg
from psycopg import sql

# What a run itself logs of merges is for segments that it did not refresh.
_NEWS: LiteralString = """
    with pointers as (
        select array_agg(distinct publications.pointer::text)::pg_snapshot[] as pointers
        from {work}.segment_publications as publications
        inner join {work}.segment_definitions as definitions using (segment_id)
        where definitions.segment_name = any(%(names)s)
            and publications.is_active
            and publications.status = 'published'
            and publications.pointer is not null
    )
    select
        count(*) as rows,
        min(logged_at) as oldest,
        max(transaction_id::text::bigint) as newest,
        coalesce(array_agg(distinct source), '{{}}') as sources
    from (
        select log.logged_at, log.transaction_id, log.source
        from pointers
        cross join {log} as log
        where log.transaction_id >= (
                select pg_snapshot_xmin(pointer) as horizon
                from unnest(pointers.pointers) as pointer
                order by horizon
                limit 1
            )
            and (log.kind <> 'profile' or log.source <> 'refresh')
            and exists (
                select 1
                from unnest(pointers.pointers) as pointer
                where not pg_visible_in_snapshot(log.transaction_id, pointer)
            )
        limit %(limit)s
    ) as news
"""


@dataclass(frozen=True)
class News:
    """Rows of the change log that some segment has not seen, and the time of the oldest.

    `newest` is the transaction with the highest number among them, `sources` the tables of the shop.
    """

    rows: int
    oldest: datetime | None
    newest: int | None = None
    sources: tuple[str, ...] = ()


class Waiting:
    """What of one schema waits for a refresh. Each method raises psycopg's errors where the database does."""

    def __init__(self, connection: psycopg.Connection, schema: str) -> None:
        self._connection = connection
        self._names = {
            "work": sql.Identifier(f"{schema}_work"),
            "log": sql.Identifier(f"{schema}_capture", "change_log"),
            "clocks": sql.Identifier(f"{schema}_work", "profile_clocks"),
            "publications": sql.Identifier(f"{schema}_work", "segment_publications"),
        }

    def news(self, segments: Sequence[str], *, limit: int | None = None) -> News:
        """What the published ones of these segments have not seen, counted up to the limit."""
        if not (self._exists("log") and self._exists("publications")):
            return News(0, None)
        rows, oldest, newest, sources = self._row(_NEWS, {"names": list(segments), "limit": limit})
        return News(rows, oldest, newest, tuple(sources))

    def next_change_at(self) -> datetime | None:
        """When the clock alone changes what some profile is in, as far as that is known."""
        if not self._exists("clocks"):
            return None
        found: datetime | None = self._row("select min(next_change_at) from {clocks}")[0]
        return found

    def has_log(self) -> bool:
        """Whether there is a change log."""
        return self._exists("log")

    def _exists(self, name: str) -> bool:
        text = self._names[name].as_string(self._connection)
        row = self._connection.execute("select to_regclass(%s) is not null", [text]).fetchone()
        return row is not None and bool(row[0])

    def _row(self, query: LiteralString, parameters: dict[str, Any] | None = None) -> tuple[Any, ...]:
        row = self._connection.execute(sql.SQL(query).format(**self._names), parameters).fetchone()
        assert row is not None
        return row
