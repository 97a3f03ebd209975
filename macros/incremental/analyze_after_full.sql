{#-
    Statement that counts a table for the planner, in a run that looked at everybody; after an incremental one, which changes little of a
    large table, PostgreSQL does it by itself when it is worth it.
-#}
{% macro analyze_after_full(table, scope) -%}
    {%- if get_refresh_scope(scope).mode == 'full' -%}
analyze {{ table }}
    {%- endif -%}
{%- endmacro %}
