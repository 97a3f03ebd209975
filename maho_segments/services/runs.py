"""The ledger of refreshes."""

from collections.abc import Sequence

from maho_segments.services.project import Workspace
from maho_segments.services.publications import PublicTables, Run
from maho_segments.warehouse import connect, ensure_running


def list_runs(workspace: Workspace, *, limit: int | None) -> Sequence[Run]:
    """The latest refreshes, so many of them or all, the last one first; none before the first build."""
    settings = ensure_running(workspace.folder, workspace.environ)
    with connect(settings) as connection:
        tables = PublicTables(connection, settings.schema)
        return tables.runs(limit=limit) if tables.exist() else []
