"""Change capture: triggers on the shop's tables that log whom a change concerns."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import psycopg
from psycopg import errors

from maho_segments.errors import WarehouseError
from maho_segments.services.capture_status import CapturedTable, CaptureStatus, read_status
from maho_segments.services.dbt import DbtProject
from maho_segments.services.progress import Progress
from maho_segments.services.project import Workspace
from maho_segments.warehouse import ConnectionSettings, connect, ensure_running

_INSTEAD: Final = (
    "Without triggers, `change_capture: clocks` in dbt_project.yml goes by the times in the rows: "
    "see docs/capture.md."
)


@dataclass(frozen=True)
class InstallReport:
    """What an installation did: what was not there before, and what is not captured still."""

    installed: tuple[str, ...]
    indexes: tuple[str, ...]
    gaps: Mapping[str, str]

    def as_dict(self) -> dict[str, Any]:
        """The report for programs."""
        return {"installed": list(self.installed), "indexes": list(self.indexes), "gaps": dict(self.gaps)}


class Capture:
    """The capture of a project's sources, as its macros describe it, in the database of one connection."""

    def __init__(
        self,
        dbt: DbtProject,
        settings: ConnectionSettings,
        connection: psycopg.Connection,
        *,
        lock_timeout: str = "10s",
    ) -> None:
        """`connection` is in autocommit mode, so that no two tables of the shop are locked at once.

        Whoever waits for a table that is in use keeps new writers waiting: after `lock_timeout` it gives up.
        """
        self._lock_timeout = lock_timeout
        self._dbt = dbt
        self._settings = settings
        self._connection = connection

    def install(self, progress: Progress) -> InstallReport:
        """Capture every table that can be; what is in place already is left alone.

        Raises WarehouseError where a right is missing or a table stays in use; what was done by then stays.
        """
        inspection = self._inspect()
        if inspection["mode"] == "clocks":
            raise WarehouseError(
                "dbt_project.yml says `change_capture: clocks`: changes are known by the times in the rows.",
                "Set `change_capture: triggers` there to have them captured.",
            )
        self._refuse_without_rights(read_status(self._connection, inspection).tables)
        steps = inspection["statements"]
        for number, step in enumerate(steps):
            progress.part(step["what"], number, len(steps))
            with self._explaining(step["what"]), self._connection.transaction():
                self._execute(step["statements"], local=True)
        indexes = inspection["indexes"]
        for number, step in enumerate(indexes):
            progress.part(f"index of {step['what']}", number, len(indexes))
            with self._explaining(step["what"]):
                self._execute(step["statements"], local=False)
        return InstallReport(
            tuple(step["what"] for step in steps[1:]),
            tuple(step["what"] for step in indexes),
            {
                table.name: table.gap
                for table in read_status(self._connection, inspection).tables
                if table.gap is not None
            },
        )

    def remove(self) -> int:
        """Take away every trigger, function and index of the capture, and the log; how many there were.

        Raises WarehouseError where a right is missing or a table stays in use; what was done by then stays.
        """
        rows = self._connection.execute(self._inspect()["removal"].encode()).fetchall()
        for (statement,) in rows:
            with self._explaining(statement), self._connection.transaction():
                self._execute([statement], local=True)
        return len(rows)

    def status(self) -> CaptureStatus:
        """How each table is captured, and what of the log is news to whom. Changes nothing."""
        return read_status(self._connection, self._inspect())

    def _inspect(self) -> dict[str, Any]:
        inspection: dict[str, Any] = json.loads(
            self._dbt.compile_inline("{{ capture_inspection() }}", variables={})
        )
        return inspection

    def _execute(self, statements: list[str], *, local: bool) -> None:
        self._connection.execute(
            f"set {'local ' if local else ''}lock_timeout = '{self._lock_timeout}'".encode()
        )
        for statement in statements:
            self._connection.execute(statement.encode())

    def _refuse_without_rights(self, tables: tuple[CapturedTable, ...]) -> None:
        closed = [table.name for table in tables if table.exists and not table.is_owned]
        if closed:
            raise WarehouseError(
                f"{self._settings.user} can't put triggers on {', '.join(closed)}: only their owner may.",
                f'Let their owner, or a superuser, say: grant OWNER to "{self._settings.user}", with the '
                f"owner's name for OWNER. {_INSTEAD}",
            )

    @contextmanager
    def _explaining(self, what: str) -> Iterator[None]:
        """Turn what the database refuses into an error of ours that says what to do."""
        try:
            yield
        except errors.LockNotAvailable:
            raise WarehouseError(
                f"{what} has been in use for more than {self._lock_timeout}.",
                "What was done before stays. Run it again when the transaction that uses it has ended.",
            ) from None
        except errors.InsufficientPrivilege as error:
            raise WarehouseError(
                f"{what}: {error.diag.message_primary}.",
                "It takes the right to make schemas, and to own the shop's tables: grant create on database "
                f'"{self._settings.dbname}" to "{self._settings.user}". {_INSTEAD}',
            ) from None


@contextmanager
def open_capture(workspace: Workspace, progress: Progress) -> Iterator[Capture]:
    """The capture of a project's warehouse. Raises WarehouseError, and BuildError where dbt fails."""
    progress.step("Reaching the warehouse")
    settings = ensure_running(workspace.folder, workspace.environ)
    progress.step("Reading the dbt project")
    dbt = DbtProject(workspace.folder, settings, workspace.environ)
    with connect(settings, autocommit=True) as connection:
        yield Capture(dbt, settings, connection)
