"""Whether two runs came to the same: a number for the content of each column of the tables that a refresh writes."""

from __future__ import annotations

from maho_segments.warehouse import ConnectionSettings, connect

# Each with what its rows are told apart by, the columns that are left out, and which rows count. Nobody waits for the features of who
# can be in no segment: they are worked out again on the day when that changes, which is news.
_TABLES = {
    "segments.profiles": ("profile_id", "^$", "true"),
    "segments_work.profile_features": (
        "profile_id",
        "_(flip|arrival)_",
        "profile_id in (select profile_id from segments.profiles where merged_into_profile_id is null and is_active)",
    ),
    "segments_work.profile_segments": ("profile_id", "^$", "true"),
    "segments.segment_memberships": ("profile_id * 10000 + segment_id", "^run_id$", "true"),
}


def fingerprints(settings: ConnectionSettings) -> dict[str, str]:
    """The number of rows of each table, and the sum of the hashes of each column's values, every one with its row's key.

    Left out are when an answer may change by itself, of which a full run may know a later instant, and which run wrote.
    """
    found = {}
    with connect(settings) as connection:
        for table, (key, without, counting) in _TABLES.items():
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
            row = connection.execute(
                f"select count(*), {sums} from {table} where {counting}".encode()
            ).fetchone()
            assert row is not None
            found |= {
                f"{table}.{name}": f"{row[0]:,} rows, {value}"
                for name, value in zip(names, row[1:], strict=True)
            }
    return found
