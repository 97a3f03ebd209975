{#-
    A table of the plan (the profiles, a relation, a parent) with the columns that other models add to it. Only models with a column that is
    used are joined; `tables` maps the plan's model names to relations.
-#}
{% macro extended_table(table, tables) -%}
{%- if not table.extensions -%}{{ return(tables[table.model]) }}{%- endif -%}
(
    select
        extended.*
        {%- for extension in table.extensions -%}{%- for column in extension.columns -%},
        {{ extension.model }}.{{ column }}
        {%- endfor -%}{%- endfor %}
    from {{ tables[table.model] }} as extended
    {%- for extension in table.extensions %}
    left join {{ tables[extension.model] }} as {{ extension.model }}
        on extended.{{ extension.column }} = {{ extension.model }}.{{ extension.key }}
    {%- endfor %}
)
{%- endmacro %}


{#- Names of the models that a table of the plan is read from. -#}
{% macro table_models(table) -%}
    {{ return([table.model] + (table.extensions or []) | map(attribute='model') | list) }}
{%- endmacro %}


{#- The profiles of the plan, as a table. -#}
{% macro plan_profiles(plan) -%}
    {{ return(plan.get('profile', {'model': 'profiles'})) }}
{%- endmacro %}
