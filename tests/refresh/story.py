"""Stories: what happens to a shop, its segments and its refreshes, one step after the other, as plain data.

A step is a mapping with one word:

* `write`: what one transaction writes (`rows.py`)
* `clock`: the instant it is now
* `define`: edited `segments`, `attributes` (None: removed) or `guest_orders`
* `refresh`: of the `segments` named, else of all; `mode: full` asks for a full one, `compare` has a full one
  look whether something was left to do; `by: build` runs the service behind `segments build`; `nodes` ends it
  after so many of its models, and `fault` is the number of a statement, as a fraction of those of a refresh,
  and what happens before it; with `stale` it is held where the shop's tables are older than agreed
* `release`: what guards hold is published
* `audit`: what is published is compared with what the shop's rows say
* `capture`: removed, and installed again after those writes
"""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import psycopg

from maho_segments.errors import BuildError, DefinitionsError
from tests.properties.base_shop import Case
from tests.properties.warehouse import Definitions
from tests.refresh.faults import at_number, client_killed, counting, sessions_ended
from tests.refresh.laws import MismatchError, check_members, check_same, check_tables, snapshot
from tests.refresh.refreshing import RefreshWarehouse
from tests.refresh.rows import apply_writes
from tests.refresh.standing import Standing, check_standing, fails_for, read_standing, verdicts

Step = dict[str, Any]

# A part of what dbt_project.yml has, and what _maho__sources.yml agrees on.
_STALE: Final = {"guards": {"emptied_from": 100, "source_shrink_percent": 50, "stale_sources": True}}
_AGREED: Final = {"customer_entity": timedelta(days=7), "sales_flat_order": timedelta(days=3)}

_FAULTS = {"killed": client_killed, "lost": sessions_ended}


@dataclass(frozen=True)
class Story:
    """The shop in the beginning, the segments it is first refreshed with, and what happens then."""

    case: Case
    definitions: Definitions
    steps: list[Step] = field(default_factory=list)
    capture: str = "triggers"


@dataclass
class Counts:
    """What was tried: of refreshes those that came to their end, of them those that looked at what changed
    alone, and at how many profiles; those that did not come to their end; those compared with a full one;
    those of the service; audits; and how often a segment was held, was released or failed."""

    steps: int = 0
    refreshes: int = 0
    incremental: int = 0
    looked_at: int = 0
    faults: int = 0
    compared: int = 0
    by_build: int = 0
    audited: int = 0
    held: int = 0
    released: int = 0
    failed: int = 0


