"""The capture, put in place by the commands that bring a shop into the warehouse."""

import psycopg

from maho_segments.errors import SegmentsError
from maho_segments.services.progress import Progress
from maho_segments.services.project import Workspace
from maho_segments.services.schemas import schema_of


def captures_changes(connection: psycopg.Connection, schema: str) -> bool:
    """Whether the changes of the shop's tables are captured for this schema, or were meant to be."""
    row = connection.execute(
        "select 1 from pg_namespace where nspname = %s", [schema_of(schema, "capture")]
    ).fetchone()
    return row is not None


def install_capture(workspace: Workspace, progress: Progress) -> None:
    """Capture changes from now on. Where that can't be, say so and go on: builds look at everybody then."""
    # dbt takes two seconds: not before it is needed.
    from maho_segments.services.capture import open_capture  # noqa: PLC0415

    try:
        with open_capture(workspace, progress) as capture:
            progress.step("Capturing changes of the shop's tables")
            capture.install(progress)
    except SegmentsError as error:
        progress.note(f"Changes are not captured, so every build looks at everybody: {error}")
