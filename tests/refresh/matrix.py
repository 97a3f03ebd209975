"""The builds that the crash matrix stops: a small shop, what happens to it, and what has to come of that."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import psycopg
import yaml

from maho_segments.errors import BuildError
from maho_segments.services.instants import format_instant
from maho_segments.warehouse import EmbeddedServer
from tests.integration.refresh.people import CHANGES, SEGMENTS, SHOP
from tests.properties.base_shop import BASE_SHOP, Case
from tests.properties.warehouse import Definitions
from tests.refresh.faults import PLACES, Fault, counting
from tests.refresh.laws import check_members, check_same, check_tables, snapshot
from tests.refresh.refreshing import RefreshWarehouse

_BEFORE, _AS_OF = datetime(2026, 3, 1, 12, tzinfo=UTC), datetime(2026, 3, 2, 12, tzinfo=UTC)
_FIRST = yaml.safe_load(SEGMENTS) | {
    "fresh": {"audience": "everyone", "match": {"orders": {"within": "28 days"}}}
}
_THEN = _FIRST | {
    "refunded": {"match": {"email": {"is_set": True}, "not": {"refunds": {}}}},
    "of_the_us": {"audience": "everyone", "match": {"website": "us"}},
}

WORKS = {
    "changes": "; ".join(change.statements for change in CHANGES.values()),
    # A setting concerns everybody, so the refresh is a full one.
    "settings": "; ".join([
        *(change.statements for change in CHANGES.values()),
        "update maho.core_website set name = 'Maine' where website_id = 1",
    ]),
}  # fmt: skip
"""What happens to the shop before the refresh that is stopped."""

_CHANGES = """
    select
        segments.segment_name, profile_type, people.customer_id, people.website_id, people.email,
        people.visitor_id, change, changed_at, reason
    from segments.segment_membership_changes as changes
    inner join segments_work.segment_definitions as segments using (segment_id)
    inner join segments_work.profile_identities as people using (profile_id)
"""
_RUNS = """
    select status, mode, why, error, entered_count, left_count, erased_count
    from segments.segment_runs
    order by run_id
"""
# The tables that a refresh leaves behind, less what says which run wrote them, and when.
_STATE = (
    "segments.profiles",
    "segments.segment_memberships",
    "segments.segment_sizes",
    "segments_work.profile_identities",
    "segments_work.profile_features",
    "segments_work.profile_segments",
    "segments_work.profile_clocks",
    "segments_work.segment_publications",
    "segments_work.unlogged_product_views",
)
_OF_A_RUN = ["run_id", "pointer", "published_at", "entered_count", "left_count"]
_INSTANT = format_instant(_AS_OF)
SEGMENTS_BUILD = (Path(sys.executable).with_name("segments"), "build", "--json", "--as-of", _INSTANT)
DBT_RUN = (Path(sys.executable).with_name("dbt"), "run", "--vars", f"as_of: '{_INSTANT}'")
"""The same build, typed."""
_BLOCKED = """
    select pid from pg_stat_activity
    where datname = current_database() and application_name = 'dbt' and wait_event_type = 'Lock'
