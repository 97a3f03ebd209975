"""Whose builds wait for whose."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime

import pytest

from maho_segments.errors import BuildLockedError
from maho_segments.services.lock import WATCH, build_lock
from tests.databases import Database

NOW = datetime(2026, 3, 1, tzinfo=UTC)
_QUEUED = """
    select exists (
        select
        from pg_locks
        inner join pg_database on pg_locks.database = pg_database.oid
        where locktype = 'advisory' and not granted and datname = current_database()
    )
"""


def test_a_build_waits_for_a_watcher_and_comes_before_its_next_refresh(database: Database) -> None:
    order: list[str] = []

    def build() -> None:
        with build_lock(database.settings, now=NOW):
            order.append("build")

    builder = threading.Thread(target=build)
    with build_lock(database.settings, now=NOW, by=WATCH):
        with (
            pytest.raises(BuildLockedError, match="segments watch since"),
            build_lock(database.settings, now=NOW, by=WATCH),
        ):
            pass
        builder.start()
        while database.rows(_QUEUED) != [(True,)]:
            time.sleep(0.01)
        order.append("refresh")
    builder.join()
    assert order == ["refresh", "build"]


def test_a_build_does_not_wait_for_another_build(database: Database) -> None:
    with (
        build_lock(database.settings, now=NOW),
        pytest.raises(BuildLockedError, match="segments build since"),
        build_lock(database.settings, now=NOW),
    ):
        pass
