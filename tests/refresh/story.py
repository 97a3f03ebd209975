"""Stories: what happens to a shop, its segments and its refreshes, one step after the other, as plain data.

A step is a mapping with one word:

* `write`: what one transaction writes (`rows.py`)
* `clock`: the instant it is now
* `define`: edited `segments`, `attributes` (None: removed) or `guest_orders`
* `refresh`: of the `segments` named, else of all; `mode: full` asks for a full one, `compare` has a full one
  look whether something was left to do; `nodes` ends it after so many of its models, and `fault` is the
  number of a statement, as a fraction of those of a refresh, and what happens before it
* `capture`: removed, and installed again after those writes
"""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

import psycopg

from maho_segments.errors import BuildError, DefinitionsError
from maho_segments.language import compile_plan
from tests.properties.base_shop import Case
from tests.properties.warehouse import Definitions
from tests.refresh.faults import at_number, client_killed, counting, sessions_ended
from tests.refresh.laws import MismatchError, check_members, check_same, check_tables, snapshot
from tests.refresh.refreshing import RefreshWarehouse
from tests.refresh.rows import apply_writes

Step = dict[str, Any]

_FAULTS = {"killed": client_killed, "lost": sessions_ended}


@dataclass(frozen=True)
class Story:
    """The shop in the beginning, the segments it is first refreshed with, and what happens then."""

    case: Case
    definitions: Definitions
    steps: list[Step] = field(default_factory=list)


@dataclass
class Counts:
    """What was tried."""

    steps: int = 0
    refreshes: int = 0
    incremental: int = 0
    faults: int = 0


class Telling:
    """A story that is being told; a step raises MismatchError where the warehouse is wrong afterwards."""

    def __init__(self, warehouse: RefreshWarehouse, story: Story, counts: Counts | None = None) -> None:
        self.warehouse = warehouse
        self.counts = counts or Counts()
        self.as_of = story.case.as_of
        self._statements = 100
        warehouse.load(story.case)
        warehouse.define(story.definitions, story.case.guest_orders)
        self._refresh({})

    def take(self, step: Step) -> None:
        """One step. A write that the database refuses, or definitions that are not valid, change nothing."""
        ((word, what),) = step.items()
        self.counts.steps += 1
        match word:
            case "write":
                self._write(what)
            case "clock":
                self.as_of = max(self.as_of, datetime.fromisoformat(what))
            case "define":
                self._define(what)
            case "refresh":
                self._refresh(what)
            case "capture":
                self.warehouse.remove_capture()
                self._write(what)
                self.warehouse.install_capture()
            case _:
                raise ValueError(step)

    def _write(self, writes: list[Any]) -> None:
        with self.warehouse.database.connect() as connection:
            try:
                with connection.transaction():
                    apply_writes(connection, writes)
            except psycopg.IntegrityError:
                return

    def _define(self, edits: dict[str, Any]) -> None:
        now = self.warehouse.definitions
        edited = Definitions(
            _edited(now.segments, edits.get("segments", {})),
            _edited(now.attributes, edits.get("attributes", {})),
        )
        try:
            self.warehouse.define(edited, edits.get("guest_orders", self.warehouse.guest_orders))
        except DefinitionsError:
            return

    def _refresh(self, how: dict[str, Any]) -> None:
        self.counts.refreshes += 1
        active = self._active()
        selected = [name for name in how.get("segments", ()) if name in active]
        options: dict[str, Any] = {
            "segments": selected,
            "mode": how.get("mode", "auto"),
            "nodes": how.get("nodes"),
        }
        if "fault" in how or how.get("nodes"):
            self._interrupted(how, options)
            return
        with counting(self.warehouse.database) as statements:
            try:
                self.warehouse.refresh(self.as_of, **options)
            except BuildError as error:
                raise MismatchError("a refresh succeeds", str(error)) from error
        self._statements = statements.count
        self.counts.incremental += self.warehouse.last_mode() == "incremental"
        check_tables(self.warehouse, is_of_all=not selected)
        check_members(self.warehouse, self.as_of, self._with_references(selected) if selected else None)
        if how.get("compare") and not selected:
            before = snapshot(self.warehouse)
            self.warehouse.refresh(self.as_of, mode="full")
            check_same(before, snapshot(self.warehouse))

    def _interrupted(self, how: dict[str, Any], options: dict[str, Any]) -> None:
        """A refresh that does not come to its end publishes everything or nothing."""
        self.counts.faults += 1
        share, fault = how.get("fault", (2.0, "killed"))
        before = self.warehouse.published()
        place = at_number(max(1, round(share * self._statements)))
        with counting(self.warehouse.database, place, _FAULTS[fault]), suppress(BuildError):
            self.warehouse.refresh(self.as_of, **options)
        check_tables(self.warehouse, is_of_all=False)
        if self.warehouse.published() != before:
            selected = options["segments"]
            check_members(self.warehouse, self.as_of, self._with_references(selected or self._active()))

    def _active(self) -> list[str]:
        return [segment["name"] for segment in self._plan() if segment["is_active"]]

    def _with_references(self, names: Iterable[str]) -> set[str]:
        references = {segment["name"]: segment["references"] for segment in self._plan()}
        found: set[str] = set()
        waiting = list(names)
        while waiting:
            name = waiting.pop()
            if name not in found:
                found.add(name)
                waiting += references[name]
        return found

    def _plan(self) -> list[dict[str, Any]]:
        plan: dict[str, Any] = compile_plan(self.warehouse.project(self.warehouse.definitions))
        segments: list[dict[str, Any]] = plan["segments"]
        return segments


LAST: Final[Step] = {"refresh": {"compare": True}}
"""With which every story ends."""


def tell(warehouse: RefreshWarehouse, story: Story, counts: Counts | None = None) -> MismatchError | None:
    """What was wrong in the end, or None; `story.steps` are taken up to that."""
    try:
        telling = Telling(warehouse, story, counts)
        for step in [*story.steps, LAST]:
            telling.take(step)
    except MismatchError as mismatch:
        return mismatch
    return None


def with_steps(story: Story, steps: list[Step]) -> Story:
    """The story with other steps."""
    return replace(story, steps=steps)


def _edited(now: Any, edits: dict[str, Any]) -> dict[str, Any]:
    merged = {**now, **edits}
    return {name: definition for name, definition in merged.items() if definition is not None}
