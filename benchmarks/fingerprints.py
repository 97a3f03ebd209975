"""Whether two runs came to the same: a number for the content of each table that a refresh writes."""

from __future__ import annotations

from maho_segments.warehouse import ConnectionSettings, connect

# The columns that are left out.
_TABLES = {
    "segments.profiles": None,
    "segments_work.profile_features": "_(flip|arrival)_",
    "segments_work.profile_segments": None,
    "segments.segment_memberships": "^run_id$",
}


def fingerprints(settings: ConnectionSettings) -> dict[str, str]:
    """The number of rows and the sum of their hashes of each table.

    Left out are when an answer may change by itself, of which a full run may know a later instant, and which run wrote.
    """
    found = {}
    with connect(settings) as connection:
        for table, without in _TABLES.items():
            row = connection.execute(
                b"""
                select string_agg(quote_ident(attname), ', ' order by attnum)
                from pg_attribute
                where attrelid = %s::regclass and attnum > 0 and not attisdropped and attname !~ %s
                """,
                [table, without or "^$"],
            ).fetchone()
            assert row is not None
            row = connection.execute(
                f"select count(*), sum(hashtextextended(row({row[0]})::text, 0)::numeric) from {table}".encode()
            ).fetchone()
            assert row is not None
            found[table] = f"{row[0]:,} rows, {row[1]}"
    return found
