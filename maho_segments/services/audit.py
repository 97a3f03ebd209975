"""Comparing what is published with what a full build would find, for a sample of the profiles."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from maho_segments import language
from maho_segments.errors import NothingToAuditError
from maho_segments.language.project import Project
from maho_segments.services.build import BY_COMMAND_LINE, build
from maho_segments.services.instants import format_instant
from maho_segments.services.lock import build_lock
from maho_segments.services.progress import Progress
from maho_segments.services.project import Workspace
from maho_segments.services.refresh.audit_tables import AuditedSegment, AuditTables, Drift, Sample
from maho_segments.services.refresh.selection import Choice, with_references
from maho_segments.warehouse import ConnectionSettings, connect, ensure_running

if TYPE_CHECKING:
    from maho_segments.services.dbt import DbtProject

# What tells whom the news since the last builds concerns.
_NEWS = ("refresh_scope", "changed_keys", "changed_profiles")


@dataclass(frozen=True)
class AuditReport:
    """What an audit compared and what differs."""

    as_of: datetime
    sample: Sample
    segments: int
    memberships: int
    skipped: int
    drift: tuple[Drift, ...]
    repaired: bool
    seconds: float

    @property
    def checked(self) -> int:
        """How many profiles were compared."""
        return self.sample.profiles - self.skipped

    def as_dict(self) -> dict[str, Any]:
        """The report for programs."""
        return {
            "as_of": format_instant(self.as_of),
            "first_profile_id": self.sample.first,
            "last_profile_id": self.sample.last,
            "profiles_checked": self.checked,
            "profiles_skipped": self.skipped,
            "segments_checked": self.segments,
            "memberships_checked": self.memberships,
            "drift": [asdict(one) for one in self.drift],
            "repaired": self.repaired,
            "seconds": round(self.seconds, 2),
        }


def audit(  # noqa: PLR0913  each says something that no other follows from
    workspace: Workspace,
    *,
    size: int | None,
    repair: bool,
    now: datetime,
    initiated_by: str = BY_COMMAND_LINE,
    progress: Progress,
    dbt: "DbtProject | None" = None,
) -> AuditReport:
    """Compare the published memberships of so many profiles, or of all, with a recompute from raw rows.

    Each audit takes the profiles behind those of the last one. Of whom there is news that no build has looked
    at, nobody can say; they are skipped. `repair` has a build look at the profiles that differ. `dbt` is a
    project that is kept for the next audit. Raises NothingToAuditError where nothing is built by this code,
    or news concerns everybody; and whatever a build raises.
    """
    started = datetime.now(UTC)
    project = language.check_project(workspace.folder)
    plan: dict[str, Any] = language.compile_plan(project)
    language.write_plan(workspace.folder, plan)

    # dbt takes two seconds: not before it is needed.
    from maho_segments.services.dbt import DbtProject  # noqa: PLC0415
    from maho_segments.services.refresh.fingerprints import code_fingerprint  # noqa: PLC0415

    progress.step("Reaching the warehouse")
    settings = ensure_running(workspace.folder, workspace.environ)
    with build_lock(settings, now=started) as connection:
        tables = AuditTables(connection, settings.schema)
        progress.step("Reading the dbt project")
        dbt = dbt or DbtProject(workspace.folder, settings, workspace.environ)
        code = code_fingerprint(dbt.parse(), workspace.folder, plan, connection)
        segments = tables.audited_segments(plan, code)
        sample = tables.next_sample(size)
        comparison = _Comparison(settings, dbt, project, plan, segments, sample)
        progress.step("Looking for news")
        drift, memberships, skipped = comparison.compare(tables, progress)
        as_of = max(segment.as_of for segment in segments)
        seconds = (datetime.now(UTC) - started).total_seconds()
        report = AuditReport(
            as_of, sample, len(segments), memberships, skipped, tuple(drift), bool(drift) and repair, seconds
        )
        tables.record(
            sample,
            as_of=as_of,
            started_at=started,
            figures={
                "profiles_checked": report.checked,
                "profiles_skipped": skipped,
                "segments_checked": len(segments),
                "memberships_checked": memberships,
                "missing_count": sum(one.found == "missing" for one in drift),
                "unexpected_count": sum(one.found == "unexpected" for one in drift),
                "was_repaired": report.repaired,
            },
        )
        if report.repaired:
            tables.ask_for_repair({one.profile_id for one in drift})
    if report.repaired:
        progress.step("Repairing")
        choice = Choice(names=tuple(dict.fromkeys(one.segment for one in drift)))
        build(workspace, as_of=now, choice=choice, initiated_by=initiated_by, progress=progress, dbt=dbt)
    return report


@dataclass(frozen=True)
class _Comparison:
    """One comparison of a sample of profiles, as each segment was published."""

    settings: ConnectionSettings
    dbt: "DbtProject"
    project: Project
    plan: Mapping[str, Any]
    segments: Sequence[AuditedSegment]
    sample: Sample

    def compare(self, tables: AuditTables, progress: Progress) -> tuple[list[Drift], int, int]:
        """What differs, how many memberships there should be, and how many profiles were skipped."""
        as_of = max(segment.as_of for segment in self.segments)
        variables = {"as_of": format_instant(as_of)}
        query = self.dbt.compile_model("profiles", variables=variables)
        with connect(self.settings) as connection:
            # What is committed from now on is not seen here, so that the news below is at least all that is.
            connection.execute("set transaction isolation level repeatable read")
            snapshot = AuditTables(connection, self.settings.schema)
            snapshot.recompute_profiles(query, self.sample)
            news = self._news(tables, as_of, progress)
            progress.step("Comparing")
            drift: list[Drift] = []
            memberships = 0
            for instant in sorted({segment.as_of for segment in self.segments}):
                group = [segment for segment in self.segments if segment.as_of == instant]
                found, expected = snapshot.compare(self._query(group, instant), group, self.sample, news)
                drift += found
                memberships += expected
            connection.rollback()
        return drift, memberships, tables.count_in_sample(news, self.sample)

    def _news(self, tables: AuditTables, as_of: datetime, progress: Progress) -> list[int]:
        """The profiles of whom there is news that the builds of some segment have not looked at."""
        variables = {
            "as_of": format_instant(as_of),
            "refresh_mode": "auto",
            "segments": [segment.name for segment in self.segments],
            "code_fingerprint": tables.code(),
        }
        self.dbt.run_models(_NEWS, variables=variables, progress=progress)
        mode, why, is_captured = tables.scope()
        if mode == "full" and is_captured:
            raise NothingToAuditError(
                f"News can't be told from drift: {why}.", "Run `segments build`, and audit then."
            )
        if mode == "full":
            progress.note(
                "Nothing captures changes: what the shop changed since the last build counts as drift."
            )
        return tables.profiles_with_news()

    def _query(self, group: Sequence[AuditedSegment], as_of: datetime) -> str:
        """The SQL of the memberships that these segments should have, as of that instant."""
        active = {segment["name"]: segment for segment in self.plan["segments"] if segment["is_active"]}
        needed = with_references(active, [segment.name for segment in group])
        plan = language.compile_plan(self.project, without=self.project.segments.keys() - needed)
        # Parents of a segment that were published for another instant are asked, and not compared.
        ids = {segment.name: segment.segment_id for segment in self.segments if segment.name in needed}
        names = ", ".join(f"'{name}': {number}" for name, number in ids.items())
        call = f"segment_audit({language.plan_expression(plan)}, {{{names}}}, 'pg_temp.audited_profiles')"
        return self.dbt.compile_inline(f"{{{{ {call} }}}}", variables={"as_of": format_instant(as_of)})
