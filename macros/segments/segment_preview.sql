{#-
    The members that the last segment of `plan` would have at the run's instant, worked out from the shop's rows and nothing stored:
    profile_id, profile_type, customer_id, email, first_name, last_name, website. The same macros as in a build render it.
-#}
{% macro segment_preview(plan) -%}
{%- set as_of = get_as_of() -%}
{%- set tables = {} -%}
{%- for model in plan_models(plan) + table_models(plan_profiles(plan)) -%}{%- do tables.update({model: ref(model)}) -%}{%- endfor -%}
{%- set base = population_ctes(plan, tables, 'profile_features', as_of) -%}
with profile_features as (
    {{ profile_features_query(plan, tables, as_of) | indent(4) }}
),

{{ base.ctes }}

select
    {%- for column in ['profile_id', 'profile_type', 'customer_id', 'email', 'first_name', 'last_name', 'website'] %}
    {{ base.name }}.{{ column }}{{ "," if not loop.last }}
    {%- endfor %}
from {{ base.name }}
where
    {{ laid_out_condition(plan.segments[-1].match, base.scope) | indent(4) }}
{%- endmacro %}
