"""What a person asks first: are the segments up to date, and does it go on by itself?"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg

from maho_segments.errors import DefinitionsError, SegmentsError, WarehouseError
from maho_segments.services.definitions import read_definitions
from maho_segments.services.doctor.dagster import look_at_dagster
from maho_segments.services.doctor.finding import Finding
from maho_segments.services.doctor.operation import look_at_operation, read_operation
from maho_segments.services.doctor.warehouse import look_at_builds
from maho_segments.services.project import Workspace
from maho_segments.services.publications import PublicTables
from maho_segments.warehouse import connect, read_settings


@dataclass(frozen=True)
class Status:
    """What was found, and the figures behind it: of what answers."""

    findings: tuple[Finding, ...]
    figures: Mapping[str, Any]

    @property
    def is_fine(self) -> bool:
        """Whether nothing needs a person."""
        return all(finding.state == "good" for finding in self.findings)

    def as_dict(self) -> dict[str, Any]:
        """The status for programs; instants are left to whoever prints them."""
        findings = [finding.as_dict() for finding in self.findings]
        return {"is_fine": self.is_fine, "findings": findings, **self.figures}


def read_status(workspace: Workspace, *, now: datetime) -> Status:
    """The status of a project's warehouse and Dagster. Starts nothing, changes nothing, and is quick."""
    findings: list[Finding] = []
    figures: dict[str, Any] = {}
    segments: list[dict[str, Any]] = []
    try:
        segments = read_definitions(workspace).plan["segments"]
    except DefinitionsError as error:
        findings.append(Finding("definitions", "bad", error.message, "`segments validate` says which."))
    try:
        found, figures = _look_at_warehouse(workspace, segments, now=now)
        findings += found
    except psycopg.Error as error:
        told = str(error).strip().partition("\n")[0]
        findings.append(Finding("warehouse", "bad", told, "`segments doctor` looks deeper."))
    except SegmentsError as error:
        subject = "warehouse" if isinstance(error, WarehouseError) else "settings"
        findings.append(Finding(subject, "bad", error.message, error.hint or ""))
    dagster = look_at_dagster(workspace)
    return Status((*findings, *dagster.findings), {**figures, **dagster.as_dict()})


def _look_at_warehouse(
    workspace: Workspace, segments: Sequence[Mapping[str, Any]], *, now: datetime
) -> tuple[list[Finding], dict[str, Any]]:
    settings = read_settings(workspace.folder, workspace.environ)
    with connect(settings, autocommit=True, application_name="segments status") as connection:
        tables = PublicTables(connection, settings.schema)
        run, published = (tables.last_run(), tables.publications()) if tables.exist() else (None, [])
        operation = read_operation(connection, settings.schema, segments, environ=workspace.environ, now=now)
        findings = [
            Finding("warehouse", "good", f"answers, {settings.uri()}, schema {settings.schema}"),
            *look_at_builds(connection, settings, now=now),
            *look_at_operation(operation, now=now),
        ]
    figures = {
        "warehouse": {"uri": settings.uri(), "schema": settings.schema},
        "last_run": run.as_dict() if run else None,
        "segments": dict(Counter(one.status for one in published if one.is_active)),
        **operation.as_dict(),
    }
    return findings, figures
