{#-
    The memberships that a full build would find for the profiles of a table `profiles`, which is like the model of that name: profile_id and
    segment_id, worked out from the shop's rows and nothing stored. `segment_ids` maps names of the plan's segments to their numbers.
-#}
{% macro segment_audit(plan, segment_ids, profiles) -%}
{%- set as_of = get_as_of() -%}
{%- set tables = {} -%}
{%- for model in plan_models(plan) + table_models(plan_profiles(plan)) -%}{%- do tables.update({model: ref(model)}) -%}{%- endfor -%}
{%- do tables.update({plan_profiles(plan).model: profiles}) -%}
{%- set base = population_ctes(plan, tables, 'profile_features', as_of) -%}
with profile_features as (
    {{ profile_features_query(plan, tables, as_of) | indent(4) }}
),

{{ base.ctes }}

select
    {{ base.name }}.profile_id,
    unnest(array_remove(array[
        {{ evaluated_segments(plan, segment_ids, base.scope) | indent(8) }}
    ]::integer[], null)) as segment_id
from {{ base.name }}
{%- endmacro %}
