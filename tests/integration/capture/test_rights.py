"""Who may not put triggers on the shop's tables is told so, and what to do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from maho_segments.errors import WarehouseError
from maho_segments.services.capture import Capture
from maho_segments.services.progress import Silence
from maho_segments.warehouse import ConnectionSettings, connect
from tests.integration.capture.conftest import CapturedShop

_HAND_OVER = """
    select format('alter table %s owner to shop_owner', oid::regclass)
    from pg_class
    where relnamespace = 'maho'::regnamespace and relkind = 'r'
"""


@pytest.fixture
def builder(captured: CapturedShop) -> Iterator[ConnectionSettings]:
    """Somebody who may read the shop's tables, and no more."""
    captured.database.execute("create role builder login")
    captured.database.execute("grant usage on schema maho, segments_capture to builder")
    captured.database.execute("grant select on all tables in schema maho, segments_capture to builder")
    yield replace(captured.database.settings, user="builder")
    captured.database.execute("drop owned by builder")
    captured.database.execute("drop role builder")


def test_who_does_not_own_the_tables(captured: CapturedShop, builder: ConnectionSettings) -> None:
    with connect(builder, autocommit=True) as connection:
        capture = Capture(captured.dbt, builder, connection)
        with pytest.raises(WarehouseError) as error:
            capture.install(Silence())
        assert "builder can't put triggers on maho.catalog_category_entity, " in error.value.message
        assert error.value.hint is not None
        assert 'grant OWNER to "builder"' in error.value.hint
        assert "change_capture: clocks" in error.value.hint
        # Looking takes no right.
        assert capture.status().gaps == []


def test_who_may_make_no_schema(captured: CapturedShop, builder: ConnectionSettings) -> None:
    captured.database.execute("create role shop_owner")
    captured.database.execute("grant shop_owner to builder")
    for (statement,) in captured.database.rows(_HAND_OVER):
        captured.database.execute(statement)
    with connect(builder, autocommit=True) as connection:
        with pytest.raises(WarehouseError) as error:
            Capture(captured.dbt, builder, connection).install(Silence())
        assert "permission denied for database" in error.value.message
        assert error.value.hint is not None
        assert f'grant create on database "{builder.dbname}" to "builder"' in error.value.hint
    captured.database.execute(f"reassign owned by shop_owner to {captured.database.settings.user}")
    captured.database.execute("drop role shop_owner")
    assert captured.gaps() == []


def test_a_table_in_use_is_left_for_another_time(captured: CapturedShop) -> None:
    captured.database.execute("drop trigger segments_capture_insert on maho.log_quote")
    with captured.connect() as shop, captured.connect() as connection, shop.transaction():
        shop.execute("insert into maho.log_quote (quote_id, visitor_id) values (555, 1)")
        capture = Capture(captured.dbt, captured.database.settings, connection, lock_timeout="100ms")
        with pytest.raises(WarehouseError) as error:
            capture.install(Silence())
        assert "maho.log_quote has been in use for more than 100ms" in error.value.message
        assert capture.status().gaps == ["maho.log_quote: one of its triggers is missing"]
    captured.install()
    assert captured.gaps() == []
