{#-
    Asks every segment of `plan` of every profile, and until when that holds, from the shop's rows and nothing stored, as a build does. It
    tells nothing but how many memberships that makes, and fails where a build of these segments would.
-#}
{% macro segment_probe(plan) -%}
{%- set as_of = get_as_of() -%}
{%- set tables, ids = {}, {} -%}
{%- for model in plan_models(plan) + table_models(plan_profiles(plan)) -%}{%- do tables.update({model: ref(model)}) -%}{%- endfor -%}
{%- for segment in plan.segments -%}{%- do ids.update({segment.name: loop.index}) -%}{%- endfor -%}
{%- set base = population_ctes(plan, tables, 'profile_features', as_of) -%}
with profile_features as materialized ( -- Else features that nobody reads would not be worked out.
    {{ profile_features_query(plan, tables, as_of) | indent(4) }}
),

{{ base.ctes }}

select
    coalesce(sum(cardinality(array_remove(array[
        {{ evaluated_segments(plan, ids, base.scope) | indent(8) }}
    ]::integer[], null))), 0) as memberships,
    min(({{ next_change_expression(plan, base.scope) }})::timestamp with time zone) as next_change_at
from {{ base.name }}
{%- endmacro %}
