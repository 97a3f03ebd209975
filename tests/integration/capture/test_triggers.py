"""What a write to a table of the shop leaves in the change log."""

from __future__ import annotations

import pytest
from psycopg import sql

from tests.integration.capture.changes import CHANGES, EVERYTHING, Change
from tests.integration.capture.conftest import BULK_LIMIT, CapturedShop, insert_rows, read_log

_UNREAD = {"entity_model": "x", "note": "x", "increment_id": "x", "email": "x", "description": "x"}


def test_every_source_that_segments_may_read_has_a_change(captured: CapturedShop) -> None:
    names = {source.name for source in captured.dbt.sources()}
    read = captured.dbt.compile_inline(
        "{{ captured_sources(of_any_plan=true).sources | map(attribute='table') | join(' ') }}", variables={}
    ).split()
    assert set(read) <= names
    assert sorted(change.table for change in CHANGES) == sorted(read)


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.table)
def test_each_kind_of_write_logs_whom_it_concerns(captured: CapturedShop, change: Change) -> None:
    table = sql.Identifier("maho", change.table)
    column = sql.Identifier(change.column)
    row, keys = change.row(7), change.keys(7)
    with captured.connect() as connection:

        def news(statement: sql.Composable, *values: object) -> set[tuple[str, object]]:
            connection.execute("delete from segments_capture.change_log")
            connection.execute(statement, values or None)
            return read_log(connection)

        connection.execute(sql.SQL("truncate {}").format(table))
        connection.execute("delete from segments_capture.change_log")
        insert_rows(connection, change.table, [row])
        assert read_log(connection) == keys

        assert news(sql.SQL("update {0} set {1} = {1}").format(table, column)) == set()
        if change.unread:
            unread = sql.Identifier(change.unread)
            value = _UNREAD.get(change.unread, "2026-02-02" if change.unread.endswith("_at") else "9")
            assert news(sql.SQL("update {} set {} = {}").format(table, unread, sql.Literal(value))) == set()
            count = connection.execute(sql.SQL("select count({}) from {}").format(unread, table)).fetchone()
            assert count == (1,)
        assert news(sql.SQL("update {} set {} = %s").format(table, column), change.value) == keys | (
            change.added or set()
        )
        logged = news(sql.SQL("delete from {}").format(table))
        assert logged >= (change.added or keys)

        connection.execute("delete from segments_capture.change_log")
        with connection.cursor().copy(
            sql.SQL("copy {} ({}) from stdin").format(table, sql.SQL(", ").join(map(sql.Identifier, row)))
        ) as copy:
            copy.write_row(list(row.values()))
        assert read_log(connection) == keys
        assert news(sql.SQL("truncate {}").format(table)) == EVERYTHING

        connection.execute("delete from segments_capture.change_log")
        insert_rows(connection, change.table, [change.row(n) for n in range(1, BULK_LIMIT + 2)])
        assert read_log(connection) == EVERYTHING
        rows = connection.execute("select count(*) from segments_capture.change_log").fetchone()
        assert rows == (1,)
        connection.execute(sql.SQL("truncate {}").format(table))


def test_a_statement_at_the_limit_is_logged_row_by_row(captured: CapturedShop) -> None:
    news = captured.news(
        f"insert into maho.log_visitor (visitor_id) select 5000 + n from generate_series(1, {BULK_LIMIT}) n"
    )
    assert news == {("visitor", 5000 + n) for n in range(1, BULK_LIMIT + 1)}


def test_many_rows_of_few_are_few(captured: CapturedShop) -> None:
    news = captured.news(
        "insert into maho.report_event (event_type_id, object_id, subject_id, subtype, logged_at) "
        "select 1, n, 4, 0, '2026-01-01' from generate_series(1, 500) n"
    )
    assert news == {("customer", 4)}


