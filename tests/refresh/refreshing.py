"""A warehouse that lives: its shop is written to, its definitions are edited, and it is refreshed again.

dbt and the models are the project's own. The nodes and variables of a refresh stand here as a bare `dbt run`
takes them, so that a test can leave some out, or let one fail.
"""

import json
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from dbt.cli.main import dbtRunnerResult
from dbt.contracts.graph.manifest import Manifest
from psycopg import Connection, sql

from maho_segments.language import Project, compile_plan, write_plan
from maho_segments.language.rules import Condition
from maho_segments.services.audit import AuditReport, audit
from maho_segments.services.build import build
from maho_segments.services.dbt import DbtProject
from maho_segments.services.instants import format_instant
from maho_segments.services.progress import Progress, Silence
from maho_segments.services.project import Workspace
from maho_segments.services.refresh.fingerprints import code_fingerprint
from maho_segments.services.refresh.run import REFRESHED_MODELS
from maho_segments.services.refresh.selection import Choice
from maho_segments.services.refresh.state import BuildState
from maho_segments.services.release import release
from maho_segments.shop.replacement import RAW_SCHEMA
from maho_segments.shop.tables import shop_tables
from maho_segments.warehouse import ConnectionSettings, connect
from tests.databases import Database
from tests.properties.base_shop import Case, Shop
from tests.properties.warehouse import Definitions, ProfileKey, Warehouse, condition_holds, insert_rows
from tests.reference import evaluate
from tests.reference.evaluation import Evaluation

NODES = REFRESHED_MODELS
"""Of a refresh, in their order."""
FAILING = "fails_for"
"""A condition that a database can't answer for profiles of one kind."""
_FAILING_SQL = """
{% macro condition_fails_for(arguments, scope) -%}
    {{ return(
        "1 / case " ~ scope.population ~ ".profile_type when " ~ sql_literal(arguments.kind, 'text')
        ~ " then 0 else 1 end = 1"
    ) }}
{%- endmacro %}
"""
# So that they are exact in between: nobody is compared because a day is over.
_CLOCKS: Final = {"change_capture": "clocks", "full_compare_hours": 1_000_000}

_PUBLISHED = """
    select segments.segment_name, profile_type, customer_id, identities.website_id, email, visitor_id
    from segments.segment_memberships as memberships
    inner join segments_work.segment_definitions as segments using (segment_id)
    inner join segments_work.profile_identities as identities using (profile_id)
    where segments.is_active
"""


