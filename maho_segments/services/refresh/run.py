"""One refresh: what dbt is asked to do, who is left out, and what the next refresh may rely on."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg
from dbt.contracts.graph.nodes import ModelNode

from maho_segments import language
from maho_segments.language.project import Project
from maho_segments.services.dbt import DbtError, DbtProject
from maho_segments.services.instants import format_instant
from maho_segments.services.progress import NodeEvent, Progress
from maho_segments.services.publications import PublicTables, Run
from maho_segments.services.refresh.failing import blames_segments, nameless_error
from maho_segments.services.refresh.fingerprints import audiences_fingerprint, code_fingerprint
from maho_segments.services.refresh.selection import Selection
from maho_segments.services.refresh.state import BuildState, dead_run_note
from maho_segments.services.refresh.suspects import Suspects
from maho_segments.services.shop_names import note_unknown_names
from maho_segments.warehouse import ConnectionSettings

# What an incremental refresh writes; views follow by themselves.
REFRESHED_MODELS = (
    "segment_definitions",
    "refresh_scope",
    "changed_keys",
    "profile_identities",
    "profiles",
    "changed_profiles",
    "unlogged_product_views",
    "profile_features",
    "segment_memberships",
)
# What of a plan follows from the rules of its segments.
_OF_FEATURES = ("profile", "relations", "clocks")
# PostgreSQL's words for a table, view or column that is not there.
_MISSING = "does not exist"
_PUBLISHED = "segment_memberships"
_PUBLISHED_UNTESTED = (
    "The segments are published, and what a test found is so all the same. Where memberships are wrong, "
    "`segments audit --all --repair` puts them right."
)
_AUDIENCES = "segment_members"
# The folders of models that a refresh keeps by itself.
_KEPT_FOLDERS = ("refresh", "identities", "membership")


@dataclass(frozen=True)
class Request:
    """What is to be refreshed and for whom: which segments, as of when, and whether all is made anew."""

    selection: Selection
    as_of: datetime
    started: datetime
    full: bool = False
    accept_erasures: bool = False
    initiated_by: str = ""


@dataclass(frozen=True)
class Refresh:
    """A refresh of one project in one warehouse, for the holder of the build lock, whose connection it is."""

    settings: ConnectionSettings
    connection: psycopg.Connection
    dbt: DbtProject
    project: Project
    plan: Mapping[str, Any]
    progress: Progress

    @property
    def _state(self) -> BuildState:
        return BuildState(self.connection, self.settings.schema)

    def run(self, request: Request) -> list[NodeEvent]:
        """Refresh the segments; what dbt ran. Raises DbtError where it fails and no segment is to blame."""
        if dead := self._state.bury_dead_run():
            self.progress.note(dead_run_note(dead))
        self._state.begin_run(
            as_of=request.as_of, started_at=request.started, initiated_by=request.initiated_by
        )
        nodes: list[NodeEvent] = []
        try:
            nodes = self._refresh(request)
        except DbtError as error:
            # It is in the ledger; whatever else ends a refresh is told by the next one.
            self._state.end_run()
            run = self._latest_run(request)
            error.run_id = run.run_id if run else None
            raise
        self._state.end_run()
        return nodes

    def _refresh(self, request: Request) -> list[NodeEvent]:
        code = code_fingerprint(self.dbt.parse(), self.project.directory, self.plan, self.connection)
        notes = self._state.notes()
        why_full = self._why_full(notes, code, request)
        if why_full:
            if code not in (notes.get("code"), notes.get("built")):
                self._state.forget_pointers()
            return self._refresh_all(request, code, why_full)
        try:
            return self._refresh_changed(request, code, notes)
        except DbtError as error:
            if _MISSING not in error.message:
                raise
            self.progress.note("Something that was built is missing; everything is made anew.")
            return self._refresh_all(request, code, "something that was built before is missing")

    def _refresh_all(self, request: Request, code: str, why: str) -> list[NodeEvent]:
        """Build and test every model, and note for the next refresh that they are made by this code."""
        if advice := language.advise(self.project):
            noun = "warning" if len(advice) == 1 else "warnings"
            self.progress.note(f"{len(advice)} {noun} in the definitions: see `segments validate`.")

        def run(variables: Mapping[str, object]) -> list[NodeEvent]:
            return self.dbt.build(
                variables={**variables, "refresh_mode": "full", "full_because": why},
                full_refresh=request.full,
                progress=self.progress,
            )

        try:
            nodes = self._isolating(request, run, may_wait=False)
        except DbtError as error:
            if self._failed_tests_only(error, request):
                self._state.note("built", code)
                error.hint = f"{_PUBLISHED_UNTESTED}\n{error.hint}"
            raise
        self._state.note("code", code)
        self._state.note("audiences", audiences_fingerprint(self.plan))
        note_unknown_names(self.settings, self.plan, self.dbt.relation_names(), self.progress)
        return nodes

    def _failed_tests_only(self, error: DbtError, request: Request) -> bool:
        """Whether a build published all the same: whatever the memberships come from is made by its code."""
        if any(failure.kind != "test" for failure in error.failures):
            return False
        run = self._latest_run(request) if error.failures else None
        # Not `failed`, which may not have come to the memberships.
        return run is not None and run.status in ("published", "held")

    def _latest_run(self, request: Request) -> Run | None:
        """What the ledger has of this refresh: its latest run, where it came to one."""
        tables = PublicTables(self.connection, self.settings.schema)
        run = tables.last_run() if tables.exist() else None
        is_ours = run is not None and run.started_at is not None and run.started_at >= request.started
        return run if is_ours else None

    def _refresh_changed(self, request: Request, code: str, notes: Mapping[str, str]) -> list[NodeEvent]:
        """Refresh the tables alone, by what changed; and the audiences' views where these would be others."""
        audiences = audiences_fingerprint(self.plan)
        has_new_views = notes.get("audiences") != audiences
        models = [*REFRESHED_MODELS, *([_AUDIENCES] if has_new_views else [])]

        def run(variables: Mapping[str, object]) -> list[NodeEvent]:
            return self.dbt.run_models(
                models,
                variables={**variables, "refresh_mode": "auto", "code_fingerprint": code},
                progress=self.progress,
            )

        nodes = self._isolating(request, run, may_wait=True)
        if has_new_views:
            self._state.note("audiences", audiences)
        return nodes

    def _why_full(self, notes: Mapping[str, str], code: str, request: Request) -> str:
        """Why everything has to be built, for people; nothing where what changed is enough."""
        if request.full:
            return "it was asked for"
        if "code" not in notes:
            tables = PublicTables(self.connection, self.settings.schema)
            if not tables.exist() or tables.newest_as_of() is None:
                return "it is the first build"
            return "the last full build did not end well, or dbt was run by itself"
        if notes["code"] != code:
            return "the project's code or the shop's columns are not those of the last full build"
        copies = self._copies()
        return f"only a full build renews {', '.join(copies)}" if copies else ""

    def _copies(self) -> list[str]:
        """Models behind the memberships that are tables, and none that a refresh brings up to date."""
        models = {name: node for name, node in self.dbt.parse().nodes.items() if isinstance(node, ModelNode)}
        waiting = [name for name, node in models.items() if node.name == _PUBLISHED]
        for name in waiting:
            waiting += [
                parent
                for parent in models[name].depends_on.nodes
                if parent in models and parent not in waiting
            ]
        return [
            node.name
            for node in map(models.__getitem__, waiting)
            if node.config.materialized not in ("view", "ephemeral")
            and node.name not in REFRESHED_MODELS
            and node.fqn[1] not in _KEPT_FOLDERS
        ]

    def _isolating(
        self,
        request: Request,
        run: Callable[[Mapping[str, object]], list[NodeEvent]],
        *,
        may_wait: bool,
    ) -> list[NodeEvent]:
        """Run dbt without the segments that fail by themselves, and without asking those that may wait."""
        suspects = Suspects(self.connection, self.settings, self.dbt, self.project, self.plan, self.progress)
        waiting = suspects.waiting(request.selection, request.as_of) if may_wait else set[str]()
        failing = suspects.still_failing(request.as_of, waiting)
        self.progress.step(f"Building as of {format_instant(request.as_of)}")
        while True:
            variables: dict[str, object] = {
                "as_of": format_instant(request.as_of),
                "segments": request.selection.variable,
                "initiated_by": request.initiated_by,
            }
            if request.accept_erasures:
                variables["accept_erasures"] = True
            if waiting:
                variables["waiting_segments"] = sorted(waiting)
            if failing:
                rest = language.compile_plan(self.project, without=failing)
                variables["failed_segments"] = failing
                variables["plan_without_failed"] = {key: rest[key] for key in _OF_FEATURES if key in rest}
            try:
                nodes = run(variables)
                break
            except DbtError as error:
                found = suspects.find_failing(failing, request.as_of) if blames_segments(error) else {}
                if not found:
                    raise
                failing |= found
                told = "; ".join(f"{name} fails: {reason}" for name, reason in found.items())
                self._state.explain_failure(
                    f"{nameless_error(self.dbt, told)}. The next run went on without.",
                    started_at=request.started,
                )
                self.progress.step("Building without the segments that fail")
        suspects.remember(request.selection, request.as_of, waiting)
        return nodes
