"""A shop that is replaced as a whole: one row in the log, and triggers that go on."""

from __future__ import annotations

import pytest

from maho_segments.errors import ShopError
from maho_segments.shop.replacement import replacing_shop
from maho_segments.shop.tables import shop_tables
from tests.integration.capture.conftest import CapturedShop, read_log

_STATES = """
    select tgrelid::regclass::text, tgname, tgenabled from pg_trigger where not tgisinternal order by 1, 2
"""


def test_a_load_logs_one_row_and_leaves_the_triggers_on(captured: CapturedShop) -> None:
    with captured.connect() as connection:
        connection.execute("delete from segments_capture.change_log")
        before = connection.execute(_STATES).fetchall()
        with replacing_shop(connection, progress=lambda _: None) as replacement:
            visitors = ["visitor_id\n", *(f"{n}\n" for n in range(1, 200))]
            replacement.copy(shop_tables()["log_visitor"], ["visitor_id"], ["".join(visitors).encode()])
        log = connection.execute("select kind from segments_capture.change_log").fetchall()
        assert log == [("everything",)]
        assert connection.execute(_STATES).fetchall() == before
        assert {state for *_, state in before} == {"A"}
    assert captured.key() is not None
    assert captured.news("delete from maho.log_visitor where visitor_id = 3") == {("visitor", 3)}


def test_a_load_that_fails_logs_nothing(captured: CapturedShop) -> None:
    key = captured.key()
    with captured.connect() as connection:
        connection.execute("delete from segments_capture.change_log")
        with pytest.raises(ShopError), replacing_shop(connection, progress=lambda _: None):
            raise ShopError("The file can't be read.")
        assert read_log(connection) == set()
    assert captured.key() == key


def test_triggers_of_others_fire_as_ever(captured: CapturedShop) -> None:
    with captured.connect() as connection:
        connection.execute(
            "create function public.count_up() returns trigger language plpgsql as "
            "'begin new.store_id := 5; return new; end'"
        )
        connection.execute(
            "create trigger theirs before insert on maho.log_visitor "
            "for each row execute function public.count_up()"
        )
        with replacing_shop(connection, progress=lambda _: None) as replacement:
            replacement.copy(shop_tables()["log_visitor"], ["visitor_id"], [b"visitor_id\n1\n"])
        rows = connection.execute("select visitor_id, store_id from maho.log_visitor").fetchall()
        connection.execute("drop function public.count_up cascade")
    assert rows == [(1, 5)]
