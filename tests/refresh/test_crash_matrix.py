"""What a refresh leaves behind that is stopped anywhere, by anything, and what the next one makes of it.

Each case is the same refresh, of a shop in which people came, bought and were erased, later, with other
segments. It is stopped, and there is another one: in the end everybody entered and left where, and why, they
do without a fault. CI tries a few of the cases; all, with their table:

    SEGMENTS_CRASH_MATRIX=all .venv/bin/pytest tests/refresh/test_crash_matrix.py -s
"""

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from typing import Any

import psycopg
import pytest

from maho_segments.errors import BuildError
from maho_segments.warehouse import EmbeddedServer
from tests.refresh import faults
from tests.refresh.drawing import Author
from tests.refresh.faults import Fault, after_commit, before_commit, before_node, counting
from tests.refresh.laws import check_members, check_tables
from tests.refresh.refreshing import NODES, RefreshWarehouse
from tests.refresh.story import Telling
from tests.refresh.writes import ShopLife

_PLACES = {"before": before_node, "in": before_commit, "after": after_commit}
_FAULTS: dict[str, Fault] = {
    "dbt is killed": faults.client_killed,
    "the session is ended": faults.sessions_ended,
    "the connection is dropped": faults.connection_dropped,
    "the statement times out": faults.statement_timed_out,
    "there is a deadlock": faults.deadlocked,
    "the disk is full": faults.disk_full,
    "the server process is killed": faults.backend_killed,
    "the server is killed": faults.server_killed,
}
_WRITING = ("profiles", "profile_features", "segment_memberships")

Case = tuple[str, str, str]
"""The fault, `before`, `in` or `after`, and the model."""

_ALL: list[Case] = [("dbt is killed", place, node) for node in NODES for place in _PLACES]
_ALL += [
    (fault, "before" if fault == "the disk is full" else "in", node)
    for fault in list(_FAULTS)[1:]
    for node in _WRITING
]
_FEW: list[Case] = [
    ("dbt is killed", "after", "profile_identities"),
    ("dbt is killed", "after", "profiles"),
    ("dbt is killed", "after", "profile_features"),
    ("dbt is killed", "in", "segment_memberships"),
    ("dbt is killed", "after", "segment_memberships"),
    ("the disk is full", "before", "segment_memberships"),
    ("the server is killed", "in", "segment_memberships"),
]
_CASES = _ALL if os.environ.get("SEGMENTS_CRASH_MATRIX") == "all" else _FEW
_SEED, _EVENTS = 31, 14

_CHANGES = """
    select
        segments.segment_name, profile_type, people.customer_id, people.website_id, people.email,
        people.visitor_id, change, changed_at, reason
    from segments.segment_membership_changes as changes
    inner join segments_work.segment_definitions as segments using (segment_id)
    inner join segments_work.profile_identities as people using (profile_id)
"""
_RUNS = """
    select status, mode, error, entered_count, left_count from segments.segment_runs order by run_id
"""


@dataclass
class Matrix:
    """The shop before the refresh, what the refresh does without a fault, and the table of what was found."""

    warehouse: RefreshWarehouse
    server: EmbeddedServer
    as_of: datetime
    changes: set[tuple[Any, ...]]
    rows: list[tuple[str, ...]] = field(default_factory=list)


@pytest.fixture(scope="module")
def matrix(refreshed: RefreshWarehouse, embedded_server: EmbeddedServer) -> Iterator[Matrix]:
    """The refresh that is stopped, made once without a fault."""
    author = Author(refreshed, _SEED)
    telling = Telling(refreshed, author.story)
    random = Random(_SEED)
    for _ in range(_EVENTS):
        telling.take(author.write(random, telling.as_of))
    life = ShopLife(random, refreshed.shop(), author.others, telling.as_of)
    first = {row["entity_id"] for row in author.story.case.shop["customer_entity"]}
    known = [row for row in life.shop["customer_entity"] if row["entity_id"] in first]
    telling.take({"write": life.erase(known[0])})
    telling.take(author.define(random, telling.as_of))
    while telling.as_of == author.story.case.as_of:
        telling.take(author.clock(random, telling.as_of))
    before = _changes(refreshed)
    refreshed.keep("before_the_fault")
    refreshed.refresh(telling.as_of)
    erased = refreshed.database.rows(
        "select erased_count from segments.segment_runs order by run_id desc limit 1"
    )
    made = Matrix(refreshed, embedded_server, telling.as_of, _changes(refreshed))
    # Otherwise there would be nothing to lose.
    assert made.changes - before
    assert erased[0][0], "nobody is erased"
    yield made
    refreshed.drop_kept("before_the_fault")
    if made.rows:
        print(f"\n{_table(made.rows)}")


@pytest.mark.parametrize("case", _CASES, ids=" ".join)
def test_the_next_refresh_ends_right(matrix: Matrix, case: Case) -> None:
    fault, place, node = case
    warehouse = matrix.warehouse
    warehouse.put_back("before_the_fault")
    before, runs = _changes(warehouse), _runs(warehouse)
    interrupted = counting(warehouse.database, _PLACES[place](node), _FAULTS[fault])
    with interrupted as statements, suppress(BuildError):
        warehouse.refresh(matrix.as_of)
    assert statements.has_failed
    matrix.server.start()
    _await_server(warehouse)
    found = _runs(warehouse)[len(runs) :]
    published = _changes(warehouse)
    check_tables(warehouse, is_of_all=False)
    # All or nothing.
    assert published in (before, matrix.changes)

    warehouse.refresh(matrix.as_of)
    check_tables(warehouse, is_of_all=True)
    check_members(warehouse, matrix.as_of)
    assert _changes(warehouse) == matrix.changes
    _, mode, _, entered, left = _runs(warehouse)[-1]
    ledger = "; ".join(
        f"{status}{': ' + error.splitlines()[0][:60] if error else ''}" for status, _, error, *_ in found
    )
    moved = "everything" if published == matrix.changes else "nothing"
    matrix.rows.append(
        (fault, f"{place} `{node}`", ledger or "no row", moved, f"{mode}: {entered} entered, {left} left")
    )


def _changes(warehouse: RefreshWarehouse) -> set[tuple[Any, ...]]:
    rows = warehouse.database.rows(_CHANGES)
    assert len(rows) == len(set(rows))
    return set(rows)


def _runs(warehouse: RefreshWarehouse) -> list[tuple[Any, ...]]:
    return warehouse.database.rows(_RUNS)


def _await_server(warehouse: RefreshWarehouse) -> None:
    """A server that lost a process ends all sessions, and takes some time to be there again."""
    for _ in range(200):
        with suppress(psycopg.OperationalError), warehouse.database.connect() as connection:
            connection.execute("select pg_sleep(0.05)")
            return


def _table(rows: list[tuple[str, ...]]) -> str:
    heading = ("fault", "where", "the ledger says", "published", "the next refresh")
    lines = [heading, ("---",) * len(heading), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
