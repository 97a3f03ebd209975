"""What stands in the way: in the installation, the definitions, the warehouse, the shop and the builds."""

from collections.abc import Iterator
from datetime import datetime

from maho_segments.errors import WarehouseError
from maho_segments.services.doctor.finding import Finding
from maho_segments.services.doctor.installation import look_at_definitions, look_at_disk, look_at_installation
from maho_segments.services.doctor.warehouse import look_at_builds, look_at_server
from maho_segments.services.project import Workspace
from maho_segments.warehouse import connect, read_settings

__all__ = ["Finding", "examine"]


def examine(workspace: Workspace, *, now: datetime) -> Iterator[Finding]:
    """Everything worth knowing, in the order in which to repair it; what needs a broken thing is left out.

    Changes nothing and starts nothing.
    """
    yield from look_at_installation(workspace.folder)
    yield from look_at_definitions(workspace)
    yield look_at_disk(workspace)
    try:
        settings = read_settings(workspace.folder, workspace.environ)
        connection = connect(settings, autocommit=True)
    except WarehouseError as error:
        yield Finding("warehouse", "bad", error.message, error.hint or "")
        return
    with connection:
        yield from look_at_server(connection, settings, now=now)

        from maho_segments.services.doctor.shop import look_at_shop  # noqa: PLC0415  dbt takes two seconds: not before it is needed

        yield from look_at_shop(workspace, connection, settings)
        yield from look_at_builds(connection, settings, now=now)
