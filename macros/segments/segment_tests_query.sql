{#-
    Which segments of `plan` each profile of the tests is in: profile_id and segment_positions, their places in the plan from 0. The
    profiles and their rows stand in temporary tables named like the models.
-#}
{% macro segment_tests_query(plan) -%}
{%- set base = segment_tests_base(plan) -%}
{%- set positions = {} -%}
{%- for segment in plan.segments -%}{%- do positions.update({segment.name: loop.index0}) -%}{%- endfor -%}
with {{ base.ctes }}

select
    {{ base.name }}.profile_id,
    array_remove(array[
        {{ evaluated_segments(plan, positions, base.scope) | indent(8) }}
    ]::integer[], null) as segment_positions
from {{ base.name }}
{%- endmacro %}


{#-
    What each profile that the plan asks answers to its rules there (true or false), and what it has as the values there (as JSON).
    Profiles that can be in no segment are left out.
-#}
{% macro segment_tests_answers(plan) -%}
{%- set base = segment_tests_base(plan) -%}
with {{ base.ctes }}

select
    {{ base.name }}.profile_id,
    array[
        {%- for rule in plan.asked.rules %}
        ({{ rule_condition(rule, base.scope) }}) is true{{ "," if not loop.last }}
        {%- endfor %}
    ]::boolean[] as answers,
    array[
        {%- for value in plan.asked['values'] %}
        to_jsonb({{ value_expression(value, base.scope) }}){{ "," if not loop.last }}
        {%- endfor %}
    ]::jsonb[] as found
from {{ base.name }}
where {{ base.name }}.profile_id = any({{ sql_array(plan.asked.profiles, 'number') }}::bigint[])
{%- endmacro %}


{#- Features and population of the tests, as `population_ctes` returns them. -#}
{% macro segment_tests_base(plan) -%}
    {%- set as_of = get_as_of() -%}
    {%- set tables = {} -%}
    {%- for model in plan_models(plan) + table_models(plan_profiles(plan)) -%}
        {%- do tables.update({model: 'pg_temp.' ~ adapter.quote(model)}) -%}
    {%- endfor -%}
    {%- set base = population_ctes(plan, tables, 'profile_features', as_of) -%}
    {%- set ctes -%}
profile_features as (
    {{ profile_features_query(plan, tables, as_of) | indent(4) }}
),

{{ base.ctes }}
    {%- endset -%}
    {{ return({'ctes': ctes, 'name': base.name, 'scope': base.scope}) }}
{%- endmacro %}
