"""Loading a shop's CSV files into a real PostgreSQL."""

from __future__ import annotations

import os
import tracemalloc
from pathlib import Path

import psycopg
import pytest

from maho_segments.errors import ShopError
from maho_segments.shop import replacement
from maho_segments.shop.load import LoadReport, load_folder
from maho_segments.shop.progress import ShopProgress
from maho_segments.shop.tables import shop_tables
from tests.databases import Database
from tests.integration.shop.small_shop import FILES, contents, write_shop


def load(database: Database, folder: Path) -> LoadReport:
    with database.connect() as connection:
        return load_folder(connection, folder)


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    return write_shop(tmp_path / "shop")


def test_rows_arrive(database: Database, shop: Path) -> None:
    report = load(database, shop)
    assert report.rows == 14
    assert database.rows(
        "select entity_id, email, group_id, is_active from maho.customer_entity order by 1"
    ) == [
        (1, "anna@mail.example", 0, 1),
        (2, "ben@mail.example", 0, 1),
    ]
    assert database.rows(
        "select customer_id, base_grand_total::text, created_at::text from maho.sales_flat_order"
    ) == [
        (1, "19.95", "2026-01-03 10:00:00"),
        (None, "7", "2026-01-04 10:00:00"),
    ]


def test_packed_files_give_the_same_shop(database: Database, shop: Path, tmp_path: Path) -> None:
    load(database, shop)
    plain = contents(database)
    load(database, write_shop(tmp_path / "packed", packed=True))
    assert contents(database) == plain


def test_times_are_utc_whatever_the_servers_time_zone(tcp_database: Database, shop: Path) -> None:
    load(tcp_database, shop)
    assert tcp_database.rows("select min(created_at)::text from maho.customer_entity") == [
        ("2026-01-01 10:00:00",)
    ]


def test_secrets_never_arrive(database: Database, shop: Path) -> None:
    report = load(database, shop)
    for name in shop_tables():
        text = str(database.rows(f'select t::text from maho."{name}" as t'))
        for secret in ("hash-of-anna", "key-of-anna", "code-of-order", "swordfish"):
            assert secret not in text, f"{secret} in {name}"
    assert "sales_flat_order.csv: protect_code not loaded, as secrets never are" in report.notes()
    assert database.rows(
        "select attribute_id, value from maho.customer_entity_varchar order by entity_id"
    ) == [
        (5, "Anna"),
        (5, None),
    ]


def test_nothing_and_empty_text_differ(database: Database, tmp_path: Path) -> None:
    orders = (
        "entity_id,state,store_id,customer_id,customer_email,base_grand_total,created_at,coupon_code\r\n"
        '1,new,1,\\N,"a ""b""\r\nc",1,0000-00-00 00:00:00,""\r\n2,new,1,0,,1,2026-01-01,\r\n\r\n'
    )
    load(database, write_shop(tmp_path / "shop", {"sales_flat_order": "\ufeff" + orders}))
    columns = "customer_id, customer_email, created_at::text, coupon_code"
    assert database.rows(f"select {columns} from maho.sales_flat_order order by entity_id") == [
        (None, 'a "b"\r\nc', None, ""),
        (0, None, "2026-01-01 00:00:00", None),
    ]


def test_report_names_what_is_missing_and_what_stops_working(database: Database, shop: Path) -> None:
    (shop / "sales_flat_invoice.csv").write_text("entity_id\n1\n")
    (shop / "shop_sales_flat_quote.csv").write_text("entity_id\n1\n")
    (shop / "notes.txt").write_text("not a table")
    report = load(database, shop)
    notes = list(report.notes())
    assert "no wishlist, wishlist_item: the relation wishlist_items has no rows" in notes
    assert any(
        note.startswith("no increment_id, status, order_currency_code") and "orders.coupon_code" in note
        for note in notes
    )
    assert "sales_flat_order.csv: colour not known, left out" in notes
    assert "sales_flat_invoice.csv is no table that this program reads, left out" in notes
    assert (
        "shop_sales_flat_quote.csv is no table that this program reads, left out; "
        "name it sales_flat_quote if it is that table"
    ) in notes
    assert not any("notes.txt" in note for note in notes)
    assert {table.name for table in report.missing_tables} == set(shop_tables()) - set(FILES)
    assert database.rows("select count(*) from maho.wishlist_item") == [(0,)]


