"""The one op that refreshes: dbt's models, and each segment that it publishes, told as they happen."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import dagster as dg
from pydantic import Field

from maho_segments.services.build import build
from maho_segments.services.build_report import BuildReport
from maho_segments.services.instants import format_instant
from maho_segments.services.progress import NodeEvent
from maho_segments.services.refresh.selection import Choice
from maho_segments.services.segment_states import SegmentState, read_states
from orchestration.assets.segments import segment_name
from orchestration.failing import fail
from orchestration.loading import Loaded
from orchestration.metadata import segment_checks, segment_event
from orchestration.names import MERGED_TAG, REASON_TAG, REFRESH_OP
from orchestration.project import ProjectResource
from orchestration.streaming import Note, Step, Streamed, Told

POOL = "segments_build"
"""What builds takes a place of it, and there is one: see dagster.yaml."""
_PASSED = ("success", "pass")

# Events, not outputs of the op: Dagster wants outputs in the order of the graph as it was loaded, and ends
# the run where the definitions, and dbt's order with them, have changed since.
Event = dg.AssetMaterialization | dg.AssetObservation | dg.AssetCheckEvaluation | dg.AssetCheckResult


class RefreshConfig(dg.Config):
    """What a refresh is about. As it stands: what `segments build` refreshes, all but the manual segments."""

    segments: list[str] = Field(
        default=[],
        description="Only these segments, and those that they refer to. Empty: what the other settings say.",
    )
    due: bool = Field(
        default=False, description="Only segments whose schedule has come since they were published."
    )
    on_change: bool = Field(default=False, description="Only segments that are refreshed on change.")
    all: bool = Field(default=False, description="All active segments, the manual ones too.")
    full: bool = Field(
        default=False,
        description="Make anew everything that can be derived, and test it. History is kept. Takes longest.",
    )
    as_of: str = Field(
        default="",
        description="Another instant than now, like 2026-03-31T22:00:00Z; never before a published one.",
    )
    accept_erasures: bool = Field(
        default=False,
        description="Erase whom the shop no longer has, however many that are. Only where you know why.",
    )


@dataclass(frozen=True)
class Wanted:
    """What a run selects of the op's assets and checks."""

    assets: Collection[dg.AssetKey]
    checks: Collection[dg.AssetCheckKey]

    @property
    def segments(self) -> tuple[str, ...]:
        """The segments among them, in the order of their names."""
        return tuple(sorted(name for key in self.assets if (name := segment_name(key))))

    @property
    def is_of_segments_only(self) -> bool:
        """Whether it is segments and nothing else that somebody selected."""
        return bool(self.assets) and all(segment_name(key) for key in self.assets)


def plan_choice(config: RefreshConfig, wanted: Wanted, known: int) -> Choice:
    """The segments that a run is about: what is configured, else those selected where not all are."""
    told = Choice(tuple(config.segments), due=config.due, on_change=config.on_change, all=config.all)
    if told.is_default and wanted.is_of_segments_only and len(wanted.segments) < known:
        return Choice(names=wanted.segments)
    return told


def refresh_assets(loaded: Loaded) -> dg.AssetsDefinition:
    """The op with the assets and checks that it makes."""

    @dg.multi_asset(
        name=REFRESH_OP,
        specs=[*loaded.dbt.models, *loaded.segment_specs],
        check_specs=[*loaded.dbt.checks, *loaded.segment_checks],
        can_subset=True,
        pool=POOL,
    )
    def refresh(
        context: dg.AssetExecutionContext, config: RefreshConfig, project: ProjectResource
    ) -> Iterator[Event]:
        wanted = Wanted(context.selected_asset_keys, context.selected_asset_check_keys)
        try:
            yield from _Refresh(context, project, loaded, wanted).run(config)
        except dg.Failure:
            raise
        except Exception as error:
            fail(error, context.op_execution_context.retry_number)

    return refresh


