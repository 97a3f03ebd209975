"""What a build leaves behind that is stopped anywhere, by anything, and what the next one makes of it.

A small shop is built, things happen to it, and the next build is stopped: an incremental one, or a full one
because a setting is among what happened. Then it is built again, and in the end all tables are what they are
without a fault, as a full build and the reference have them. CI tries a few of the cases. All, and the table
of docs/crashes.md:

    SEGMENTS_CRASH_MATRIX=all .venv/bin/pytest tests/refresh/test_crash_matrix.py
"""

import os
import re
import signal
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import psycopg
import pytest

from maho_segments.services.refresh.run import REFRESHED_MODELS
from maho_segments.warehouse import EmbeddedServer
from tests.refresh import crashes_page, faults
from tests.refresh.crashes_page import Row
from tests.refresh.faults import Fault
from tests.refresh.laws import check_tables
from tests.refresh.matrix import DBT_RUN, SEGMENTS_BUILD, Matrix
from tests.refresh.refreshing import RefreshWarehouse

KILLED = "`segments build` is killed"
BARE = "`dbt run` is killed"
_FAULTS: dict[str, Fault] = {
    "the session is ended": faults.sessions_ended,
    "the connection is dropped": faults.connection_dropped,
    "the statement times out": faults.statement_timed_out,
    "there is a deadlock": faults.deadlocked,
    "the disk is full": faults.disk_full,
    "the server process is killed": faults.backend_killed,
    "the server is killed": faults.server_killed,
}
_WRITTEN = {
    "profiles": "segments.profiles",
    "profile_features": "segments_work.profile_features",
    "segment_memberships": "segments_work.segment_publications",
}
"""The models that write much, each with a table whose rows it changes."""

Case = tuple[str, str, str, str]
"""What happens to the shop, the fault, `before`, `in`, `inside` or `after`, and the model."""

# Before a model's first statement all is as it was behind the one before it.
_ALL: list[Case] = [("changes", KILLED, "before", REFRESHED_MODELS[0])]
_ALL += [("changes", KILLED, place, node) for node in REFRESHED_MODELS for place in ("in", "after")]
_ALL += [
    ("changes", fault, "before" if fault == "the disk is full" else "in", node)
    for fault in _FAULTS
    for node in _WRITTEN
]
_ALL += [("changes", KILLED, "inside", node) for node in _WRITTEN]
_ALL += [
    ("changes", fault, "inside", "segment_memberships")
    for fault in ("the session is ended", "the server process is killed", "the server is killed", BARE)
]
_ALL += [
    ("settings", KILLED, "after", "profile_features"),
    ("settings", KILLED, "in", "segment_memberships"),
    ("settings", KILLED, "after", "segment_memberships"),
    ("settings", "the server is killed", "in", "segment_memberships"),
]
_FEW: list[Case] = [
    ("changes", KILLED, "after", "profiles"),
    ("changes", KILLED, "inside", "segment_memberships"),
    ("changes", KILLED, "after", "segment_memberships"),
    ("changes", "the disk is full", "before", "segment_memberships"),
    ("changes", "the server is killed", "in", "segment_memberships"),
]
_IS_WHOLE = os.environ.get("SEGMENTS_CRASH_MATRIX") == "all"


@pytest.fixture(scope="module")
def matrix(refreshed: RefreshWarehouse, embedded_server: EmbeddedServer) -> Iterator[Matrix]:
    """The builds that are stopped."""
    made = Matrix(refreshed, embedded_server)
    yield made
    made.delete()


@pytest.fixture(scope="module")
def rows() -> Iterator[list[Row]]:
    """What was found, a row for each case; where all may be tried, the page gets the rows."""
    found: list[Row] = []
    yield found
    print(f"\n{crashes_page.table(found)}")
    if _IS_WHOLE:
        crashes_page.write(found, [_cells(case) for case in _ALL])


@pytest.mark.parametrize("case", _ALL if _IS_WHOLE else _FEW, ids=" ".join)
def test_the_next_build_ends_right(matrix: Matrix, rows: list[Row], case: Case) -> None:
    work, fault, place, node = case
    wanted = matrix.wanted(work)
    matrix.warehouse.put_back(work)
    before, runs = matrix.changes(), len(matrix.runs())

    said = _stopped(matrix, fault, place, node)
    matrix.server.start()
    _await_server(matrix)
    published = matrix.changes()
    # All or nothing.
    assert published in (before, wanted.changes)
    check_tables(matrix.warehouse, is_of_all=False)

    matrix.build()
    check_tables(matrix.warehouse, is_of_all=True)
    outcome = matrix.outcome()
    # Nothing twice, nothing lost.
    if fault == BARE:
        # The reasons of a full build: it does not know whom nothing but the clock moved.
        assert {change[:-1] for change in outcome.changes} == {change[:-1] for change in wanted.changes}
    else:
        assert outcome.changes == wanted.changes
    assert outcome.state == wanted.state
    *found, (_, mode, why, _, entered, left, _) = outcome.runs[runs:]
    was_published = published == wanted.changes
    statuses = [status for status, *_ in found]
    if fault == BARE:
        # Nobody wrote down that it had begun.
        assert statuses == []
    else:
        assert statuses == (["published"] if was_published else ["failed"])
    assert mode == ("full" if fault == BARE or (work == "settings" and not was_published) else "incremental")
    assert bool(entered or left) is not was_published
    rows.append(
        Row(
            *_cells(case),
            _first_line(said),
            "; ".join(f"{run[0]}: {_first_line(run[3])}" if run[3] else run[0] for run in found) or "-",
            f"{mode}, {why}",
            f"{entered} entered, {left} left",
        )
    )


def _cells(case: Case) -> tuple[str, str, str]:
    """What the table says of a case before it is tried."""
    work, fault, place, node = case
    return "full" if work == "settings" else "incremental", fault, f"{place} `{node}`"


def _stopped(matrix: Matrix, fault: str, place: str, node: str) -> str:
    """A build that is stopped; what it says."""
    if place == "inside":
        strikes: dict[str, Callable[[Any, int], None]] = {
            KILLED: lambda process, _: _end(process),
            BARE: lambda process, _: _end(process),
            "the session is ended": lambda _, backend: os.kill(backend, signal.SIGTERM),
            "the server process is killed": lambda _, backend: os.kill(backend, signal.SIGKILL),
            "the server is killed": lambda _, backend: faults.kill_server(matrix.warehouse.database, backend),
        }
        return matrix.struck_inside(
            _WRITTEN[node], strikes[fault], *(DBT_RUN if fault == BARE else SEGMENTS_BUILD)
        )
    if fault == KILLED:
        return matrix.killed_at(place, node)
    return matrix.interrupted(_FAULTS[fault], place, node)


def _end(process: Any) -> None:
    process.kill()
    process.wait()


def _await_server(matrix: Matrix) -> None:
    """A server that lost a process ends all sessions, and takes some time to be there again."""
    for _ in range(200):
        with suppress(psycopg.OperationalError), matrix.warehouse.database.connect() as connection:
            connection.execute("select pg_sleep(0.05)")
            return


def _first_line(text: str) -> str:
    """The first line, without the numbers of processes and bytes and the folders of this machine."""
    line = next(iter(text.strip().splitlines()), "-")
    line = re.sub(r"[^\s(]*/(\w+)", r".../\1", re.sub(r"\d{3,}", "...", line))
    return line.replace("|", "/")[:100]
