"""The loop of the resident refresher: look, refresh or wait, and go on when something is away for a while."""

import os
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg

from maho_segments.errors import BuildLockedError, SegmentsError, WarehouseError
from maho_segments.services.build import build, published_times
from maho_segments.services.capture import Capture
from maho_segments.services.capture_status import CaptureStatus
from maho_segments.services.dbt import DbtError, DbtProject
from maho_segments.services.definitions import ValidDefinitions
from maho_segments.services.lock import WATCH
from maho_segments.services.project import Workspace
from maho_segments.services.publications import PublicTables
from maho_segments.services.refresh.selection import Choice, select_segments
from maho_segments.services.watch.ear import Ear
from maho_segments.services.watch.events import Event
from maho_segments.services.watch.news import Waiting
from maho_segments.services.watch.planning import (
    LastRefresh,
    Observed,
    Policy,
    Refresh,
    Wait,
    plan_as_of,
    plan_next,
)
from maho_segments.services.watch.presence import Presence, WatcherState
from maho_segments.services.watch.telling import Notes, Teller
from maho_segments.warehouse import connect, ensure_running

# So long a request to stop, or an edited file, may go unseen.
_SLICE = 1.0
_LONGEST_AWAY = 30.0
_GONE = (psycopg.OperationalError, psycopg.InterfaceError)
_AT_ONCE = Choice(due=True, on_change=True)


class _OccupiedError(SegmentsError):
    """The place of the schema's watcher is taken: by another one, or still by our own former session."""


