"""What is news to a pointer: everything that committed since, in whichever order, exactly once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import LiteralString, cast

import psycopg
import pytest

from tests.integration.capture.conftest import CapturedShop

_INSERT = "insert into maho.log_visitor (visitor_id) values (%s)"


class Refresh:
    """A reader of the log with a pointer of its own: each call returns the news, and moves the pointer."""

    def __init__(self, shop: CapturedShop, connection: psycopg.Connection) -> None:
        condition = shop.dbt.compile_inline(
            "{{ news_condition('log', 'array[%(pointer)s::pg_snapshot]', '%(until)s::pg_snapshot') }}",
            variables={},
        )
        self._query = cast(
            LiteralString, f"select id from segments_capture.change_log as log where {condition}"
        )
        self._connection = connection
        self._pointer = self._now()

    def _now(self) -> str:
        row = self._connection.execute("select pg_current_snapshot()::text").fetchone()
        assert row is not None
        return str(row[0])

    def news(self) -> list[int]:
        until = self._now()
        rows = self._connection.execute(self._query, {"pointer": self._pointer, "until": until}).fetchall()
        self._pointer = until
        return sorted(row[0] for row in rows)


@pytest.fixture
def reader(captured: CapturedShop) -> Iterator[psycopg.Connection]:
    with captured.connect() as connection:
        connection.execute("truncate maho.log_visitor")
        connection.execute("delete from segments_capture.change_log")
        yield connection


def test_what_commits_out_of_order_is_news_once(captured: CapturedShop, reader: psycopg.Connection) -> None:
    refresh = Refresh(captured, reader)
    with captured.connect() as first, captured.connect() as second:
        with first.transaction():
            first.execute(_INSERT, [1])
            with second.transaction():
                second.execute(_INSERT, [2])
            assert refresh.news() == [2]
            assert refresh.news() == []
        assert refresh.news() == [1]
        assert refresh.news() == []


def test_a_transaction_left_open_holds_nothing_up(captured: CapturedShop, reader: psycopg.Connection) -> None:
    refresh = Refresh(captured, reader)
    with captured.connect() as patient, captured.connect() as busy:
        with patient.transaction():
            patient.execute(_INSERT, [100])
            for number in range(1, 6):
                busy.execute(_INSERT, [number])
                assert refresh.news() == [number]
            # Written after others had been read, and in a part of the transaction of its own.
            with patient.transaction():
                patient.execute(_INSERT, [101])
            assert refresh.news() == []
        assert refresh.news() == [100, 101]
        assert refresh.news() == []


def test_each_reader_has_its_own_news(captured: CapturedShop, reader: psycopg.Connection) -> None:
    often, seldom = Refresh(captured, reader), Refresh(captured, reader)
    with captured.connect() as shop:
        shop.execute(_INSERT, [1])
        assert often.news() == [1]
        shop.execute(_INSERT, [2])
        assert often.news() == [2]
        assert seldom.news() == [1, 2]


def test_news_of_several_pointers_is_what_some_did_not_see(
    captured: CapturedShop, reader: psycopg.Connection
) -> None:
    condition = captured.dbt.compile_inline(
        "{{ news_condition('log', '%(pointers)s::pg_snapshot[]', 'pg_current_snapshot()') }}", variables={}
    )
    query = cast(LiteralString, f"select id from segments_capture.change_log as log where {condition}")
    pointers = []
    for number in (1, 2):
        row = reader.execute("select pg_current_snapshot()::text").fetchone()
        assert row is not None
        pointers.append(row[0])
        reader.execute(_INSERT, [number])

    def news(seen: list[str]) -> list[int]:
        return sorted(row[0] for row in reader.execute(query, {"pointers": seen}))

    assert news(pointers) == [1, 2]
    assert news(pointers[1:]) == [2]
    assert news([]) == []


def test_what_every_pointer_has_seen_is_deleted(captured: CapturedShop, reader: psycopg.Connection) -> None:
    reader.execute("create schema segments_work")
    reader.execute("create table segments_work.refresh_pointers (name text, pointer pg_snapshot)")
    reader.execute(
        "create table segments_work.segment_publications "
        "(segment_id integer, pointer pg_snapshot, is_active boolean, status text)"
    )
    text = "{{ change_log_pruning() if execute }}"
    prune = cast(LiteralString, captured.dbt.compile_inline(text, variables={}))

    def left() -> list[int]:
        reader.execute(prune)
        return sorted(row[0] for row in reader.execute("select id from segments_capture.change_log"))

    point = "insert into segments_work.segment_publications values (%s, pg_current_snapshot(), %s, %s)"
    reader.execute(point, [1, False, "published"])
    reader.execute(point, [2, True, "held"])
    with captured.connect() as patient, patient.transaction():
        reader.execute(_INSERT, [1])
        # Nobody has a use for the log, so nobody says what of it may go.
        assert left() == [1]
        reader.execute(point, [3, True, "published"])
        patient.execute(_INSERT, [100])
        reader.execute(_INSERT, [2])
        assert left() == [2]
        reader.execute(
            "insert into segments_work.refresh_pointers values ('features', pg_current_snapshot())"
        )
        # The pointer of the segment has not seen it.
        assert left() == [2]
        reader.execute("update segments_work.segment_publications set pointer = pg_current_snapshot()")
        # It may go, but stands behind one that is still open, and nothing is deleted from there on.
        assert left() == [2]
    assert left() == [2, 100]
    for table in ("segment_publications", "refresh_pointers"):
        reader.execute(f"update segments_work.{table} set pointer = pg_current_snapshot()".encode())
    assert left() == []
    reader.execute("drop schema segments_work cascade")
