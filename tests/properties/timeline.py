"""The same shop at many instants: who is in which segments, and until when the clocks say it stays so."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from maho_segments.language import Project, compile_plan, plan_expression
from tests.properties.warehouse import Warehouse

_END = "-- the next instant"

# Features are compared as well: those of a relation stay as they are until its own clocks say otherwise.
_AT_INSTANTS = f"""
{{%- set plan = PLAN -%}}
{{%- set tables = {{}} -%}}
{{%- for model in plan_models(plan) + table_models(plan_profiles(plan)) -%}}
    {{%- do tables.update({{model: ref(model)}}) -%}}
{{%- endfor -%}}
{{%- set positions = {{}} -%}}
{{%- for segment in plan.segments -%}}
    {{%- do positions.update({{segment.name: loop.index0}}) -%}}
{{%- endfor -%}}
{{%- for text in INSTANTS -%}}
{{%- set as_of = modules.datetime.datetime.fromisoformat(text) -%}}
{{%- set base = population_ctes(plan, tables, 'profile_features', as_of) -%}}
{{%- set clocks = [] -%}}
{{%- for name in clock_features(plan) -%}}{{%- do clocks.append(base.name ~ '.' ~ name) -%}}{{%- endfor -%}}
with profile_features as (
    {{{{ profile_features_query(plan, tables, as_of) }}}}
),

{{{{ base.ctes }}}}

select
    {{{{ base.name }}}}.profile_id,
    array_remove(
        array[{{{{ evaluated_segments(plan, positions, base.scope) }}}}]::integer[], null
    ) as segments,
    {{{{ next_change_expression(plan, base.scope) }}}} as next_change_at,
    {{{{ earliest(clocks) }}}} as features_until,
    to_jsonb(profile_features)
    {{%- for name in clock_features(plan) %}} - '{{{{ name }}}}'{{% endfor %}} as features
from {{{{ base.name }}}}
inner join profile_features on {{{{ base.name }}}}.profile_id = profile_features.profile_id
union all
select profile_id, '{{{{ '{{}}' }}}}', next_change_at, next_change_at, null
from ({{{{ profiles_to_come(tables, as_of) }}}}) as profiles_to_come
{_END}
{{% endfor -%}}
"""


@dataclass(frozen=True)
class State:
    """A profile at an instant: its segments by position, and its features; and until when both stay."""

    segments: tuple[int, ...]
    next_change_at: datetime | None
    features: Any
    features_until: datetime | None


NOBODY = State((), None, None, None)
"""Whoever is in no segment, whatever the time."""

States = dict[int, State]


def states_at(warehouse: Warehouse, project: Project, instants: Iterable[datetime]) -> dict[datetime, States]:
    """The state of each profile that can be in a segment, or will be, at each of the instants."""
    ordered = sorted(set(instants))
    plan = compile_plan(project)
    text = _AT_INSTANTS.replace("PLAN", plan_expression(plan))
    text = text.replace("INSTANTS", str([instant.isoformat() for instant in ordered]))
    queries = warehouse.compiled(text).split(_END)
    found: dict[datetime, States] = {}
    with warehouse.database.connect() as connection:
        connection.execute("set statement_timeout = '60s'")
        connection.execute("set jit = off")
        for instant, query in zip(ordered, queries, strict=False):
            found[instant] = {
                profile_id: State(tuple(segments), next_change_at, features, until)
                for profile_id, segments, next_change_at, until, features in connection.execute(
                    query.encode()
                )
            }
    return found
