{#-
    One profile at the run's instant, worked out from the shop's rows and nothing stored: segment_positions, the places in the plan, from 0, of
    the segments it is in, and next_change_at, the instant until which the clock alone changes none of them. No row where nothing is to
    be said of it. The same macros as in a build render it.
-#}
{% macro profile_state(plan, profile_id) -%}
{%- set as_of = get_as_of() -%}
{%- set tables = {} -%}
{%- for model in plan_models(plan) + table_models(plan_profiles(plan)) -%}{%- do tables.update({model: ref(model)}) -%}{%- endfor -%}
{#- The relations' views are made so that one profile's rows are found by the shop's own indexes. -#}
{%- for model in ['profiles'] + plan.relations.values() | map(attribute='model') | list -%}
    {%- do tables.update({model: "(select * from " ~ ref(model) ~ " where profile_id = " ~ sql_literal(profile_id, 'number') ~ ")"}) -%}
{%- endfor -%}
{%- set positions = {} -%}
{%- for segment in plan.segments -%}{%- do positions.update({segment.name: loop.index0}) -%}{%- endfor -%}
{%- set base = population_ctes(plan, tables, 'profile_features', as_of) -%}
with profile_features as (
    {{ profile_features_query(plan, tables, as_of) | indent(4) }}
),

{{ base.ctes }}

select
    array_remove(array[
        {{ evaluated_segments(plan, positions, base.scope) | indent(8) }}
    ]::integer[], null) as segment_positions,
    {{ next_change_expression(plan, base.scope) | indent(4) }} as next_change_at
from {{ base.name }}

union all

select
    '{}' as segment_positions,
    next_change_at
from (
    {{ profiles_to_come(tables, as_of) | indent(4) }}
) as profile_to_come
{%- endmacro %}