class RefreshWarehouse(Warehouse):
    """Every model built and the changes captured, then put back to that whenever a story begins."""

    def __init__(self, folder: Path, database: Database, admin: ConnectionSettings) -> None:
        super().__init__(folder, database)
        self._dbt = RefreshingDbt(folder, database.settings, database.environ)
        self._admin = admin
        self._template = f"{database.settings.dbname}_built"
        self._workspace = Workspace(folder, database.environ)
        self._codes: dict[str, str] = {}
        self._is_parsed = False
        self._project: Project | None = None
        self.definitions = Definitions({})
        self.plan: dict[str, Any] = {}

    def build_once(self) -> None:
        """Make every table and view, capture what is written from now on, and keep a copy of that."""
        failing = self.folder / f"macros/conditions/condition_{FAILING}.sql"
        failing.write_text(_FAILING_SQL, encoding="utf-8")
        super().build_once()
        with self.database.connect() as connection:
            self._codes = {
                way: code_fingerprint(
                    self._dbt.parse(), self.folder, {"identity": {"guest_orders": way}}, connection
                )
                for way in ("join", "keep_apart")
            }
            # All that was built just now is what a service goes on from.
            state = BuildState(connection, self.database.settings.schema)
            state.note("code", self._codes[self._guest_orders])
        self.install_capture()
        self._copy_database(self.database.settings.dbname, self._template)

    def delete(self) -> None:
        """Drop the copy."""
        self._drop_database(self._template)

    # ---- the shop ----------------------------------------------------------------------------------------

    def load(self, case: Case, capture: str = "triggers") -> None:
        """Begin anew with that shop, refreshed once at its instant."""
        self._copy_database(self._template, self.database.settings.dbname)
        self._dbt.variables = _CLOCKS if capture == "clocks" else {}
        if capture == "clocks":
            self.remove_capture()
        with self.database.connect() as connection, connection.transaction():
            insert_rows(connection, case.shop)
        self.define(
            Definitions({"everyone": {"match": {"profile_type": {"is_set": True}}}}), case.guest_orders
        )
        self.refresh(case.as_of)
        self.case = case

    def shop(self) -> Shop:
        """The raw rows as they are now."""
        with self.database.connect() as connection:
            return read_shop(connection)

    def install_capture(self) -> None:
        """Begin to log what is written to the raw tables."""
        self._dbt.operate("install_capture")

    def remove_capture(self) -> None:
        """Log nothing from now on."""
        self._dbt.operate("remove_capture")

    # ---- refreshes ---------------------------------------------------------------------------------------

    def define(self, definitions: Definitions, guest_orders: str = "join") -> Project:
        """Edit the files. Raises DefinitionsError, and then nothing was edited."""
        before = self.definitions, self._guest_orders
        self._guest_orders = guest_orders
        try:
            project = self.project(definitions)
        except Exception:
            self._guest_orders = before[1]
            self.project(before[0])
            raise
        self.definitions, self._project, self.plan = definitions, project, compile_plan(project)
        self._is_parsed = False
        return project

    def refresh(
        self,
        as_of: datetime,
        *,
        segments: Sequence[str] = (),
        mode: str = "auto",
        nodes: int | None = None,
        variables: Mapping[str, object] | None = None,
    ) -> None:
        """Refresh all segments, or the selected ones; `nodes` is how many, from the first one, are run.

        Raises BuildError.
        """
        if not self._is_parsed:
            write_plan(self.folder, self.plan)
            self._dbt.parse()
            self._is_parsed = True
        given: dict[str, object] = {
            "as_of": format_instant(as_of),
            "refresh_mode": mode,
            "accept_erasures": True,
            "code_fingerprint": self._codes[self._guest_orders],
            **({"segments": list(segments)} if segments else {}),
            **(variables or {}),
        }
        self._dbt.run_nodes([node for node in NODES if self._dbt.has(node)][:nodes], given)

    def build(self, as_of: datetime, *, segments: Sequence[str] = ()) -> None:
        """Refresh all segments, or the selected ones, as `segments build` does. Raises BuildError."""
        choice = Choice(names=tuple(segments), all=not segments)
        build(
            self._workspace,
            as_of=as_of,
            choice=choice,
            accept_erasures=True,
            progress=Silence(),
            dbt=self._dbt,
        )

    def release(self, as_of: datetime) -> None:
        """Publish what guards hold, as `segments release --all` does. Raises BuildError."""
        release(self._workspace, (), everything=True, as_of=as_of, progress=Silence(), dbt=self._dbt)

    def audit(self, as_of: datetime) -> AuditReport:
        """Compare everybody, as `segments audit --all` does. Raises BuildError."""
        return audit(self._workspace, size=None, repair=False, now=as_of, progress=Silence(), dbt=self._dbt)

    @property
    def guest_orders(self) -> str:
        """Whether orders of guests are joined to accounts."""
        return self._guest_orders

    def last_mode(self) -> str:
        """Whether the last published run was full or incremental."""
        query = (
            "select mode from segments.segment_runs where status = 'published' order by run_id desc limit 1"
        )
        return str(self.database.rows(query)[0][0])

    def looked_at(self) -> int:
        """How many profiles the last run looked at, where it was incremental."""
        return int(self.database.rows("select count(*) from segments_work.changed_profiles")[0][0])

    def reference(self, as_of: datetime) -> Evaluation:
        """What the reference says of the shop and the definitions as they are now."""
        assert self._project is not None
        return evaluate(self._project, self.shop(), as_of, _condition_holds)

    def published(self) -> dict[str, frozenset[ProfileKey]]:
        """Who is in which active segment, as it was published last."""
        found: dict[str, set[ProfileKey]] = {}
        for name, *identity in self.database.rows(_PUBLISHED):
            found.setdefault(name, set()).add(self.profile_key(*identity))
        return {name: frozenset(members) for name, members in found.items()}

    def keep(self, name: str) -> None:
        """Keep a copy of everything as it is now."""
        self._copy_database(self.database.settings.dbname, self._kept(name))

    def put_back(self, name: str) -> None:
        """Make everything as it was when it was kept under that name; the definitions stay as they are."""
        self._copy_database(self._kept(name), self.database.settings.dbname)

    def drop_kept(self, name: str) -> None:
        """Drop that copy."""
        self._drop_database(self._kept(name))

    # ---- databases ---------------------------------------------------------------------------------------

    def _kept(self, name: str) -> str:
        return f"{self.database.settings.dbname}_{name}"

    def _drop_database(self, name: str) -> None:
        self._execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))

    def _copy_database(self, source: str, target: str) -> None:
        names = {"source": sql.Identifier(source), "target": sql.Identifier(target)}
        self._drop_database(target)
        # Nobody may be at work in the one that is copied; dbt leaves before its last session is gone.
        query = "select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = {}"
        self._execute(sql.SQL(query).format(sql.Literal(source)))
        self._execute(sql.SQL("create database {target} template {source}").format(**names))

    def _execute(self, statement: sql.Composed) -> None:
        with connect(self._admin, autocommit=True) as connection:
            connection.execute(statement)