@dataclass(frozen=True)
class _Refresh:
    context: dg.AssetExecutionContext
    project: ProjectResource
    loaded: Loaded
    wanted: Wanted

    def run(self, config: RefreshConfig) -> Iterator[Event]:
        """Refresh what is wanted, and test what of it is to be tested. Without assets, only tests."""
        if reason := self.context.run.tags.get(REASON_TAG):
            # Its page has tags behind a menu only.
            self.context.log.info(f"Reason: {reason}")
        tested: set[dg.AssetCheckKey] = set()
        refreshed: tuple[str, ...] = ()
        if self.wanted.assets:
            work = Streamed(lambda progress: self._build(config, progress))
            for told in work:
                for event in self._tell(told):
                    if isinstance(event, dg.AssetCheckEvaluation):
                        tested.add(event.asset_check_key)
                    yield event
            refreshed = tuple(segment.name for segment in work.result.segments)
            self.context.log.info(summary(work.result))
        yield from self._test([key for key in self.wanted.checks if key not in tested])
        yield from self._segments(refreshed)
        self._tell_for_merged()

    def _build(self, config: RefreshConfig, progress: Any) -> BuildReport:
        return build(
            self.project.workspace(),
            as_of=datetime.fromisoformat(config.as_of) if config.as_of else present(),
            choice=plan_choice(config, self.wanted, len(self.loaded.segments)),
            full=config.full,
            accept_erasures=config.accept_erasures,
            initiated_by=f"dagster:{self.context.run.run_id}",
            progress=progress,
            dbt=self.project.running_dbt(),
        )

    def _tell(self, told: Told) -> Iterator[Event]:
        match told:
            case Step(text):
                self.context.log.info(text)
            case Note(text):
                self.context.log.warning(text)
            case NodeEvent(state="finished", kind="model"):
                yield from self._model(told)
            case NodeEvent(state="finished", kind="test"):
                yield from self._tested(told)
            case _:
                pass

    def _model(self, event: NodeEvent) -> Iterator[Event]:
        key = self.loaded.dbt.model_keys.get(event.name)
        if key is None or event.status not in _PASSED:
            return
        metadata: dict[str, Any] = {"seconds": round(event.seconds, 3)}
        if event.rows is not None:
            metadata["dagster/row_count"] = event.rows
        if key in self.wanted.assets:
            yield dg.AssetMaterialization(key, metadata=metadata)

    def _tested(self, event: NodeEvent) -> Iterator[Event]:
        key = self.loaded.dbt.test_keys.get(event.name)
        if key is None or event.status == "skipped":
            return
        metadata: dict[str, Any] = {"seconds": round(event.seconds, 3), "status": event.status}
        if event.failures:
            metadata["rows_found"] = event.failures
        passed = event.status in _PASSED
        is_warning = event.status == "warn"
        yield dg.AssetCheckEvaluation(
            asset_key=key.asset_key,
            check_name=key.name,
            passed=passed,
            severity=dg.AssetCheckSeverity.WARN if is_warning else dg.AssetCheckSeverity.ERROR,
            description=None if passed else event.message,
            metadata=metadata,
        )

    def _test(self, keys: Collection[dg.AssetCheckKey]) -> Iterator[Event]:
        """Run those of dbt's tests that no build of this run came to."""
        names = sorted(key.name for key in keys if segment_name(key.asset_key) is None)
        if not names:
            return
        variables = {"as_of": format_instant(present())}
        dbt = self.project.running_dbt()
        for told in Streamed(lambda progress: dbt.run_tests(names, variables=variables, progress=progress)):
            yield from self._tell(told)

    def _segments(self, refreshed: Collection[str]) -> Iterator[Event]:
        """How the refreshed segments stand; and how the others' checks do, where these are wanted."""
        checked = {name for key in self.wanted.checks if (name := segment_name(key.asset_key))}
        for state in read_segment_states(self.project, self.loaded, {*refreshed, *checked}):
            if state.name in refreshed:
                yield segment_event(state)
            for check in segment_checks(state):
                if check.asset_check_key in self.wanted.checks:
                    yield _as_result(check)
                elif state.name in refreshed:
                    yield check

    def _tell_for_merged(self) -> None:
        """Tell the checks of the segments of runs that were merged into this one.

        Dagster shows what became of a check in the run that was made last, and one that was canceled says
        nothing. Without a run, it is told later than by any.
        """
        instance = self.context.instance
        # Where this is another try, they were merged into the first.
        tries = [self.context.run.run_id, self.context.run.root_run_id or self.context.run.run_id]
        merged = instance.get_runs(dg.RunsFilter(tags={MERGED_TAG: tries}))
        names: set[str] = set()
        for run in merged:
            selected = {segment_name(key) for key in run.asset_selection or ()} - {None}
            names |= {str(name) for name in selected} or {segment.name for segment in self.loaded.segments}
        for state in read_segment_states(self.project, self.loaded, names):
            for check in segment_checks(state):
                instance.report_runless_asset_event(check)


def _as_result(check: dg.AssetCheckEvaluation) -> dg.AssetCheckResult:
    """A check that was asked for: Dagster notes for which refresh of the segment it is."""
    return dg.AssetCheckResult(
        passed=check.passed,
        asset_key=check.asset_key,
        check_name=check.check_name,
        severity=check.severity,
        description=check.description,
        metadata=check.metadata,
    )


def present() -> datetime:
    """The instant for which a refresh is, in whole seconds like all that the command line publishes."""
    return datetime.now(UTC).replace(microsecond=0)


def read_segment_states(
    project: ProjectResource, loaded: Loaded, names: Collection[str]
) -> list[SegmentState]:
    """The segments of those names as they were last published."""
    if not names:
        return []
    plan = [segment.plan for segment in loaded.segments if segment.name in names]
    settings = project.settings()
    with project.connect() as connection:
        return read_states(connection, settings.schema, names, plan_segments=plan)


def summary(report: BuildReport) -> str:
    """What a build did, in words."""
    if report.run_id is None:
        return report.why
    entered, left = (sum(getattr(one, what) for one in report.segments) for what in ("entered", "left"))
    held: Mapping[str, str | None] = {segment.name: segment.reason for segment in report.unpublished}
    told = "".join(f"\n{name} is not published: {reason}" for name, reason in held.items())
    return (
        f"Run {report.run_id} as of {format_instant(report.as_of)} ({report.mode}, {report.why}): "
        f"{len(report.segments)} segments, {report.profiles} profiles looked at, {entered} entered, "
        f"{left} left.{told}"
    )
