"""`capture_key()`: the same while the log misses nothing, another or none as soon as it might."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from maho_segments.services.capture import Capture
from maho_segments.services.progress import Silence
from maho_segments.warehouse import EmbeddedServer
from tests.databases import new_database
from tests.integration.capture.conftest import CapturedShop, captured_shop, settings_of


@pytest.fixture(scope="module")
def shop(capture_project: Path, embedded_server: EmbeddedServer) -> Iterator[CapturedShop]:
    """A captured shop of this module's own, as its tests take the capture apart; each mends it."""
    settings, own = settings_of(embedded_server)
    with new_database(settings, own) as database:
        yield captured_shop(capture_project, database)


def test_writes_leave_the_key_as_it_is(shop: CapturedShop) -> None:
    before = shop.key()
    assert before is not None
    shop.database.execute("insert into maho.log_visitor (visitor_id) values (1)")
    shop.database.execute("delete from maho.log_visitor")
    shop.database.execute("vacuum analyze maho.log_visitor")
    shop.install()
    assert shop.key() == before


_BROKEN = {
    "a trigger is gone": "drop trigger segments_capture_update on maho.log_visitor",
    "a trigger is off": "alter table maho.log_visitor disable trigger segments_capture_insert",
    "a trigger is off for replication": "alter table maho.log_visitor enable trigger segments_capture_insert",
    "its function is of other code": "comment on function segments_capture.maho_log_visitor() is 'x y z'",
    "a column has another type": "alter table maho.log_visitor alter column store_id type bigint",
    "a column is gone": "alter table maho.log_visitor drop column store_id",
    "the log is gone": "drop table segments_capture.change_log",
    "the table was swapped": "create table maho.other (like maho.log_visitor including all);"
    "drop table maho.log_visitor cascade; alter table maho.other rename to log_visitor",
    "a crash would empty the table": "alter table maho.log_visitor set unlogged",
}  # fmt: skip


@pytest.mark.parametrize("change", _BROKEN.values(), ids=_BROKEN.keys())
def test_there_is_no_key_where(shop: CapturedShop, change: str) -> None:
    before = shop.key()
    shop.database.execute(change)
    assert shop.key() is None
    shop.database.execute("alter table maho.log_visitor set logged")
    shop.database.execute("alter table maho.log_visitor add column if not exists store_id integer")
    shop.install()
    assert shop.key() not in (None, before)


_DIFFERENT: dict[str, tuple[str, ...]] = {
    "a trigger was off for a while": (
        "alter table maho.log_visitor disable trigger user",
        "alter table maho.log_visitor enable always trigger segments_capture_insert",
        "alter table maho.log_visitor enable always trigger segments_capture_update",
        "alter table maho.log_visitor enable always trigger segments_capture_delete",
        "alter table maho.log_visitor enable always trigger segments_capture_truncate",
    ),
    "the log was emptied": ("truncate segments_capture.change_log",),
    "the table was written anew": (
        "alter table maho.log_visitor alter column store_id type integer using store_id + 1",
        "vacuum full maho.log_visitor",
    ),
}


@pytest.mark.parametrize("changes", _DIFFERENT.values(), ids=_DIFFERENT.keys())
def test_the_key_is_another_where(shop: CapturedShop, changes: tuple[str, ...]) -> None:
    before = shop.key()
    for change in changes:
        shop.database.execute(change)
    assert shop.key() not in (None, before)


def test_a_table_that_the_shop_lacks_is_no_gap_until_it_appears(shop: CapturedShop) -> None:
    before = shop.key()
    shop.database.execute("alter table maho.log_quote rename to elsewhere")
    without = shop.key()
    assert without not in (None, before)
    shop.database.execute("create table maho.log_quote (quote_id bigint, visitor_id bigint)")
    assert shop.gaps() == ["maho.log_quote: it has no triggers"]
    assert shop.key() is None
    shop.database.execute("drop table maho.log_quote")
    shop.database.execute("alter table maho.elsewhere rename to log_quote")
    assert shop.key() == before


def test_a_table_that_no_segment_needs_is_no_reason_to_look_at_everybody(shop: CapturedShop) -> None:
    before = shop.key()
    shop.database.execute("drop trigger segments_capture_update on maho.catalog_category_entity_text")
    assert shop.key() not in (None, before)
    shop.install()
    assert shop.key() not in (None, before)


def test_what_is_no_plain_table_stays_a_gap(shop: CapturedShop) -> None:
    shop.database.execute("alter table maho.log_quote rename to elsewhere")
    shop.database.execute("create view maho.log_quote as select * from maho.elsewhere")
    shop.install()
    assert shop.gaps() == ["maho.log_quote: it is not a plain table"]
    shop.database.execute("drop view maho.log_quote")
    shop.database.execute(
        "create table maho.log_quote (quote_id bigint, visitor_id bigint) partition by hash (quote_id)"
    )
    shop.install()
    assert shop.gaps() == ["maho.log_quote: it is not a plain table"]
    shop.database.execute("drop table maho.log_quote")
    shop.database.execute("alter table maho.elsewhere rename to log_quote")
    assert shop.key() is not None


def test_removal_leaves_nothing(shop: CapturedShop) -> None:
    count = """
        select
            (select count(*) from pg_trigger where not tgisinternal),
            (select count(*) from pg_proc where pronamespace = to_regnamespace('segments_capture')),
            (select count(*) from pg_class where relkind = 'i' and relname like 'segments_capture%%')
    """
    assert min(shop.database.rows(count)[0]) > 0
    with shop.connect() as connection:
        capture = Capture(shop.dbt, shop.database.settings, connection)
        assert capture.remove() > 100
        assert capture.remove() == 0
        assert capture.status().log_rows is None
        assert shop.database.rows(count) == [(0, 0, 0)]
        assert shop.database.rows("select to_regnamespace('segments_capture')") == [(None,)]
        assert shop.key() is None
        report = capture.install(Silence())
        again = capture.install(Silence())
    assert len(report.installed) == 47
    assert len(report.indexes) == 6
    assert report.gaps == {}
    assert (again.installed, again.indexes) == ((), ())