class RefreshingDbt(DbtProject):
    """The warm dbt of the services, which runs chosen models as well."""

    # Half of what dbt itself costs are its log and its looks at the stack, which is deep below Hypothesis.
    log_level = "none"
    variables: Mapping[str, object] = {}
    """As dbt_project.yml would have them, for whatever asks dbt for anything."""

    def _invoke(
        self, command: list[str], progress: Progress, *, manifest: Manifest | None
    ) -> dbtRunnerResult:
        if self.variables and "--vars" in command:
            place = command.index("--vars") + 1
            given = json.dumps({**self.variables, **json.loads(command[place])})
            command = [*command[:place], given, *command[place + 1 :]]
        with ThreadPoolExecutor(1) as thread:
            return thread.submit(super()._invoke, command, progress, manifest=manifest).result()

    def has(self, model: str) -> bool:
        """Whether the project has a model of that name."""
        return model in self.relation_names()

    def run(self, models: Sequence[str], *, as_of: datetime) -> None:
        """Run those models."""
        self.run_nodes(models, {"as_of": format_instant(as_of)})

    def run_nodes(self, models: Sequence[str], variables: Mapping[str, object]) -> None:
        """Run those models, one after the other."""
        # One thread: a statement that fails is the same one each time.
        command = ["run", "--threads", "1", "--select", *models, "--vars", json.dumps(dict(variables))]
        self._invoke(command, Silence(), manifest=self._parsed())

    def operate(self, macro: str) -> None:
        """Run a macro by itself, where the project has it."""
        if any(known.name == macro for known in self._parsed().macros.values()):
            self._invoke(["run-operation", macro], Silence(), manifest=self._parsed())


def _condition_holds(condition: Condition, key: ProfileKey) -> bool:
    return (
        key[0] != condition.arguments["kind"]
        if condition.name == FAILING
        else condition_holds(condition, key)
    )


def read_shop(connection: Connection) -> Shop:
    """The rows of all raw tables."""
    shop: Shop = {}
    for name, table in shop_tables().items():
        order = sql.SQL(", ").join(map(sql.Identifier, table.key))
        query = sql.SQL("select * from {} order by {}").format(sql.Identifier(RAW_SCHEMA, name), order)
        cursor = connection.execute(query)
        columns = [column.name for column in cursor.description or ()]
        rows = [dict(zip(columns, row, strict=True)) for row in cursor]
        if rows:
            shop[name] = rows
    return shop
