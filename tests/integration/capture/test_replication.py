"""Tables that logical replication feeds: a publisher, a subscriber, and what the subscriber's log says."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from maho_segments.shop.replacement import replacing_shop
from maho_segments.warehouse import EmbeddedServer, connect, find_binaries
from tests.databases import Database, new_database, short_folder
from tests.integration.capture.changes import EVERYTHING
from tests.integration.capture.conftest import (
    BULK_LIMIT,
    CapturedShop,
    Key,
    captured_shop,
    read_log,
    settings_of,
    waiting_lock,
)

_SECONDS = 60
_TABLES = "maho.log_visitor, maho.customer_entity"


class Replication:
    """A shop's own database, and the warehouse that subscribes to two of its tables."""

    def __init__(self, publisher: Database, shop: CapturedShop) -> None:
        self.publisher = publisher
        self.shop = shop

    def write(self, *statements: str) -> set[Key]:
        """Write in the shop, wait until the warehouse has it, and return what is in its log since."""
        self.shop.database.execute("delete from segments_capture.change_log")
        for statement in statements:
            self.publisher.execute(statement)
        self.publisher.execute("insert into public.beats default values")
        beats = self.publisher.rows("select max(beat) from public.beats")
        self.wait("select max(beat) from public.beats", beats)
        with self.shop.connect() as connection:
            return read_log(connection)

    def wait(self, query: str, wanted: list[tuple[object, ...]]) -> None:
        """Return when the warehouse answers so."""
        until = time.monotonic() + _SECONDS
        while (found := self.shop.database.rows(query)) != wanted:
            assert time.monotonic() < until, f"{query}: {found}, not {wanted}"
            time.sleep(0.05)


@pytest.fixture(scope="module")
def logical_server() -> Iterator[EmbeddedServer]:
    """A server that can publish, which ours by itself can't."""
    with short_folder() as folder:
        server = EmbeddedServer(folder / "logical", find_binaries(os.environ))
        server.start()
        try:
            settings, _ = settings_of(server)
            with connect(settings, autocommit=True) as connection:
                for setting in ("wal_level = logical", "max_wal_senders = 10", "fsync = off"):
                    connection.execute(f"alter system set {setting}".encode())
            server.stop()
            server.start()
            yield server
        finally:
            server.delete()


@pytest.fixture(scope="module")
def replication(logical_server: EmbeddedServer, capture_project: Path) -> Iterator[Replication]:
    settings, own = settings_of(logical_server)
    with new_database(settings, own) as publisher, new_database(settings, own) as subscriber:
        with publisher.connect() as connection, replacing_shop(connection, progress=lambda _: None):
            pass
        publisher.execute("create table public.beats (beat serial primary key)")
        # More than the limit, so that the copy with which a subscription begins counts as everything.
        publisher.execute(
            f"insert into maho.log_visitor (visitor_id) select n from generate_series(1, {BULK_LIMIT + 5}) n"
        )
        publisher.execute(f"create publication shop for table {_TABLES}, public.beats")
        publisher.execute("select pg_create_logical_replication_slot('shop', 'pgoutput')")
        shop = captured_shop(capture_project, subscriber)
        subscriber.execute("create table public.beats (beat integer primary key)")
        subscriber.execute("delete from segments_capture.change_log")
        subscriber.execute(
            f"create subscription shop connection 'host={settings.host} port={settings.port} "
            f"user={settings.user} dbname={publisher.settings.dbname}' publication shop "
            "with (create_slot = false, slot_name = shop)"
        )
        made = Replication(publisher, shop)
        try:
            made.wait("select count(*) from pg_subscription_rel where srsubstate = 'r'", [(3,)])
            yield made
        finally:
            subscriber.execute("alter subscription shop disable")
            subscriber.execute("alter subscription shop set (slot_name = none)")
            subscriber.execute("drop subscription shop")
            _drop_slot(publisher)


def _drop_slot(publisher: Database) -> None:
    until = time.monotonic() + _SECONDS
    while True:
        try:
            publisher.execute("select pg_drop_replication_slot('shop')")
        except psycopg.errors.ObjectInUse:
            assert time.monotonic() < until
            time.sleep(0.05)
        else:
            return


def test_a_subscription_is_captured_row_by_row(replication: Replication) -> None:
    shop = replication.shop
    # The first copy fired the triggers of statements, which were there; what followed would not have.
    with shop.connect() as connection:
        assert read_log(connection) == EVERYTHING
    gap = "replication feeds it now, past its triggers"
    assert shop.gaps() == [f"maho.customer_entity: {gap}", f"maho.log_visitor: {gap}"]
    assert shop.key() is None
    assert replication.write("insert into maho.log_visitor (visitor_id) values (900)") == set()

    shop.install()
    assert shop.gaps() == []
    key = shop.key()
    assert key is not None

    with shop.connect() as listener:
        listener.execute("listen segments_capture")
        listener.execute(f"select pg_advisory_lock({waiting_lock(shop)})".encode())
        assert replication.write("insert into maho.log_visitor (visitor_id) values (901)") == {
            ("visitor", 901)
        }
        assert len(list(listener.notifies(timeout=_SECONDS, stop_after=1))) == 1
    assert replication.write("update maho.log_visitor set store_id = 3 where visitor_id = 901") == {
        ("visitor", 901)
    }
    unread = "update maho.log_visitor set last_visit_at = '2026-01-01' where visitor_id = 901"
    assert replication.write(unread) == set()
    assert replication.write("delete from maho.log_visitor where visitor_id = 901") == {("visitor", 901)}
    assert replication.write(
        "insert into maho.customer_entity (entity_id, website_id, email, created_at) "
        "values (5, 1, 'Ann@example.org', '2026-01-01')",
        "update maho.customer_entity set email = 'eve@example.org', increment_id = 'x'",
    ) == {("customer", 5), ("email", "ann@example.org"), ("email", "eve@example.org")}

    # Counted for each transaction: one is over the limit, the next begins anew.
    many = f"select 2000 + n from generate_series(1, {BULK_LIMIT * 3}) n"
    news = replication.write(f"insert into maho.log_visitor (visitor_id) {many}")
    assert news >= EVERYTHING
    assert len(news) == BULK_LIMIT + 2
    at_limit = "delete from maho.log_visitor where visitor_id between 2001 and 2000 + "
    assert replication.write(f"{at_limit}{BULK_LIMIT}") == {
        ("visitor", 2000 + n) for n in range(1, BULK_LIMIT + 1)
    }

    assert replication.write("truncate maho.log_visitor") == EVERYTHING
    assert shop.key() is not None

    # Written here, past the publisher: captured as well.
    assert shop.news("insert into maho.log_visitor (visitor_id) values (902)") == {("visitor", 902)}


def test_a_new_copy_of_a_subscribed_table_is_captured(replication: Replication) -> None:
    shop = replication.shop
    shop.install()
    replication.write(
        "truncate maho.log_visitor", "insert into maho.log_visitor (visitor_id) values (7), (8)"
    )
    replication.publisher.execute("alter publication shop drop table maho.log_visitor")
    shop.database.execute("alter subscription shop refresh publication")
    shop.database.execute("delete from maho.log_visitor")
    replication.publisher.execute("alter publication shop add table maho.log_visitor")
    shop.database.execute("delete from segments_capture.change_log")
    shop.database.execute("alter subscription shop refresh publication")
    replication.wait("select count(*) from pg_subscription_rel where srsubstate = 'r'", [(3,)])
    with shop.connect() as connection:
        assert read_log(connection) == {("visitor", 7), ("visitor", 8)}