@pytest.mark.parametrize(
    ("table", "text", "parts"),
    [
        (
            "customer_entity",
            None,
            ["There is no customer_entity, a file of that name with the ending .csv or .csv.gz"],
        ),
        ("eav_attribute", None, ["There is no eav_attribute", "which passwords"]),
        (
            "sales_flat_order",
            "entity_id,state\n1,new\n",
            ["sales_flat_order.csv, line 1", "no customer_id, store_id, customer_email", "entity_id, state"],
        ),
        ("core_website", "", ["core_website.csv is empty"]),
        (
            "customer_entity",
            "entity_id,website_id,email,created_at\n1,1,a,2026-01-01\n2,1,b,31.12.2025\n",
            ["customer_entity.csv, line 3, column created_at", '"31.12.2025"', "2026-01-31 13:45:00"],
        ),
        (
            "customer_entity",
            "entity_id,website_id,email,created_at\nA7,1,a,2026-01-01\n",
            ["customer_entity.csv, line 2, column entity_id", '"A7"', "a whole number"],
        ),
        (
            "customer_entity",
            'entity_id,website_id,email,created_at\n1,1,"a\nb",2026-01-01\n2,x,b,2026-01-01\n',
            ["customer_entity.csv, line 4, column website_id", '"x"'],
        ),
        (
            "customer_entity",
            "entity_id,website_id,email,created_at\n,1,a,2026-01-01\n",
            ["customer_entity.csv, line 2, column entity_id", "nothing found", "key"],
        ),
        (
            "sales_flat_order",
            FILES["sales_flat_order"].replace("19.95", '"19,95"'),
            ["sales_flat_order.csv, line 2, column base_grand_total", '"19,95"', "19.95"],
        ),
        (
            "customer_entity",
            "entity_id,website_id,email,created_at\n1,1,a\n",
            ["customer_entity.csv, line 2", 'missing data for column "created_at"'],
        ),
        (
            "customer_entity",
            "entity_id,website_id,email,created_at\n1,1,a,2026-01-01,more\n",
            ["customer_entity.csv, line 2", "extra data after last expected column"],
        ),
        (
            "customer_entity",
            'entity_id,website_id,email,created_at\n1,1,"a,2026-01-01\n',
            ["customer_entity.csv", "unterminated CSV quoted field"],
        ),
        (
            "customer_entity",
            "entity_id,website_id,email,created_at\n1,1,a,2026-01-01\n1,1,b,2026-01-01\n",
            ["customer_entity: a row is there twice", "Key (entity_id)=(1)"],
        ),
        (
            "customer_entity",
            "entity_id,website_id,email,created_at\n1,1,a,2026-01-01\n2,1,a,2026-01-01\n",
            ["customer_entity: a row is there twice", "Key (email, website_id)=(a, 1)"],
        ),
    ],
)
def test_bad_file_is_explained_and_the_old_shop_stays(
    database: Database, shop: Path, tmp_path: Path, table: str, text: str | None, parts: list[str]
) -> None:
    load(database, shop)
    before = contents(database)
    with pytest.raises(ShopError) as failure:
        load(database, write_shop(tmp_path / "bad", {table: text}))
    for part in parts:
        assert part in str(failure.value)
    assert contents(database) == before


def test_bytes_that_are_no_utf8_are_explained(database: Database, shop: Path) -> None:
    (shop / "customer_entity.csv").write_bytes(
        b"entity_id,website_id,email,created_at\n1,1,m\xfcller,2026-01-01\n"
    )
    with pytest.raises(ShopError, match=r"customer_entity\.csv, line 2: invalid byte sequence for encoding"):
        load(database, shop)


def test_all_bad_headers_are_told_at_once(database: Database, shop: Path) -> None:
    (shop / "core_store.csv").unlink()
    (shop / "core_website.csv").write_text("code\nbase\n")
    (shop / "sales_flat_order.csv.gz").write_bytes((shop / "sales_flat_order.csv").read_bytes())
    with pytest.raises(ShopError) as failure:
        load(database, shop)
    message = str(failure.value)
    assert "There is no core_store" in message
    assert "core_website.csv, line 1: the header has no website_id, name" in message
    assert "sales_flat_order.csv and sales_flat_order.csv.gz are the same table" in message
    assert database.rows("select to_regnamespace('maho')") == [(None,)]


def test_folder_without_a_shop_is_explained(database: Database, tmp_path: Path) -> None:
    with pytest.raises(ShopError, match="is not a folder"):
        load(database, tmp_path / "nowhere")
    with pytest.raises(ShopError, match="There is no core_website"):
        load(database, tmp_path)