class Watcher:
    """Refreshes a project's segments when something happens, until it is told to stop."""

    def __init__(self, workspace: Workspace, policy: Policy, tell: Callable[[Event], None]) -> None:
        self._workspace = workspace
        self._policy = policy
        self._teller = Teller(tell)
        self._settings = ensure_running(workspace.folder, workspace.environ)
        self._dbt = DbtProject(workspace.folder, self._settings, workspace.environ)
        self._definitions = ValidDefinitions(workspace)
        self._has_new_definitions = False
        self._last: LastRefresh | None = None
        self._news_since: datetime | None = None
        self._stopping = False
        self._name = (socket.gethostname(), os.getpid())

    def stop(self) -> None:
        """End after the refresh that is under way. Safe in a signal handler."""
        self._stopping = True

    def run(self, *, once: bool = False) -> None:
        """Watch until `stop` is called, or with `once` until a refresh has succeeded.

        Raises SegmentsError where nothing can be watched from the beginning: another watcher is at work, or
        nothing tells what changes. What comes later it survives: a database that is away, another build,
        invalid definitions, a project that dbt can't read.
        """
        began, is_away, tries = False, False, 0
        while not self._stopping:
            try:
                with self._session() as connection:
                    if is_away:
                        self._teller.say("back", "The database is back.")
                        is_away = False
                    while not self._stopping:
                        capture = self._inspect(connection)
                        began, tries = True, 0
                        self._watch(connection, capture, once=once)
                        if once:
                            return
            except (*_GONE, SegmentsError) as error:
                if not began:
                    raise
                if isinstance(error, _OccupiedError):
                    self._teller.say_once("waiting", f"{error.message} Waiting until it has ended.")
                elif not isinstance(error, (*_GONE, WarehouseError)):
                    self._teller.say_once("failed", str(error))
                elif not is_away:
                    is_away = True
                    self._teller.say("away", f"The database is away: {_first_line(error)}. Waiting for it.")
                self._sleep(min(_LONGEST_AWAY, 0.5 * 2 ** min(tries, 10)))
                tries += 1
        self._teller.say("stopped", "Stopped.")

    @contextmanager
    def _session(self) -> Iterator[psycopg.Connection]:
        """A connection that holds the watcher's lock."""
        name = f"segments watch, {self._name[1]}@{self._name[0]}"[:63]
        with connect(self._settings, autocommit=True, application_name=name) as connection:
            connection.execute("set idle_session_timeout = 0")
            presence = Presence(connection, self._settings.schema)
            if not presence.claim():
                holder = presence.read()
                who = f"process {holder.pid} on {holder.host}" if holder else "another session"
                raise _OccupiedError(
                    f"Another watcher is at work in schema {self._settings.schema}: {who}.",
                    "One is enough; stop it first to run another.",
                )
            yield connection
            presence.tell(*self._name, "stopped")

    def _inspect(self, connection: psycopg.Connection) -> CaptureStatus:
        """How changes are captured now. Raises SegmentsError where nothing captures them."""
        try:
            capture = Capture(self._dbt, self._settings, connection).status()
        except SegmentsError:
            connection.execute("select 1")  # Where this fails, too, the database is away.
            raise
        if capture.mode != "clocks" and capture.log_rows is None:
            raise SegmentsError(
                "Nothing captures changes, so there is nothing to wait for.",
                "Run `segments capture install`, or set `change_capture: clocks`: docs/capture.md.",
            )
        self._teller.watching(capture, poll=self._policy.poll)
        return capture

    def _watch(self, connection: psycopg.Connection, capture: CaptureStatus, *, once: bool) -> None:
        """Watch until a refresh with `once`, or one of everybody: the capture may be another then."""
        schema = self._settings.schema
        is_notified = capture.mode == "triggers" and not capture.gaps
        ear = Ear(connection, capture.channel, capture.waiting_lock)
        waiting, presence = Waiting(connection, schema), Presence(connection, schema)
        while not self._stopping:
            if not self._read_definitions():
                presence.tell(*self._name, "held up", "the definitions are not valid")
                self._sleep(_SLICE)
                continue
            with ear.waiting():
                decision = self._wait(connection, ear, waiting, presence, is_notified=is_notified)
            if isinstance(decision, Refresh):
                presence.tell(*self._name, "refreshing")
                succeeded = self._refresh(connection, decision, is_notified=is_notified)
                if succeeded and (once or (self._last and self._last.is_full)):
                    return
            elif not decision.for_notice:
                self._pause(decision.until)

    def _wait(
        self,
        connection: psycopg.Connection,
        ear: Ear,
        waiting: Waiting,
        presence: Presence,
        *,
        is_notified: bool,
    ) -> Refresh | Wait:
        """Listen until there is something to do, or news that is to be left for a while."""
        since = datetime.now(UTC)
        segments = self._definitions.now.plan["segments"] if self._definitions.now else []
        on_change = [one["name"] for one in segments if one["is_active"] and one["refresh"]["on_change"]]
        next_due = self._next_due(connection, segments)
        presence.tell(*self._name, *self._state())
        while True:
            # The open writes first: who commits between the two looks is seen by the second.
            has_open_writes = is_notified and bool(on_change) and ear.has_open_writes()
            has_news = is_notified and waiting.news(on_change, limit=1).rows > 0
            self._news_since = (self._news_since or datetime.now(UTC)) if has_news else None
            decision = plan_next(
                Observed(
                    now=datetime.now(UTC),
                    waiting_since=since,
                    last=self._last,
                    is_notified=is_notified,
                    news_since=self._news_since,
                    has_open_writes=has_open_writes,
                    has_new_definitions=self._has_new_definitions,
                    next_change_at=waiting.next_change_at() if on_change else None,
                    next_due=next_due,
                ),
                self._policy,
            )
            if isinstance(decision, Refresh) or not decision.for_notice:
                return decision
            if not self._listen(ear, decision.until):
                return decision
            presence.tell(*self._name, *self._state())

    def _pause(self, until: datetime) -> None:
        """Leave for a while what there is to do, at most until files change."""
        while not self._stopping and not self._definitions.are_others():
            seconds = (until - datetime.now(UTC)).total_seconds()
            if seconds <= 0:
                return
            time.sleep(min(seconds, _SLICE))

    def _listen(self, ear: Ear, until: datetime) -> bool:
        """Wait for a notice, at most until then; false where files changed or it is to stop."""
        while not self._stopping:
            seconds = (until - datetime.now(UTC)).total_seconds()
            if ear.listen(max(0.0, min(_SLICE, seconds))) or seconds <= _SLICE:
                return True
            if self._definitions.are_others():
                return False
        return False

    def _state(self) -> tuple[WatcherState, str]:
        if self._last is not None and self._last.failures:
            return "held up", self._teller.obstacle
        if problem := self._definitions.problem:
            return "waiting", f"by former definitions, as those of now are not valid: {problem.message}"
        return "waiting", ""

    def _read_definitions(self) -> bool:
        """Read what has changed of the definitions, and tell once what is wrong; whether there are any."""
        if self._definitions.have_changed():
            self._has_new_definitions = self._last is not None
        self._teller.definitions(self._definitions.problem, has_former=self._definitions.now is not None)
        return self._definitions.now is not None

    def _next_due(self, connection: psycopg.Connection, segments: list[dict[str, Any]]) -> datetime | None:
        """When the next schedule comes. What a refresh tried is not due again for having failed."""
        if self._last is None or not any(one["refresh"]["schedule"] for one in segments):
            return None
        published, zone = published_times(self._workspace.environ, connection, self._settings.schema)
        tried = {
            one["name"]: max(published.get(one["name"]) or self._last.as_of, self._last.as_of)
            for one in segments
        }
        # Before any schedule has come, so that the next of all is told.
        nothing_due = min(tried.values()) - timedelta(seconds=1)
        selection = select_segments(
            segments, Choice(due=True), published=tried, as_of=nothing_due, default_zone=zone
        )
        return selection.next_due[1] if selection.next_due else None

    def _refresh(self, connection: psycopg.Connection, decision: Refresh, *, is_notified: bool) -> bool:
        """Refresh, and tell how it went; whether it succeeded. Raises what says that the database is away."""
        began = datetime.now(UTC)
        as_of = plan_as_of(began, is_notified=is_notified)
        failures = self._last.failures if self._last else 0
        tables = PublicTables(connection, self._settings.schema)
        try:
            report = build(
                self._workspace,
                as_of=as_of,
                choice=_AT_ONCE if tables.exist() else Choice(),
                initiated_by=WATCH,
                progress=Notes(self._teller),
                dbt=self._dbt,
                definitions=self._definitions.now,
            )
        except (SegmentsError, psycopg.Error) as error:
            connection.execute("select 1")
            is_locked = isinstance(error, BuildLockedError)
            self._last = LastRefresh(
                began, datetime.now(UTC), as_of, failures=failures + 1, was_locked=is_locked
            )
            if is_locked:
                self._teller.say_once("waiting", f"{_first_line(error)} Waiting until it has ended.")
            else:
                run_id = error.run_id if isinstance(error, DbtError) else None
                self._teller.say_once("failed", str(error), run_id=run_id)
            return False
        self._has_new_definitions = False
        ended = datetime.now(UTC)
        self._last = LastRefresh(
            began,
            ended,
            as_of,
            is_full=report.mode == "full",
            was_by_clock=decision.why == ("clock",),
        )
        report = replace(report, seconds=(ended - began).total_seconds())
        self._teller.refreshed(report, decision.why, ended)
        return True

    def _sleep(self, seconds: float) -> None:
        """Sleep so long, or until it is to stop."""
        until = time.monotonic() + seconds
        while not self._stopping and (left := until - time.monotonic()) > 0:
            time.sleep(min(left, _SLICE))


def _first_line(error: Exception) -> str:
    text = error.message if isinstance(error, SegmentsError) else str(error)
    return text.strip().partition("\n")[0]
