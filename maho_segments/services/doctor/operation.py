"""The doctor's look at what goes on by itself: the watcher, what waits for a refresh, and the last audit."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any, LiteralString

import psycopg
from psycopg import sql
from psycopg.rows import dict_row

from maho_segments.services.build import published_times
from maho_segments.services.doctor.finding import Finding, first_few
from maho_segments.services.instants import format_instant
from maho_segments.services.refresh.drift import StandingDrift, read_standing_drift
from maho_segments.services.refresh.overdue import read_overdue
from maho_segments.services.refresh.selection import Choice, select_segments
from maho_segments.services.watch.news import News, Waiting
from maho_segments.services.watch.presence import Presence, WatcherNote

_TOO_OLD = timedelta(minutes=15)
_LAST_AUDIT: LiteralString = """
    select finished_at, profiles_checked, missing_count + unexpected_count as drift, was_repaired
    from {table}
    order by audit_id desc
    limit 1
"""


@dataclass(frozen=True)
class Operation:
    """What goes on, as figures; each is missing where there is nothing to tell."""

    watcher: WatcherNote | None
    news: News
    next_change_at: datetime | None
    next_due: tuple[str, datetime] | None
    last_audit: Mapping[str, Any] | None
    drift: StandingDrift | None = None
    """What an audit found that still stands, though the last one may have been of other profiles."""
    overdue: Mapping[str, datetime] = field(default_factory=dict)
    """The segments whose schedule came long ago and brought no refresh, and when it came."""

    def as_dict(self) -> dict[str, Any]:
        """The figures for programs; instants are left to whoever prints them."""
        name, due_at = self.next_due or (None, None)
        return {
            "watcher": self.watcher.as_dict() if self.watcher else None,
            "news": {"rows": self.news.rows, "oldest": self.news.oldest},
            "next": {"change_at": self.next_change_at, "due_at": due_at, "due_segment": name},
            "overdue": dict(self.overdue),
            "last_audit": self.last_audit,
            "drift": asdict(self.drift) if self.drift else None,
        }


def read_operation(
    connection: psycopg.Connection,
    schema: str,
    segments: Sequence[Mapping[str, Any]],
    *,
    environ: Mapping[str, str],
    now: datetime,
) -> Operation:
    """What goes on in a schema in which these segments of a plan are kept."""
    on_change = [one["name"] for one in segments if one["is_active"] and one["refresh"]["on_change"]]
    waiting = Waiting(connection, schema)
    published, zone = published_times(environ, connection, schema)
    due = select_segments(segments, Choice(due=True), published=published, as_of=now, default_zone=zone)
    return Operation(
        watcher=Presence(connection, schema).read(),
        news=waiting.news(on_change),
        next_change_at=waiting.next_change_at(),
        next_due=(due.names[0], now) if due.names else due.next_due,
        last_audit=_last_audit(connection, schema),
        drift=read_standing_drift(connection, schema),
        overdue=read_overdue(connection, schema, segments, environ=environ, now=now),
    )


def look_at_operation(operation: Operation, *, now: datetime) -> Iterator[Finding]:
    """Whether somebody keeps the segments up to date, how far behind they are, and whether they are right."""
    yield _watcher(operation.watcher)
    yield _news(operation, now=now)
    wakes = [
        *([f"the clock at {format_instant(operation.next_change_at)}"] if operation.next_change_at else []),
        *(
            [f"{operation.next_due[0]} by its schedule at {format_instant(operation.next_due[1])}"]
            if operation.next_due
            else []
        ),
    ]
    yield Finding("next", "good", "; ".join(wakes) or "nothing by the clock or a schedule")
    if operation.overdue:
        yield _overdue(operation.overdue)
    if operation.last_audit is not None:
        yield _audit(operation.last_audit, operation.drift)


def _watcher(note: WatcherNote | None) -> Finding:
    if note is None or (note.state == "stopped" and not note.is_alive):
        when = f", the last one until {format_instant(note.noted_at)}" if note else ""
        return Finding("watcher", "good", f"none{when}: segments are refreshed when somebody asks for it")
    who = f"process {note.pid} on {note.host}"
    heard = f"heard of at {format_instant(note.noted_at)}"
    if not note.is_alive:
        found = f"{who} has ended without a word, last {heard}"
        return Finding("watcher", "bad", found, "Start `segments watch` again, best as a service.")
    if note.state == "held up" or note.detail:
        return Finding("watcher", "warning", f"{who} is {note.state}: {note.detail}")
    return Finding("watcher", "good", f"{who} is {note.state}, {heard}")


def _news(operation: Operation, *, now: datetime) -> Finding:
    news = operation.news
    if not news.rows or news.oldest is None:
        return Finding("news", "good", "none waits for a refresh")
    found = f"{news.rows:,} rows of the change log wait for a refresh, since {format_instant(news.oldest)}"
    if operation.watcher and operation.watcher.is_alive and now - news.oldest > _TOO_OLD:
        return Finding(
            "news", "warning", found, "The watcher falls behind: `segments runs` says how it fares."
        )
    return Finding("news", "good", found)


def _overdue(overdue: Mapping[str, datetime]) -> Finding:
    told = [f"{name} since {format_instant(time)}" for name, time in overdue.items()]
    hint = "Does `segments watch` or Dagster run? `segments build --due` refreshes them now."
    return Finding("schedules", "warning", f"overdue: {first_few(told)}", hint)


def _audit(audit: Mapping[str, Any], drift: StandingDrift | None) -> Finding:
    if drift is not None:
        when = f"{drift.profiles:,} profiles at {format_instant(drift.found_at)}"
        found = f"{drift.missing + drift.unexpected:,} memberships differ from a recompute, among {when}"
        return Finding("audit", "bad", found, "`segments audit --all --repair` puts them right.")
    when = f"{audit['profiles_checked']:,} profiles at {format_instant(audit['finished_at'])}"
    # By its own repair, or by a full build since.
    found = f"{audit['drift']:,} put right" if audit["drift"] else "no drift"
    return Finding("audit", "good", f"{found} among {when}")


def _last_audit(connection: psycopg.Connection, schema: str) -> dict[str, Any] | None:
    table = sql.Identifier(schema, "segment_audits")
    row = connection.execute("select to_regclass(%s)", [table.as_string(connection)]).fetchone()
    if row is None or row[0] is None:
        return None
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(sql.SQL(_LAST_AUDIT).format(table=table)).fetchone()