def test_loading_again_changes_nothing_and_keeps_views(
    database: Database, shop: Path, tmp_path: Path
) -> None:
    load(database, shop)
    before = contents(database)
    database.execute(
        "create view orders as select entity_id, state from maho.sales_flat_order group by entity_id"
    )
    load(database, shop)
    assert contents(database) == before
    one = "\n".join(FILES["sales_flat_order"].splitlines()[:2]) + "\n"
    load(database, write_shop(tmp_path / "other", {"sales_flat_order": one, "core_config_data": None}))
    assert database.rows("select * from orders") == [(1, "complete")]
    assert database.rows("select * from maho.core_config_data") == []


def test_keys_and_indexes_are_there_after_each_load(database: Database, shop: Path) -> None:
    query = "select tablename, indexname, indexdef from pg_indexes where schemaname = 'maho' order by 1, 2"
    load(database, shop)
    indexes = database.rows(query)
    names = {name for _, name, _ in indexes}
    assert {
        "sales_flat_order_pkey",
        "sales_flat_order_customer_id_idx",
        "customer_entity_email_website_id_key",
    } <= names
    expected = sum(1 + len(table.unique) + len(table.indexes) for table in shop_tables().values())
    assert len(names) == expected, "no two indexes share a name"
    load(database, shop)
    assert database.rows(query) == indexes
    with pytest.raises(psycopg.errors.UniqueViolation):
        database.execute("insert into maho.customer_entity (entity_id) values (1)")


def test_columns_that_an_older_version_did_not_know_are_added(database: Database, shop: Path) -> None:
    load(database, shop)
    database.execute("alter table maho.sales_flat_order drop column applied_rule_ids")
    load(database, shop)
    assert database.rows("select applied_rule_ids from maho.sales_flat_order limit 1") == [(None,)]


def test_tables_of_others_are_left_alone(database: Database, shop: Path) -> None:
    database.execute(
        "create schema maho; create table maho.sales_flat_order (entity_id int); "
        "insert into maho.sales_flat_order values (7)"
    )
    with pytest.raises(ShopError, match="has tables that this program did not make: sales_flat_order"):
        load(database, shop)
    assert database.rows("select entity_id from maho.sales_flat_order") == [(7,)]


def test_table_in_use_is_explained(database: Database, shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    load(database, shop)
    impatient = tuple(setting.replace("30s", "50ms") for setting in replacement._SETTINGS)
    monkeypatch.setattr(replacement, "_SETTINGS", impatient)
    with database.connect() as reader, reader.transaction():
        reader.execute("select from maho.sales_flat_order")
        with pytest.raises(ShopError, match="Another session has used the tables of schema maho"):
            load(database, shop)
    load(database, shop)


def test_role_without_rights_is_explained(database: Database, shop: Path) -> None:
    database.execute("drop role if exists passer_by; create role passer_by")
    with database.connect() as connection:
        connection.execute("set role passer_by")
        with pytest.raises(ShopError, match="The tables of schema maho can't be written: permission denied"):
            load_folder(connection, shop)
        connection.execute("reset role")
    database.execute("drop role passer_by")


def test_progress_ends_at_its_total(database: Database, shop: Path) -> None:
    seen: list[ShopProgress] = []
    with database.connect() as connection:
        load_folder(connection, shop, progress=seen.append)
    assert {news.what for news in seen if news.unit == "bytes"} == set(FILES)
    assert all(news.done <= news.total for news in seen)
    assert seen[-1].done == seen[-1].total == len(shop_tables())


def test_memory_does_not_grow_with_the_shop(database: Database, shop: Path) -> None:
    with (shop / "sales_flat_order.csv").open("a") as stream:
        stream.writelines(
            f"{number},complete,1,1,{'x' * 600}@mail.example,19.95,2026-01-03 10:00:00,,\n"
            for number in range(3, 50_003)
        )
    tracemalloc.start()
    try:
        load(database, shop)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert database.rows("select count(*) from maho.sales_flat_order") == [(50_002,)]
    assert peak < 12 << 20, "34 MB of rows went through"


REAL_SHOP = os.environ.get("SEGMENTS_TEST_SHOP_DATA")

if REAL_SHOP:

    def test_real_shop_loads(database: Database) -> None:
        report = load(database, Path(REAL_SHOP))
        assert {loaded.table.name: loaded.rows for loaded in report.tables if loaded.file}[
            "sales_flat_order"
        ] == 23_613
        assert database.rows("select count(*) from maho.sales_flat_order_item") == [(539_008,)]
        assert database.rows("select count(*) from maho.customer_entity") == [(4_372,)]
        assert "report_event" in {table.name for table in report.missing_tables}
