{#-
    Rows of before and after an update, less those that are on both sides with the same captured columns.
-#}
{% macro changed_versions(source, types) -%}
{%- set columns = types | sort -%}
{%- set keys = concern_columns(source, types) -%}
{%- set quoted = [] -%}
{%- for column in columns -%}{%- do quoted.append(adapter.quote(column)) -%}{%- endfor -%}
{%- set versions = [] -%}
{%- for column in keys -%}{%- do versions.append(adapter.quote(column)) -%}{%- endfor -%}
{%- for column in columns -%}
    {%- set bytes = exact_value(adapter.quote(column), types[column]) -%}
    {%- if bytes not in versions -%}{%- do versions.append(bytes) -%}{%- endif -%}
{%- endfor -%}
select {{ versions[:keys | length] | join(', ') }}
from (
    select {{ (quoted + ['1 as capture_side']) | join(', ') }} from new_rows
    union all
    select {{ (quoted + ['-1']) | join(', ') }} from old_rows
) as versions
group by {{ versions | join(', ') }}
having sum(capture_side) <> 0
{%- endmacro %}


{#- The columns that `concerns` speaks of, of those that the table has. -#}
{% macro concern_columns(source, types) -%}
    {%- set columns = [] -%}
    {%- for concern in source.concerns -%}
        {%- for column in [concern.column, concern.unless] + concern.where | list if column in types and column not in columns -%}
            {%- do columns.append(column) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(columns | sort) }}
{%- endmacro %}


{#-
    A value to be compared byte by byte: what a column's type or collation takes for equal may not be equal in a rule, and some types can't
    be compared at all.
-#}
{% macro exact_value(value, type) -%}
    {{ return(
        value if type in ('int2', 'int4', 'int8', 'bool', 'date', 'timestamp', 'timestamptz') else value ~ '::text collate "C"'
    ) }}
{%- endmacro %}
