"""Checks that are no part of a refresh: how old the shop's rows are, and whether memberships drifted."""

from collections.abc import Iterator
from itertools import islice
from typing import Any

import dagster as dg
from pydantic import Field

from maho_segments.errors import NothingToAuditError
from maho_segments.services.audit import AuditReport, audit
from maho_segments.services.dbt_events import SourceAge
from orchestration.assets.refresh import POOL, present
from orchestration.failing import fail
from orchestration.loading import Loaded
from orchestration.project import ProjectResource
from orchestration.streaming import Note, Step, Streamed

AUDIT_CHECK = "no_drift"
FRESHNESS_CHECK = "is_fresh"
AUDIT_OP = "audit"
FRESHNESS_OP = "raw_freshness"
_SHOWN = 20


class AuditConfig(dg.Config):
    """How much is compared, and whether what differs is put right."""

    profiles: int = Field(
        default=1000, ge=1, description="How many: those behind the ones of the last audit."
    )
    everybody: bool = Field(default=False, description="All profiles instead: takes as long as a full build.")
    repair: bool = Field(default=False, description="Have a build put right what differs.")


def audit_check(loaded: Loaded) -> dg.AssetChecksDefinition:
    """The check that the memberships are those that a full build would find."""
    spec = dg.AssetCheckSpec(
        AUDIT_CHECK,
        asset=loaded.memberships,
        description="Compares the memberships of a sample of profiles, a different one each time, with a "
        "recompute from the shop's rows. Whatever differs is a defect. A warning says that there was nothing "
        "to compare yet.",
    )

    @dg.multi_asset_check(name=AUDIT_OP, specs=[spec], pool=POOL)
    def check(
        context: dg.AssetCheckExecutionContext, config: AuditConfig, project: ProjectResource
    ) -> Iterator[dg.AssetCheckResult]:
        work = Streamed(
            lambda progress: audit(
                project.workspace(),
                size=None if config.everybody else config.profiles,
                repair=config.repair,
                now=present(),
                initiated_by=f"dagster:{context.run.run_id}",
                progress=progress,
            )
        )
        try:
            for told in work:
                if isinstance(told, Step | Note):
                    context.log.info(told.text)
        except NothingToAuditError as error:
            context.log.warning(str(error))
            yield _not_audited(spec, error)
            return
        except Exception as error:
            fail(error, context.op_execution_context.retry_number)
        yield _audit_result(spec, work.result)

    return check


def _not_audited(spec: dg.AssetCheckSpec, error: NothingToAuditError) -> dg.AssetCheckResult:
    """Nobody need get up for it: the next refresh makes something to compare, and the next audit does."""
    return dg.AssetCheckResult(
        passed=False,
        asset_key=spec.asset_key,
        check_name=spec.name,
        severity=dg.AssetCheckSeverity.WARN,
        description=f"Nothing was compared. {error.message}",
        metadata={"what_to_do": error.hint or ""},
    )


def _audit_result(spec: dg.AssetCheckSpec, report: AuditReport) -> dg.AssetCheckResult:
    metadata: dict[str, Any] = {}
    if report.drift:
        metadata["what_to_do"] = (
            "A build has put it right; tell the developers of Maho Segments all the same."
            if report.repaired
            else "Run audit_job with `everybody` and `repair`, which puts it right, and tell the developers."
        )
        rows = [f"| {one.profile_id} | {one.segment} | {one.found} |" for one in islice(report.drift, _SHOWN)]
        metadata["drift"] = dg.MetadataValue.md(
            "\n".join(["| profile | segment | membership |", "| ---: | --- | --- |", *rows])
        )
    metadata |= {
        "profiles_compared": report.checked,
        "profiles_skipped_for_their_news": report.skipped,
        "memberships_compared": report.memberships,
        "memberships_that_differ": len(report.drift),
        "segments": report.segments,
        "as_of": dg.MetadataValue.timestamp(report.as_of),
        "seconds": round(report.seconds, 2),
        "repaired": report.repaired,
    }
    return dg.AssetCheckResult(
        passed=not report.drift,
        asset_key=spec.asset_key,
        check_name=spec.name,
        description=f"{len(report.drift):,} memberships differ." if report.drift else None,
        metadata=metadata,
    )


def freshness_check(loaded: Loaded) -> dg.AssetChecksDefinition:
    """The checks that the shop's tables still get rows."""
    keys = loaded.dbt.dated_sources

    @dg.multi_asset_check(
        name=FRESHNESS_OP,
        specs=[
            dg.AssetCheckSpec(
                FRESHNESS_CHECK,
                asset=key,
                description="Whether the newest row is as young as `freshness` in _maho__sources.yml asks.",
            )
            for key in keys.values()
        ],
        can_subset=True,
    )
    def check(
        context: dg.AssetCheckExecutionContext, project: ProjectResource
    ) -> Iterator[dg.AssetCheckResult]:
        try:
            ages = project.running_dbt().source_ages()
        except Exception as error:
            fail(error, context.op_execution_context.retry_number)
        for age in ages:
            result = _freshness_result(keys[age.unique_id], age)
            if result.asset_key in {key.asset_key for key in context.selected_asset_check_keys}:
                yield result

    return check


def _freshness_result(key: dg.AssetKey, age: SourceAge) -> dg.AssetCheckResult:
    metadata: dict[str, Any] = {}
    passed = age.status == "pass"
    if not passed:
        metadata["what_to_do"] = (
            "See whether the shop's rows still arrive: the import, the replication, or the shop itself may "
            "stand still. The segments are as old as their newest rows."
        )
    if age.newest:
        metadata["newest_row"] = dg.MetadataValue.timestamp(age.newest)
    metadata |= {"agreed": age.agreed, "status": age.status}
    return dg.AssetCheckResult(
        passed=passed,
        asset_key=key,
        check_name=FRESHNESS_CHECK,
        severity=dg.AssetCheckSeverity.WARN if age.status == "warn" else dg.AssetCheckSeverity.ERROR,
        description=age.message or None,
        metadata=metadata,
    )
