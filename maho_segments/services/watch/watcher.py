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

from maho_segments.errors import BuildLockedError, DefinitionsError, SegmentsError, WarehouseError
from maho_segments.services.build import build, published_times
from maho_segments.services.capture import Capture
from maho_segments.services.capture_status import CaptureStatus
from maho_segments.services.dbt import DbtProject
from maho_segments.services.definitions import ValidDefinitions
from maho_segments.services.lock import WATCH
from maho_segments.services.progress import Silence
from maho_segments.services.project import Workspace
from maho_segments.services.publications import PublicTables
from maho_segments.services.refresh.selection import Choice, select_segments
from maho_segments.services.watch.ear import Ear
from maho_segments.services.watch.events import Event, EventKind, refreshed
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
from maho_segments.warehouse import connect, ensure_running

# So long a request to stop, or an edited file, may go unseen.
_SLICE = 1.0
_LONGEST_AWAY = 30.0
_GONE = (psycopg.OperationalError, psycopg.InterfaceError)
_AT_ONCE = Choice(due=True, on_change=True)


class _StandInProgress(Silence):
    """Of a refresh, a watcher tells only what a person should read."""

    def __init__(self, note: Callable[[str], None]) -> None:
        self._note = note

    def note(self, text: str) -> None:
        self._note(text)


class Watcher:
    """Refreshes a project's segments when something happens, until it is told to stop."""

    def __init__(self, workspace: Workspace, policy: Policy, tell: Callable[[Event], None]) -> None:
        self._workspace = workspace
        self._policy = policy
        self._tell = tell
        self._settings = ensure_running(workspace.folder, workspace.environ)
        self._dbt = DbtProject(workspace.folder, self._settings, workspace.environ)
        self._definitions = ValidDefinitions(workspace)
        self._problem: DefinitionsError | None = None
        self._has_new_definitions = False
        self._last: LastRefresh | None = None
        self._news_since: datetime | None = None
        self._told: str = ""
        self._told_capture: str = ""
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
                with self._session(began=began) as (connection, capture):
                    if is_away:
                        self._say("back", "The database is back.")
                    began, is_away, tries = True, False, 0
                    self._watch(connection, capture, once=once)
                    if once:
                        return
            except (*_GONE, SegmentsError) as error:
                if not began:
                    raise
                if not isinstance(error, (*_GONE, WarehouseError)):
                    self._say_once("failed", str(error))
                elif not is_away:
                    is_away = True
                    self._say("away", f"The database is away: {_first_line(error)}. Waiting for it.")
                self._sleep(min(_LONGEST_AWAY, 0.5 * 2 ** min(tries, 10)))
                tries += 1
        self._say("stopped", "Stopped.")

    @contextmanager
    def _session(self, *, began: bool) -> Iterator[tuple[psycopg.Connection, CaptureStatus]]:
        """A connection that holds the watcher's lock, and how changes are captured."""
        name = f"segments watch, {self._name[1]}@{self._name[0]}"[:63]
        with connect(self._settings, autocommit=True, application_name=name) as connection:
            connection.execute("set idle_session_timeout = 0")
            presence = Presence(connection, self._settings.schema)
            if not presence.claim():
                holder = presence.read()
                who = f"process {holder.pid} on {holder.host}" if holder else "another session"
                # After a lost connection it may be our own session, of which the server does not know yet.
                raise (WarehouseError if began else SegmentsError)(
                    f"Another watcher is at work in schema {self._settings.schema}: {who}.",
                    "One is enough; stop it first to run another.",
                )
            try:
                capture = Capture(self._dbt, self._settings, connection).status()
            except SegmentsError:
                connection.execute("select 1")  # Where this fails, too, the database is away.
                raise
            self._introduce(capture)
            yield connection, capture
            presence.tell(*self._name, "stopped")

    def _introduce(self, capture: CaptureStatus) -> None:
        """Say how changes are known, and what of that a person should mend, where that is not as before."""
        poll = f"{self._policy.poll.total_seconds():.0f} s"
        if capture.mode == "clocks":
            text = f"Watching. Changes are known by clocks, so there is a refresh every {poll}."
        elif capture.log_rows is None:
            raise SegmentsError(
                "Nothing captures changes, so there is nothing to wait for.",
                "Run `segments capture install`, or set `change_capture: clocks`: docs/capture.md.",
            )
        elif capture.gaps:
            gaps = "; ".join(capture.gaps)
            text = f"Watching. Everybody is looked at every {poll}, as not all changes are captured: {gaps}"
        elif capture.outdated:
            tables = ", ".join(capture.outdated)
            text = (
                f"Watching. Changes of {tables} are seen every {poll} only: run `segments capture install`."
            )
        else:
            text = "Watching: changes are told at once."
        if text != self._told_capture:
            self._say("watching", text)
        self._told_capture = text

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
            return "held up", self._told
        if self._problem is not None:
            return "waiting", f"by former definitions, as those of now are not valid: {self._problem.message}"
        return "waiting", ""

    def _read_definitions(self) -> bool:
        """Read what has changed of the definitions, and tell once what is wrong; whether there are any."""
        if self._definitions.have_changed():
            self._has_new_definitions = self._last is not None
        problem = self._definitions.problem
        if problem is not self._problem:
            self._problem = problem
            if problem is None:
                self._say("note", "The definitions are valid again.")
            else:
                goes_on = (
                    "Those of before are refreshed until they are corrected."
                    if self._definitions.now
                    else "Nothing is refreshed until they are corrected."
                )
                problems = [one.as_dict() for one in problem.problems]
                words = "\n".join(map(str, problem.problems))
                self._say("refused", f"{words}\n{problem.message}. {goes_on}", problems=problems)
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
                progress=_StandInProgress(lambda text: self._say("note", text)),
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
                self._say_once("waiting", f"{_first_line(error)} Waiting until it has ended.")
            else:
                self._say_once("failed", str(error))
            return False
        self._told = ""
        self._has_new_definitions = False
        ended = datetime.now(UTC)
        self._last = LastRefresh(began, ended, as_of, is_full=report.mode == "full")
        report = replace(report, seconds=(ended - began).total_seconds())
        self._tell(refreshed(report, decision.why, ended))
        return True

    def _say_once(self, kind: EventKind, text: str) -> None:
        """Say it, unless it is what was said of the last refresh as well."""
        if text != self._told:
            self._say(kind, text)
        self._told = text

    def _say(self, kind: EventKind, text: str, **data: Any) -> None:
        self._tell(Event(kind, datetime.now(UTC), text, data))

    def _sleep(self, seconds: float) -> None:
        """Sleep so long, or until it is to stop."""
        until = time.monotonic() + seconds
        while not self._stopping and (left := until - time.monotonic()) > 0:
            time.sleep(min(left, _SLICE))


def _first_line(error: Exception) -> str:
    text = error.message if isinstance(error, SegmentsError) else str(error)
    return text.strip().partition("\n")[0]