def test_an_update_of_many_rows_counts_those_that_changed_only(captured: CapturedShop) -> None:
    news = captured.news(
        "truncate maho.log_visitor",
        "insert into maho.log_visitor (visitor_id, store_id) "
        "select n, n % 100 from generate_series(1, 500) n",
        "delete from segments_capture.change_log",
        "update maho.log_visitor set store_id = 99, last_visit_at = '2026-01-01' where store_id >= 98",
    )
    assert news == {("visitor", n) for n in range(98, 500, 100)}


def test_other_settings_and_events_are_no_news(captured: CapturedShop) -> None:
    setting = (
        "insert into maho.core_config_data (scope, scope_id, path, value) values ('default', 0, 'web', 'x')"
    )
    quiet = captured.news(
        setting,
        "update maho.core_config_data set value = 'y' where path = 'web'",
        "delete from maho.core_config_data where path = 'web'",
        "insert into maho.report_event (event_type_id, object_id, subject_id, subtype, logged_at) "
        "values (4, 1, 1, 0, '2026-01-01')",
        "update maho.customer_entity set email = email where false",
    )
    assert quiet == set()
    renamed = "update maho.core_config_data set path = 'general/locale/timezone' where path = 'web'"
    assert captured.news(setting, renamed) == EVERYTHING


def test_an_upsert_logs_what_it_inserts_and_what_it_updates(captured: CapturedShop) -> None:
    upsert = (
        "insert into maho.log_quote (quote_id, visitor_id) values (71, 1), (72, 2) "
        "on conflict (quote_id) do update set visitor_id = 9"
    )
    before = "insert into maho.log_quote (quote_id, visitor_id) values (71, 3)"
    assert captured.news("delete from maho.log_quote", before, upsert) == {
        ("cart", 71),
        ("visitor", 3),
        ("visitor", 9),
        ("cart", 72),
        ("visitor", 2),
    }


def test_values_that_a_type_takes_for_equal_are_still_compared(captured: CapturedShop) -> None:
    assert captured.news(
        "insert into maho.sales_flat_quote (entity_id, store_id, customer_id, items_qty, updated_at) "
        "values (81, 1, 5, 1.0, '2026-01-01')",
        "delete from segments_capture.change_log",
        "update maho.sales_flat_quote set items_qty = 1.00 where entity_id = 81",
    ) == {("cart", 81), ("customer", 5)}  # fmt: skip


def test_replication_sessions_are_captured(captured: CapturedShop) -> None:
    with captured.connect() as connection:
        connection.execute("delete from segments_capture.change_log")
        connection.execute("set session_replication_role = replica")
        connection.execute("insert into maho.log_visitor (visitor_id) values (9001)")
        connection.execute("delete from maho.log_visitor where visitor_id = 9001")
        assert read_log(connection) == {("visitor", 9001)}


def test_a_writer_needs_no_right_to_the_log(captured: CapturedShop) -> None:
    with captured.connect() as connection:
        connection.execute("drop role if exists shop_writer")
        connection.execute("create role shop_writer")
        connection.execute("grant usage on schema maho to shop_writer")
        connection.execute(
            "grant select, insert, update, delete, truncate on maho.log_visitor to shop_writer"
        )
        connection.execute("delete from segments_capture.change_log")
        connection.execute("set role shop_writer")
        # What a writer puts into its search path must not be taken for ours.
        connection.execute("create temporary table change_log (kind text, source text)")
        connection.execute("set search_path = pg_temp, maho")
        connection.execute("insert into log_visitor (visitor_id) values (9002)")
        connection.execute("update log_visitor set store_id = 5 where visitor_id = 9002")
        connection.execute("delete from log_visitor where visitor_id = 9002")
        connection.execute("truncate log_visitor")
        connection.execute("reset role")
        assert read_log(connection) == {("visitor", 9002), *EVERYTHING}
        connection.execute("drop owned by shop_writer")
        connection.execute("drop role shop_writer")


def test_a_rolled_back_write_is_no_news(captured: CapturedShop) -> None:
    with captured.connect() as connection:
        connection.execute("delete from segments_capture.change_log")
        with connection.transaction(force_rollback=True):
            connection.execute("insert into maho.log_visitor (visitor_id) values (9003)")
        assert read_log(connection) == set()
