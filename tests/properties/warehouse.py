"""A warehouse that answers many rules about one shop at once, by the project's own models and macros.

A shop is loaded into the raw tables, dbt builds what is a table (who is who), and one statement, rendered by
the macros of a build, says of every profile in which segments it is. Nothing of the macros is repeated here.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from maho_segments.language import Project, check_project, compile_plan, plan_expression, write_plan
from maho_segments.language.rules import Condition
from maho_segments.services.dbt import DbtProject
from maho_segments.services.instants import format_instant
from maho_segments.services.progress import Silence
from maho_segments.shop.replacement import RAW_SCHEMA, replacing_shop
from maho_segments.shop.tables import shop_tables
from tests.databases import Database
from tests.properties.base_shop import Case, Shop
from tests.properties.yaml_text import yaml_text
from tests.reference import evaluate

ProfileKey = tuple[Any, ...]
"""("customer", id), ("guest", website id, address) or ("visitor", id)."""

_TABLES = ("profile_identities", "profiles", "unlogged_product_views")

# The build's own statements, with what was published replaced by nothing.
_MEMBERSHIPS = """
{%- set plan = PLAN -%}
{%- set tables = {} -%}
{%- for model in plan_models(plan) + table_models(plan_profiles(plan)) -%}
    {%- do tables.update({model: ref(model)}) -%}
{%- endfor -%}
with profile_features as (
    {{ profile_features_query(plan, tables, get_as_of()) }}
)
select segment_ids, profile_type, customer_id, identities.website_id, email, visitor_id
from (
    {{ membership_differences_query(
        plan=plan,
        tables=tables,
        features='profile_features',
        published='(
            select null::bigint as profile_id, null::integer as website_id, null::integer[] as segment_ids
            where false
        )',
        clocks='(select null::bigint as profile_id, null::timestamptz as next_change_at where false)',
        changes=none,
        segment_ids=IDS,
        part={
            'whom': 'everybody', 'names': IDS | list, 'ended': [], 'has_others': false, 'tells_clocks': true,
        },
        as_of=get_as_of(),
    ) }}
) as memberships
inner join {{ ref('profile_identities') }} as identities using (profile_id)
"""


@dataclass(frozen=True)
class Definitions:
    """What stands in the two files: attributes beside those of the project, and segments."""

    segments: Mapping[str, Any]
    attributes: Mapping[str, Any] = field(default_factory=dict)


_PLAIN = Definitions({"everyone": {"match": {"profile_type": {"is_set": True}}}})

# A condition of the tests' own, which is null for visitors: as good as false.
CONDITION = """
{% macro condition_known_kind(arguments, scope) -%}
    {{ return(
        "nullif(" ~ scope.population ~ ".profile_type, 'visitor') = " ~ sql_literal(arguments.kind, 'text')
    ) }}
{%- endmacro %}
"""


class Warehouse:
    """A copy of the project, and a database with its models."""

    def __init__(self, folder: Path, database: Database) -> None:
        self.folder = folder
        self.database = database
        self._guest_orders = "join"
        self._attributes_yml = (folder / "attributes.yml").read_text(encoding="utf-8")
        self._dbt = _SelectiveDbt(folder, database.settings, database.environ)
        self.case: Case | None = None

    def build_once(self) -> None:
        """Make every table and view, without a shop. Raises BuildError."""
        with self.database.connect() as connection, replacing_shop(connection, progress=lambda _: None):
            pass
        (self.folder / "macros/conditions/condition_known_kind.sql").write_text(CONDITION, encoding="utf-8")
        self._plan_plainly()
        variables = {"as_of": "2010-01-01T00:00:00Z"}
        self._dbt.build(variables=variables, with_tests=False, progress=Silence())

    def _plan_plainly(self) -> None:
        write_plan(self.folder, compile_plan(self.project(_PLAIN)))
        self._dbt.parse()

    def load(self, case: Case) -> None:
        """Replace the shop, and everything that is known of the one before."""
        if case.guest_orders != self._guest_orders:
            # The models of who is who ask the plan, so dbt has to read it.
            self._guest_orders = case.guest_orders
            self._plan_plainly()
        with self.database.connect() as connection, connection.transaction():
            _replace_rows(connection, case.shop)
            names = self._dbt.relation_names()
            connection.execute(f"truncate {', '.join(names[table] for table in _TABLES)}".encode())
        self._dbt.run(_TABLES, as_of=case.as_of)
        self.case = case

    def project(self, definitions: Definitions) -> Project:
        """The checked project with these definitions. Raises DefinitionsError."""
        attributes = self._attributes_yml
        for name, definition in definitions.attributes.items():
            attributes += f"\n  {name}: {yaml_text(definition)}\n"
        (self.folder / "attributes.yml").write_text(attributes, encoding="utf-8")
        segments = {
            "version": 1,
            "identity": {"guest_orders": self._guest_orders},
            "segments": definitions.segments,
        }
        (self.folder / "segments.yml").write_text(yaml_text(segments), encoding="utf-8")
        return check_project(self.folder)

    def wanted(self, project: Project) -> dict[str, frozenset[ProfileKey]]:
        """Who is in each active segment, says the reference."""
        assert self.case is not None
        return evaluate(project, self.case.shop, self.case.as_of, condition_holds).members

    def members(self, project: Project) -> dict[str, frozenset[ProfileKey]]:
        """Who is in each active segment, as a build for the shop's instant would find it."""
        assert self.case is not None
        plan: dict[str, Any] = compile_plan(project)
        numbers = {
            segment["name"]: number
            for number, segment in enumerate(plan["segments"], 1)
            if segment["is_active"]
        }
        text = _MEMBERSHIPS.replace("PLAN", plan_expression(plan)).replace("IDS", json.dumps(numbers))
        query = self.compiled(text)
        found: dict[int, set[ProfileKey]] = {number: set() for number in numbers.values()}
        with self.database.connect() as connection:
            connection.execute("set statement_timeout = '60s'")
            for segment_ids, *identity in connection.execute(query.encode()):
                for number in segment_ids:
                    found[number].add(self.profile_key(*identity))
        return {name: frozenset(found[number]) for name, number in numbers.items()}

    def compiled(self, text: str) -> str:
        """What Jinja makes of a text at the shop's instant, if there is a shop."""
        variables = {"as_of": format_instant(self.case.as_of)} if self.case else {}
        return self._dbt.compile_inline(text, variables=variables)

    @staticmethod
    def profile_key(
        kind: str, customer_id: int | None, website_id: int | None, email: str | None, visitor_id: int | None
    ) -> ProfileKey:
        """Who an identity of the warehouse is, as the shop says it."""
        keys: dict[str, ProfileKey] = {
            "customer": ("customer", customer_id),
            "guest": ("guest", website_id, email),
            "visitor": ("visitor", visitor_id),
        }
        return keys[kind]

    def values(self, project: Project) -> dict[tuple[str, str], list[Any]]:
        """What stands in each column that rules can speak of, by model and column: good literals."""
        vocabulary = project.vocabulary
        tables = [vocabulary.profile, *(relation.table for relation in vocabulary.relations.values())]
        tables += vocabulary.parents.values()
        names = self._dbt.relation_names()
        found: dict[tuple[str, str], list[Any]] = {}
        with self.database.connect() as connection:
            for table in tables:
                for model in (table.model, *(extension.model for extension in table.extensions)):
                    columns = [
                        name
                        for column in table.columns.values()
                        if (column.added_by or table.model) == model
                        for name in (column.name, column.also)
                        if name is not None
                    ]
                    query = f"select {', '.join(columns)} from {names[model]}"
                    rows = connection.execute(query.encode()).fetchall()
                    for place, name in enumerate(columns):
                        distinct = {repr(row[place]): row[place] for row in rows if row[place] is not None}
                        found[table.model, name] = [distinct[text] for text in sorted(distinct)]
        return found


