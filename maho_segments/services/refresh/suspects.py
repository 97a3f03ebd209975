"""The segments that were held or failed when they were asked last: which of them a refresh asks again."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

import psycopg

from maho_segments.language.project import Project
from maho_segments.services.dbt import DbtProject
from maho_segments.services.instants import format_instant
from maho_segments.services.progress import Progress
from maho_segments.services.publications import Publication, PublicTables
from maho_segments.services.refresh.failing import find_failing, segment_probe
from maho_segments.services.refresh.selection import Selection, with_references
from maho_segments.services.refresh.state import BuildState
from maho_segments.services.refresh.waiting import Attempt, next_attempts, waiting_segments
from maho_segments.warehouse import ConnectionSettings


@dataclass
class Suspects:
    """The suspects of one refresh. Methods raise psycopg's errors where the database does."""

    connection: psycopg.Connection
    settings: ConnectionSettings
    dbt: DbtProject
    project: Project
    plan: Mapping[str, Any]
    progress: Progress

    def waiting(self, selection: Selection, as_of: datetime) -> set[str]:
        """The segments that are held or failed and not asked in this refresh; says so."""
        waiting = waiting_segments(
            self._active,
            self._attempts,
            unpublished=self._unpublished,
            named=selection.named,
            as_of=as_of,
        )
        if waiting:
            again = min(self._attempts[name].again for name in waiting)
            self.progress.note(
                f"Held or failed, and asked again from {format_instant(again)} on, or by --select: "
                f"{', '.join(sorted(waiting))}."
            )
        return waiting

    def still_failing(self, as_of: datetime, waiting: set[str]) -> dict[str, str]:
        """The segments that fail, of those that failed before: one probe where nothing has changed.

        Those that wait are taken to fail still.
        """
        failed = {name: one.reason or "" for name, one in self._unpublished.items() if one.status == "failed"}
        known = {name: reason for name, reason in failed.items() if name in waiting}
        if failed.keys() <= waiting:
            return known
        self.progress.step("Trying the segments that failed last time")
        asked = with_references(self._active, failed.keys() - waiting)
        return known | self._find([self._active[name] for name in asked], as_of)

    def find_failing(self, known: Mapping[str, str], as_of: datetime) -> dict[str, str]:
        """The segments that fail beside the known ones."""
        self.progress.step("Finding the segments that fail")
        return self._find([segment for name, segment in self._active.items() if name not in known], as_of)

    def remember(self, selection: Selection, as_of: datetime, waiting: set[str]) -> None:
        """Note for the next refresh which were asked in this one, after it, and are held or failed."""
        unpublished = self._read_unpublished()
        # One that fails spoils the features of all: it is asked whatever was selected.
        asked = {name for name, one in unpublished.items() if one.status == "failed"} | set(selection.names)
        attempts = next_attempts(
            self._active, self._attempts, unpublished=unpublished, asked=asked - waiting, as_of=as_of
        )
        if attempts != self._attempts:
            self._state.note_attempts(attempts)

    def _find(self, segments: list[Mapping[str, Any]], as_of: datetime) -> dict[str, str]:
        found = find_failing(segments, segment_probe(self.dbt, self.connection, self.project, as_of))
        for name, reason in found.items():
            self.progress.note(f"{name} fails: {reason}")
        return found

    @property
    def _state(self) -> BuildState:
        return BuildState(self.connection, self.settings.schema)

    @cached_property
    def _attempts(self) -> dict[str, Attempt]:
        return self._state.attempts()

    @cached_property
    def _active(self) -> dict[str, Mapping[str, Any]]:
        return {segment["name"]: segment for segment in self.plan["segments"] if segment["is_active"]}

    @cached_property
    def _unpublished(self) -> dict[str, Publication]:
        return self._read_unpublished()

    def _read_unpublished(self) -> dict[str, Publication]:
        tables = PublicTables(self.connection, self.settings.schema)
        published = tables.publications() if tables.exist() else []
        return {
            one.name: one
            for one in published
            if one.status in ("held", "failed") and one.name in self._active
        }
