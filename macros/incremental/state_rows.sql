{#-
    No rows, with the columns and types of the model's properties: the body of a table that dbt creates and describes, and whose rows are
    written where memberships are published.
-#}
{% macro state_rows(columns) -%}
select
    {%- for column in columns.values() %}
    null::{{ column.data_type }} as {{ column.name }}{{ "," if not loop.last }}
    {%- endfor %}
where false
{%- endmacro %}
