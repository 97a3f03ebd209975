"""Many sessions write while refreshes run, and commit in any order: in the end nothing was missed."""

import os
from datetime import timedelta
from random import Random

import pytest

from tests.refresh.drawing import Author
from tests.refresh.laws import check_members, check_same, check_tables, snapshot
from tests.refresh.refreshing import RefreshWarehouse
from tests.refresh.rows import apply_writes
from tests.refresh.story import Telling
from tests.refresh.writers import writing

_ROUNDS = int(os.environ.get("SEGMENTS_REFRESH_ROUNDS", "1"))
_REFRESHES, _SESSIONS = 5, 6


@pytest.mark.parametrize("number", range(_ROUNDS))
def test_nothing_is_missed(refreshed: RefreshWarehouse, number: int) -> None:
    seed = int(os.environ.get("SEGMENTS_REFRESH_SEED", "1")) * 10_000 + 500 + number
    author = Author(refreshed, seed)
    as_of = Telling(refreshed, author.story).as_of
    late = {
        "customer_id": None,
        "customer_email": "late@mail.example",
        "entity_id": 100_000,
        "state": "complete",
    }
    random = Random(seed)
    with refreshed.database.connect() as connection:
        connection.execute("begin")
        # Older than all the others, it ends after them.
        apply_writes(
            connection, [["insert", "sales_flat_order", {**late, "store_id": 1, "created_at": as_of}]]
        )
        with writing(refreshed, author.others, as_of, sessions=_SESSIONS, seed=seed) as (refreshes, writers):
            for _ in range(_REFRESHES):
                as_of += timedelta(seconds=random.choice([0, 1, 3600, 86400]))
                refreshed.refresh(as_of)
                refreshes.one_more()
                check_tables(refreshed, is_of_all=False)
        assert all(writer.committed for writer in writers)
        assert sum(writer.held for writer in writers)
        refreshed.refresh(as_of)
        check_tables(refreshed, is_of_all=True)
        check_members(refreshed, as_of)
        late_guest = ("guest", 1, "late@mail.example")
        assert late_guest not in refreshed.reference(as_of).profiles
        connection.execute("commit")
    as_of += timedelta(seconds=1)
    refreshed.refresh(as_of)
    assert late_guest in refreshed.reference(as_of).profiles
    check_tables(refreshed, is_of_all=True)
    check_members(refreshed, as_of)
    before = snapshot(refreshed)
    refreshed.refresh(as_of, mode="full")
    check_same(before, snapshot(refreshed))