class Telling:
    """A story that is being told; a step raises MismatchError where the warehouse is wrong afterwards."""

    def __init__(self, warehouse: RefreshWarehouse, story: Story, counts: Counts | None = None) -> None:
        self.warehouse = warehouse
        self.counts = counts or Counts()
        self.as_of = story.case.as_of
        self._statements = 100
        self._may_wait = False
        warehouse.load(story.case, story.capture)
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
            case "release":
                self._release()
            case "audit":
                self._audit()
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
        selected = [name for name in how.get("segments", ()) if name in self._active()]
        before, runs = read_standing(self.warehouse), self.counts
        if "fault" in how or how.get("nodes"):
            runs.faults += 1
            share, fault = how.get("fault", (2.0, "killed"))
            place = at_number(max(1, round(share * self._statements)))
            with counting(self.warehouse.database, place, _FAULTS[fault]), suppress(BuildError):
                self._run(how, selected)
            self._check(before, selected, is_complete=False)
            return
        with counting(self.warehouse.database) as statements:
            try:
                self._run(how, selected)
            except BuildError as error:
                raise MismatchError("a refresh succeeds", str(error)) from error
        self._statements = statements.count
        runs.refreshes += 1
        if self.warehouse.last_mode() == "incremental":
            runs.incremental += 1
            runs.looked_at += self.warehouse.looked_at()
        is_stale = bool(how.get("stale")) and not self._may_wait and self._is_stale()
        self._check(before, selected, is_complete=True, is_stale=is_stale)
        if how.get("compare") and not selected and not self._may_wait:
            runs.compared += 1
            compared = snapshot(self.warehouse)
            self.warehouse.refresh(self.as_of, mode="full")
            check_same(compared, snapshot(self.warehouse))

    def _run(self, how: dict[str, Any], selected: list[str]) -> None:
        """By the service, which alone gets along with segments that fail, or by dbt alone."""
        self._may_wait = how.get("by") == "build" or self._fails()
        if self._may_wait:
            self.counts.by_build += 1
            self.warehouse.build(self.as_of, segments=selected)
        else:
            mode, nodes = how.get("mode", "auto"), how.get("nodes")
            variables = _STALE if how.get("stale") else None
            self.warehouse.refresh(self.as_of, segments=selected, mode=mode, nodes=nodes, variables=variables)

    def _release(self) -> None:
        """What is held is published, with all that it refers to."""
        before = read_standing(self.warehouse)
        held = [name for name in self._active() if before.status.get(name) == "held"]
        if not held or self._fails():
            return
        self.counts.released += len(held)
        try:
            self.warehouse.release(self.as_of)
        except BuildError as error:
            raise MismatchError("a release succeeds", str(error)) from error
        self._may_wait = False
        self._check(replace(before, accepted=before.accepted | set(held)), held, is_complete=True)

    def _audit(self) -> None:
        """No drift, unless nobody can say because news concerns everybody, or nothing is published."""
        try:
            report = self.warehouse.audit(self.as_of)
        except BuildError:
            return
        self.counts.audited += 1
        if report.drift:
            raise MismatchError("an audit finds no drift", repr(report.drift[:5]))

    def _is_stale(self) -> bool:
        shop = self.warehouse.shop()
        for table, agreed in _AGREED.items():
            times = [row["updated_at"] for row in shop.get(table, ()) if row["updated_at"] is not None]
            if not times or max(times).replace(tzinfo=UTC) < self.as_of - agreed:
                return True
        return False

    def _check(
        self, before: Standing, selected: list[str], *, is_complete: bool, is_stale: bool = False
    ) -> None:
        """What a run published is right; one that did not come to its end published everything or nothing."""
        check_tables(self.warehouse, is_of_all=is_complete and not selected)
        if not is_complete and read_standing(self.warehouse).runs == before.runs:
            check_standing(self.warehouse, before, {})
            return
        reference = self.warehouse.reference(self.as_of)
        evaluated = self._with_references(selected or self._active())
        segments = [segment for segment in self.warehouse.plan["segments"] if segment["name"] in evaluated]
        expected = verdicts(before, segments, reference.members, is_alarmed=is_stale)
        if self._may_wait:
            # The service does not ask in each refresh; how often is a matter of its unit tests.
            status = read_standing(self.warehouse).status
            expected |= {
                name: before.status[name]
                for name in expected
                if before.status.get(name) in ("held", "failed") and status[name] == before.status[name]
            }
        check_standing(self.warehouse, before, expected)
        kept = {name for name, status in expected.items() if status != "published"}
        self.counts.held += sum(status == "held" for status in expected.values())
        self.counts.failed += sum(status == "failed" for status in expected.values())
        check_members(
            self.warehouse, self.as_of, evaluated if selected or not is_complete else None, kept, reference
        )

    def _fails(self) -> bool:
        return any(segment["is_active"] and fails_for(segment) for segment in self.warehouse.plan["segments"])

    def _active(self) -> list[str]:
        return [segment["name"] for segment in self.warehouse.plan["segments"] if segment["is_active"]]

    def _with_references(self, names: Iterable[str]) -> set[str]:
        references = {segment["name"]: segment["references"] for segment in self.warehouse.plan["segments"]}
        found: set[str] = set()
        waiting = list(names)
        while waiting:
            name = waiting.pop()
            if name not in found:
                found.add(name)
                waiting += references[name]
        return found


NOTHING: Final[Step] = {"write": []}
"""A step that changes nothing."""

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
