{#- Every feature of the plan for every profile, missing where it has no rows; `tables` maps model names to relations. -#}
{% macro profile_features_query(plan, tables, as_of) -%}
{%- set passes = relation_passes(plan) -%}
select
    profiles.profile_id
    {%- for pass in passes -%}{%- for feature in pass.features -%},
    {{ stored_feature(feature, pass.name) }} as {{ feature.name }}
    {%- endfor -%}{%- endfor %}
from {{ tables.profiles }} as profiles
{%- for pass in passes %}
{{ joined_pass(pass, tables, as_of) }}
    on profiles.profile_id = {{ pass.name }}.profile_id
{%- endfor %}
{%- endmacro %}


{#- Names of the models that the plan's features read, `profiles` among them. -#}
{% macro plan_models(plan) -%}
    {%- set models = ['profiles'] -%}
    {%- for relation in plan.relations.values() -%}
        {%- for table in [relation] + relation.parents.values() | list -%}
            {%- do models.extend(table_models(table)) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(models | unique | list) }}
{%- endmacro %}