class _SelectiveDbt(DbtProject):
    """The warm dbt of the services, which runs chosen models as well."""

    def run(self, models: Sequence[str], *, as_of: datetime) -> None:
        variables = json.dumps({"as_of": format_instant(as_of)})
        command = ["run", "--select", *models, "--vars", variables]
        self._invoke(command, Silence(), manifest=self._parsed())


def condition_holds(condition: Condition, key: ProfileKey) -> bool:
    """The answer of the tests' own condition."""
    return key[0] != "visitor" and bool(key[0] == condition.arguments["kind"])


def _replace_rows(connection: psycopg.Connection, shop: Shop) -> None:
    names = [sql.Identifier(RAW_SCHEMA, name) for name in shop_tables()]
    connection.execute(sql.SQL("truncate {} restart identity").format(sql.SQL(", ").join(names)))
    insert_rows(connection, shop)


def insert_rows(connection: psycopg.Connection, shop: Shop) -> None:
    """Insert raw rows, which need not have all columns."""
    with connection.cursor() as cursor:
        for name, rows in shop.items():
            columns = list(dict.fromkeys(column for row in rows for column in row))
            for row in rows:
                given = [column for column in columns if column in row]
                statement = sql.SQL("insert into {} ({}) values ({})").format(
                    sql.Identifier(RAW_SCHEMA, name),
                    sql.SQL(", ").join(map(sql.Identifier, given)),
                    sql.SQL(", ").join(sql.Placeholder() for _ in given),
                )
                cursor.execute(statement, [row[column] for column in given])
