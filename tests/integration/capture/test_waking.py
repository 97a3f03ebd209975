"""Whoever waits for changes is woken by them, and nobody else pays for it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest

from maho_segments.services.capture import Capture
from maho_segments.services.doctor.capture import look_at_capture
from maho_segments.services.watch.ear import Ear
from tests.integration.capture.conftest import CapturedShop, waiting_lock

_WRITE = """
    insert into maho.core_website (website_id, code)
    values ((select coalesce(max(website_id), 0) + 1 from maho.core_website), md5(random()::text))
"""
_LATER = 0.2


@pytest.fixture
def listener(captured: CapturedShop) -> Iterator[psycopg.Connection]:
    with captured.connect() as connection:
        connection.execute("listen segments_capture")
        yield connection


@contextmanager
def waiting(captured: CapturedShop) -> Iterator[None]:
    """A session that holds the lock of whoever waits."""
    with captured.connect() as connection:
        connection.execute(f"select pg_advisory_lock({waiting_lock(captured)})".encode())
        yield


def woken(listener: psycopg.Connection) -> int:
    """How many notifications have come."""
    return sum(notify.channel == "segments_capture" for notify in listener.notifies(timeout=_LATER))


def test_a_write_notifies_while_somebody_waits(captured: CapturedShop, listener: psycopg.Connection) -> None:
    captured.database.execute(_WRITE)
    assert woken(listener) == 0
    with waiting(captured), captured.connect() as shop:
        # What a transaction saw when it began is no reason to let those sleep who began to wait since.
        captured.database.execute(_WRITE)
        assert woken(listener) == 1
        captured.database.execute("update maho.core_website set name = name")
        assert woken(listener) == 0
        with shop.transaction():
            shop.execute(_WRITE.encode())
            shop.execute(_WRITE.encode())
            assert woken(listener) == 0
        assert woken(listener) == 1
        captured.database.execute("truncate maho.core_website")
        assert woken(listener) == 1
    captured.database.execute(_WRITE)
    assert woken(listener) == 0


def test_a_transaction_older_than_the_waiting_notifies_all_the_same(
    captured: CapturedShop, listener: psycopg.Connection
) -> None:
    with captured.connect() as shop:
        shop.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        with shop.transaction():
            shop.execute("select count(*) from maho.core_website")
            with waiting(captured):
                shop.execute(_WRITE.encode())
    assert woken(listener) == 1


def test_triggers_of_a_former_version_are_told(captured: CapturedShop) -> None:
    function = "segments_capture.maho_core_website()"
    with captured.connect() as connection:
        row = connection.execute(
            f"select obj_description('{function}'::regprocedure, 'pg_proc')".encode()
        ).fetchone()
        assert row is not None
        declaration, columns, _ = row[0].split(" ")
        connection.execute(f"comment on function {function} is '{declaration} {columns} former'".encode())
        capture = Capture(captured.dbt, captured.database.settings, connection)
        status = capture.status()
        findings = list(look_at_capture(connection, captured.database.settings, captured.dbt))
        captured.install()
        assert capture.status().outdated == []
    assert (status.gaps, status.outdated) == ([], ["maho.core_website"])
    assert [finding.found for finding in findings if finding.state == "warning"] == [
        "a former version captures maho.core_website: `segments watch` is not woken"
    ]


def test_transactions_that_wrote_before_the_waiting_are_known(
    captured: CapturedShop, listener: psycopg.Connection
) -> None:
    ear = Ear(listener, "segments_capture", waiting_lock(captured))
    with captured.connect() as early, captured.connect() as late:
        with early.transaction():
            early.execute(_WRITE.encode())
            with ear.waiting():
                assert ear.has_open_writes()
                with late.transaction():
                    late.execute("select pg_current_xact_id()")
                    assert ear.has_open_writes()
                assert not ear.listen(_LATER)
        with ear.waiting(), late.transaction():
            assert not ear.has_open_writes()
            late.execute("select pg_current_xact_id()")
            # It began to write when somebody was waiting, and would notify.
            assert not ear.has_open_writes()
    with ear.waiting():
        captured.database.execute(_WRITE)
        assert ear.listen(10)
    captured.database.execute(_WRITE)
    assert not ear.listen(_LATER)
