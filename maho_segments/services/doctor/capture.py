"""The doctor's look at the capture: whether a refresh can know what changed, and what it may miss."""

from collections.abc import Iterator

import psycopg

from maho_segments.errors import SegmentsError
from maho_segments.services.capture import Capture
from maho_segments.services.capture_status import CaptureStatus
from maho_segments.services.dbt import DbtProject
from maho_segments.services.doctor.finding import Finding
from maho_segments.warehouse import ConnectionSettings


def look_at_capture(
    connection: psycopg.Connection, settings: ConnectionSettings, dbt: DbtProject
) -> Iterator[Finding]:
    """How changes become known, and each reason why builds look at everybody instead."""
    try:
        status = Capture(dbt, settings, connection).status()
    except (SegmentsError, psycopg.Error) as error:
        yield Finding("capture", "bad", str(error).strip())
        return
    if status.mode == "clocks":
        yield from _clocks(status)
        return
    if status.log_rows is None:
        found = "nothing captures changes, so every build looks at everybody"
        yield Finding("capture", "warning", found, "Run `segments capture install`.")
        return
    for gap in status.gaps:
        hint = "Until it is captured, builds look at everybody: `segments capture install`, docs/capture.md."
        yield Finding("capture", "warning", gap, hint)
    if status.outdated:
        found = f"a former version captures {', '.join(status.outdated)}: `segments watch` is not woken"
        yield Finding("capture", "warning", found, "Run `segments capture install`.")
    if not status.gaps:
        captured = sum(table.exists for table in status.tables)
        found = f"changes of all {captured} tables are captured; {status.log_rows:,} rows in the log"
        yield Finding("capture", "good", found)


def _clocks(status: CaptureStatus) -> Iterator[Finding]:
    found = (
        "changes are known by clocks: deleted rows, and edits that move no clock, wait for the daily full run"
    )
    yield Finding("capture", "warning", found, "Triggers miss nothing: docs/capture.md.")
    unclocked = [table.name for table in status.tables if table.exists and table.name in status.unclocked]
    if unclocked:
        yield Finding("capture", "warning", f"no clock in {', '.join(unclocked)}")
