"""Whether two runs came to the same: a number for the content of each column of the tables that a refresh writes."""

from __future__ import annotations

from maho_segments.warehouse import ConnectionSettings, connect

# Each with what its rows are told apart by, and the columns that are left out.
_TABLES = {
    "segments.profiles": ("profile_id", "^$"),
    "segments_work.profile_features": ("profile_id", "_(flip|arrival)_"),
    "segments_work.profile_segments": ("profile_id", "^$"),
    "segments.segment_memberships": ("profile_id * 10000 + segment_id", "^run_id$"),
}


def fingerprints(settings: ConnectionSettings) -> dict[str, str]:
    """The number of rows of each table, and the sum of the hashes of each column's values, every one with its row's key.

    Left out are when an answer may change by itself, of which a full run may know a later instant, and which run wrote.
    """
    found = {}
    with connect(settings) as connection:
        for table, (key, without) in _TABLES.items():
            rows = connection.execute(
                "select attname, atttypid = 'numeric'::regtype from pg_attribute"
                " where attrelid = %s::regclass and attnum > 0 and not attisdropped and attname !~ %s order by attnum",
                [table, without],
            ).fetchall()
            names = [str(name) for name, _ in rows]
            # Equal numbers can have different texts: 1.0 and 1.00.
            hashes = [
                f'hash_numeric_extended("{name}", {key})'
                if is_numeric
                else f'hashtextextended("{name}"::text, {key})'
                for name, is_numeric in rows
            ]
            sums = ", ".join(f"sum({value}::numeric)" for value in hashes)
            row = connection.execute(f"select count(*), {sums} from {table}".encode()).fetchone()
            assert row is not None
            found |= {
                f"{table}.{name}": f"{row[0]:,} rows, {value}"
                for name, value in zip(names, row[1:], strict=True)
            }
    return found
