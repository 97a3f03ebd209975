"""Somebody's segments: which they are in, since when, and when the clock alone changes that."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, LiteralString

import psycopg
from psycopg import sql
from psycopg.rows import class_row

from maho_segments import language
from maho_segments.errors import BuildError, SegmentsError
from maho_segments.services.instants import format_instant
from maho_segments.services.progress import Progress
from maho_segments.services.project import Workspace
from maho_segments.services.publications import PublicTables
from maho_segments.warehouse import connect, ensure_running

if TYPE_CHECKING:
    from maho_segments.services.dbt import DbtProject

MOST_STEPS = 100
"""How many times the clock is moved on at most."""

# Next to a month's end or a change of clocks an edge may pass at any moment: it is looked for by the hour.
_SHORTEST_STEP = timedelta(hours=1)
_TICK = timedelta(microseconds=1)

_BY_ID: LiteralString = """
    select profile_id, profile_type, email, website, merged_into_profile_id
    from {schema}.profiles
    where profile_id = %(profile_id)s
"""
_BY_EMAIL: LiteralString = """
    select profile_id, profile_type, email, website, merged_into_profile_id
    from {schema}.profiles
    where email = lower(btrim(%(email)s))
    order by merged_into_profile_id is null desc, profile_id
"""
_STAYS: LiteralString = """
    select segment_name, entered_at
    from {schema}.segment_members
    where profile_id = %(profile_id)s
    order by segment_name
"""


@dataclass(frozen=True)
class Person:
    """Who a profile is."""

    profile_id: int
    profile_type: str
    email: str | None
    website: str | None
    merged_into_profile_id: int | None


@dataclass(frozen=True)
class Change:
    """An entry or exit that the clock alone brings about, if the shop's rows stay as they are."""

    at: datetime
    segment: str
    change: str  # entered or left


@dataclass(frozen=True)
class ProfileReport:
    """Somebody's segments as published, and what the clock will change until `until`, in the order of time.

    `since` is when they entered; `unpublished` are changes that the next build brings, whatever the clock.
    """

    person: Person
    as_of: datetime
    until: datetime
    since: Mapping[str, datetime]
    unpublished: tuple[Change, ...]
    changes: tuple[Change, ...]

    def as_dict(self) -> dict[str, Any]:
        """The report for programs."""
        return {
            **asdict(self.person),
            "as_of": format_instant(self.as_of),
            "until": format_instant(self.until),
            "segments": [
                {"name": name, "entered_at": format_instant(since)} for name, since in self.since.items()
            ],
            "unpublished": [_as_dict(change) for change in self.unpublished],
            "changes": [_as_dict(change) for change in self.changes],
        }


def report_profile(
    workspace: Workspace, who: str, *, as_of: datetime, ahead: timedelta, progress: Progress
) -> ProfileReport:
    """The segments of a profile, given by its id or e-mail address, and how they change in the time `ahead`.

    `until` is sooner than asked for where the clock would have to be moved on more than MOST_STEPS times.
    Raises SegmentsError for somebody unknown, BuildError before the first build.
    """
    plan: dict[str, Any] = language.compile_plan(language.check_project(workspace.folder))
    settings = ensure_running(workspace.folder, workspace.environ)
    from maho_segments.services.dbt import DbtProject  # noqa: PLC0415  dbt takes two seconds: not before it is needed

    with connect(settings) as connection:
        connection.read_only = True
        if not PublicTables(connection, settings.schema).exist():
            raise BuildError("Nothing is built yet.", "Run `segments build` first.")
        schema = sql.Identifier(settings.schema)
        person = _find(connection, schema, who)
        stays = connection.execute(sql.SQL(_STAYS).format(schema=schema), {"profile_id": person.profile_id})
        since: dict[str, datetime] = dict(stays.fetchall())
        dbt = DbtProject(workspace.folder, settings, workspace.environ)
        clock = _Clock(connection, dbt, plan, person.profile_id, progress)
        try:
            return clock.report(person, since, as_of, as_of + ahead)
        except (psycopg.errors.UndefinedTable, psycopg.errors.UndefinedColumn) as error:
            raise BuildError(
                f"What the segments ask is not built yet: {error.diag.message_primary}.",
                "Run `segments build` once.",
            ) from error


def _find(connection: psycopg.Connection, schema: sql.Identifier, who: str) -> Person:
    """The profile that is meant; whoever became another is that one. Raises SegmentsError."""
    by_id = who.isascii() and who.isdigit()
    if by_id and int(who) >= 2**63:
        found = []
    else:
        with connection.cursor(row_factory=class_row(Person)) as cursor:
            query = sql.SQL(_BY_ID if by_id else _BY_EMAIL).format(schema=schema)
            found = cursor.execute(query, {"profile_id" if by_id else "email": who}).fetchall()
    if not found:
        what = "number" if by_id else "e-mail address"
        raise SegmentsError(
            f"Nobody in the warehouse has the {what} {who}.",
            "Give a profile_id, as `segments members` shows it, or an e-mail address. "
            "Who is new in the shop comes in with the next build.",
        )
    present = [person for person in found if person.merged_into_profile_id is None]
    if len(present) > 1:
        places = ", ".join(f"{one.profile_id} ({one.profile_type}, {one.website})" for one in present)
        raise SegmentsError(f"{who} is {len(present)} profiles: {places}.", "Give the number of one of them.")
    if present:
        return present[0]
    return _find(connection, schema, str(found[0].merged_into_profile_id))


class _Clock:
    """Moves the clock on for one profile, and tells what changes."""

    def __init__(
        self,
        connection: psycopg.Connection,
        dbt: "DbtProject",
        plan: dict[str, Any],
        profile_id: int,
        progress: Progress,
    ) -> None:
        self._connection = connection
        self._dbt = dbt
        self._progress = progress
        self._names = [segment["name"] for segment in plan["segments"]]
        self._call = f"{{{{ profile_state({language.plan_expression(plan)}, {profile_id}) }}}}"

    def report(
        self, person: Person, since: Mapping[str, datetime], as_of: datetime, until: datetime
    ) -> ProfileReport:
        present, next_change_at = self._state(as_of)
        unpublished = _changes(as_of, frozenset(since), present)
        changes: list[Change] = []
        instant = as_of
        for _ in range(MOST_STEPS):
            if next_change_at is None or next_change_at >= until:
                break
            passed = next_change_at + _TICK
            instant = passed if next_change_at > instant else min(instant + _SHORTEST_STEP, until)
            segments, next_change_at = self._state(instant)
            changes += _changes(instant, present, segments)
            present = segments
        else:
            until = instant
        return ProfileReport(person, as_of, until, since, unpublished, tuple(changes))

    def _state(self, instant: datetime) -> tuple[frozenset[str], datetime | None]:
        self._progress.step(f"Asking for {format_instant(instant)}")
        query = self._dbt.compile_inline(self._call, variables={"as_of": instant.isoformat()})
        row = self._connection.execute(query.encode()).fetchone()
        if row is None:
            return frozenset(), None
        return frozenset(self._names[position] for position in row[0]), row[1]


def _changes(at: datetime, before: frozenset[str], after: frozenset[str]) -> tuple[Change, ...]:
    left = [Change(at, name, "left") for name in sorted(before - after)]
    return (*left, *(Change(at, name, "entered") for name in sorted(after - before)))


def _as_dict(change: Change) -> dict[str, str]:
    return {"at": format_instant(change.at), "segment": change.segment, "change": change.change}
