"""Who would be in a segment, worked out by the macros of a build, with nothing written."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, LiteralString

import psycopg
from psycopg import sql
from psycopg.rows import dict_row

from maho_segments import language
from maho_segments.errors import BuildError, DefinitionsError
from maho_segments.services.instants import format_instant
from maho_segments.services.project import Workspace
from maho_segments.services.publications import PublicTables, audience_size
from maho_segments.services.shop_names import find_unknown_names
from maho_segments.warehouse import connect, ensure_running

if TYPE_CHECKING:
    from maho_segments.services.dbt import DbtProject

_COUNT_AND_SAMPLE: LiteralString = """
    with preview as materialized (
        {query}
    )

    select counted.members, sample.*
    from (select count(*) as members from preview) as counted
    left join (select * from preview order by profile_id limit {limit}) as sample on true
"""


@dataclass(frozen=True)
class Rule:
    """What is previewed: a segment of the project by its name, or the text of a rule or segment."""

    segment: str | None = None
    text: str | None = None
    path: str = "<stdin>"


@dataclass(frozen=True)
class Preview:
    """How many profiles a rule holds for, of how many it could, and some of them.

    `notes` are names in the rule that the shop does not have.
    """

    as_of: datetime
    members: int
    audience: int
    sample: tuple[dict[str, Any], ...]
    sql: str
    notes: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """The preview for programs."""
        return {
            "as_of": format_instant(self.as_of),
            "members": self.members,
            "audience": self.audience,
            "sample": list(self.sample),
            "sql": self.sql,
            "notes": list(self.notes),
        }


def preview(workspace: Workspace, rule: Rule, *, as_of: datetime, limit: int) -> Preview:
    """Count and sample the profiles that a rule holds for as of that instant.

    Raises DefinitionsError for an invalid rule, and BuildError where no build has made the relations it asks.
    """
    project = language.check_project(workspace.folder)
    try:
        plan: dict[str, Any] = language.compile_preview(
            project, segment=rule.segment, rule_text=rule.text, path=rule.path
        )
    except DefinitionsError as error:
        error.hint = "Correct it and preview it again."
        raise
    from maho_segments.services.dbt import DbtProject  # noqa: PLC0415  dbt takes two seconds: not before it is needed

    settings = ensure_running(workspace.folder, workspace.environ)
    dbt = DbtProject(workspace.folder, settings, workspace.environ)
    query = render_query(dbt, plan, as_of=as_of)
    with connect(settings) as connection:
        connection.read_only = True
        try:
            members, sample = _count_and_sample(connection, query, limit)
            population = PublicTables(connection, settings.schema).population(as_of)
            unknown_names = find_unknown_names(connection, plan, dbt.relation_names())
        except (psycopg.errors.UndefinedTable, psycopg.errors.UndefinedColumn) as error:
            raise BuildError(
                f"What it asks is not built yet: {error.diag.message_primary}.",
                "Run `segments build` once, then preview.",
            ) from error
    audience = audience_size(plan["segments"][-1], population)
    return Preview(as_of, members, audience, sample, query, tuple(map(str, unknown_names)))


def render_query(dbt: "DbtProject", plan: dict[str, Any], *, as_of: datetime) -> str:
    """The SQL of the profiles in a plan's last segment, as a build's macros write it. Raises BuildError."""
    call = f"{{{{ segment_preview({language.plan_expression(plan)}) }}}}"
    return dbt.compile_inline(call, variables={"as_of": format_instant(as_of)})


def _count_and_sample(
    connection: psycopg.Connection, query: str, limit: int
) -> tuple[int, tuple[dict[str, Any], ...]]:
    """Both from one reading: the query may take long."""
    # Composed, not passed as a parameter's neighbour: every percent sign in the query is its own.
    statement = sql.SQL(_COUNT_AND_SAMPLE).format(query=sql.SQL(query), limit=sql.Literal(limit))
    with connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(statement).fetchall()
    members = rows[0].pop("members")
    for row in rows[1:]:
        del row["members"]
    return members, tuple(row for row in rows if row["profile_id"] is not None)