"""


@dataclass(frozen=True)
class Outcome:
    """What the tables hold: who entered and left where, and why; the rows of the tables; the ledger."""

    changes: set[tuple[Any, ...]]
    state: dict[str, set[str]]
    runs: list[tuple[Any, ...]]


def _kill_oneself(connection: Any, database: Any) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


class Matrix:
    """The shop as it was before what happens to it, and each kind of refresh made once without a fault."""

    def __init__(self, warehouse: RefreshWarehouse, server: EmbeddedServer) -> None:
        self.warehouse, self.server = warehouse, server
        warehouse.load(Case(_BEFORE, BASE_SHOP))
        warehouse.database.execute(SHOP)
        warehouse.define(Definitions(_FIRST))
        warehouse.build(_BEFORE)
        warehouse.define(Definitions(_THEN))
        warehouse.keep("before")
        for work, statements in WORKS.items():
            warehouse.put_back("before")
            warehouse.database.execute(statements)
            warehouse.keep(work)

    def delete(self) -> None:
        """Drop the copies."""
        for name in ("before", *WORKS):
            self.warehouse.drop_kept(name)

    def build(self) -> None:
        """`segments build`, in this process. Raises BuildError."""
        self.warehouse.build(_AS_OF)

    @cache  # noqa: B019  the matrix lives as long as its database
    def wanted(self, work: str) -> Outcome:
        """What the refresh leaves behind; a full one finds nothing to do, nor does the reference."""
        self.warehouse.put_back(work)
        before = self.changes()
        self.build()
        outcome = self.outcome()
        _, mode, why, *_, erased = outcome.runs[-1]
        assert mode == ("incremental" if work == "changes" else "full"), why
        moves = {(change, reason) for *_, change, _, reason in outcome.changes - before}
        # Otherwise there would be nothing to lose.
        assert {("entered", "data"), ("left", "data"), ("entered", "definition")} <= moves
        assert work == "settings" or ("left", "clock") in moves
        assert erased
        check_tables(self.warehouse, is_of_all=True)
        check_members(self.warehouse, _AS_OF)
        found = snapshot(self.warehouse)
        self.warehouse.refresh(_AS_OF, mode="full")
        check_same(found, snapshot(self.warehouse))
        return outcome

    # ---- faults ------------------------------------------------------------------------------------------

    def interrupted(self, fault: Fault, place: str, node: str) -> str:
        """A build in which that happens between two statements; what it says."""
        statements = counting(self.warehouse.database, PLACES[place](node), fault)
        try:
            with statements as counted:
                self.build()
        except BuildError as error:
            said = error.message
        except psycopg.Error as error:
            said = f"The database says: {error}"
        else:
            said = "it went on"
        assert counted.has_failed
        return said

    def killed_at(self, place: str, node: str) -> str:
        """A build, in a process of its own that is killed between two statements."""
        with counting(None, PLACES[place](node), _kill_oneself):
            process = get_context("fork").Process(target=self.build)
            process.start()
            process.join()
        assert process.exitcode == -signal.SIGKILL
        return "-"

    def struck_inside(
        self, table: str, strike: Callable[["subprocess.Popen[str]", int], None], *command: str | Path
    ) -> str:
        """A command to which that happens while the server writes the table; what it says."""
        with self._locked(table):
            process = self._start(*command)
            strike(process, self._blocked(process))
            if process.poll() is not None:
                process.communicate()
                return "-"
        _, told = process.communicate(timeout=300)
        return str(json.loads(told[told.index("{") :])["error"]["message"])

    def _start(self, *command: str | Path) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            command,
            cwd=self.warehouse.folder,
            env=self.warehouse.database.environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )

    @contextmanager
    def _locked(self, table: str) -> Iterator[None]:
        """Nobody can change the table's rows; a server that dies takes the lock with it."""
        connection = self.warehouse.database.connect()
        try:
            connection.execute("begin")
            connection.execute(f"select from {table} for update".encode())
            yield
        finally:
            connection.close()

    def _blocked(self, process: "subprocess.Popen[str]") -> int:
        """The server process that waits for a row, once there is one."""
        with self.warehouse.database.connect() as connection:
            while process.poll() is None:
                row = connection.execute(_BLOCKED).fetchone()
                if row is not None:
                    return int(row[0])
                time.sleep(0.1)
        raise AssertionError(process.communicate()[1])

    # ---- what is there -----------------------------------------------------------------------------------

    def outcome(self) -> Outcome:
        """What the tables hold now."""
        state: dict[str, set[str]] = {}
        with self.warehouse.database.connect() as connection:
            for table in _STATE:
                query = f"select (to_jsonb(kept) - %s::text[])::text from {table} as kept"
                state[table] = {row for (row,) in connection.execute(query.encode(), [_OF_A_RUN])}
        return Outcome(self.changes(), state, self.runs())

    def changes(self) -> set[tuple[Any, ...]]:
        """Who ever entered and left where, and why."""
        rows = self.warehouse.database.rows(_CHANGES)
        assert len(rows) == len(set(rows))
        return set(rows)

    def runs(self) -> list[tuple[Any, ...]]:
        """The ledger."""
        return self.warehouse.database.rows(_RUNS)
