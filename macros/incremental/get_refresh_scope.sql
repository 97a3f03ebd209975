{#-
    What this run looks at, as the row of refresh_scope says it: {mode, why, pointer, capture_key, previous_as_of, has_new_clocks}, instants and
    pointer as text. Where another invocation wrote that row, or nobody yet, it is everybody, and no pointer may be moved: `pointer` is none.
-#}
{% macro get_refresh_scope(scope) -%}
    {%- set everybody = {
        'mode': 'full', 'why': 'the run has no scope of its own', 'pointer': none, 'capture_key': none, 'previous_as_of': none,
        'has_new_clocks': false,
    } -%}
    {%- if not has_scope(scope) -%}{{ return(everybody) }}{%- endif -%}
    {%- set columns = everybody | list -%}
    {%- set found = run_query(
        "select mode, why, pointer::text, capture_key, "
        ~ "to_char(previous_as_of at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS.US+00') as previous_as_of, has_new_clocks from " ~ scope
        ~ " where invocation_id = " ~ sql_literal(invocation_id, 'text')
    ).rows -%}
    {%- if not found | length -%}
        {{ return(everybody) }}
    {%- endif -%}
    {%- set row = {} -%}
    {%- for column in columns -%}{%- do row.update({column: found[0][column]}) -%}{%- endfor -%}
    {{ return(row) }}
{%- endmacro %}


{#- Whether there is a scope to ask for: while parsing there is no database to look at, and a unit test's rows are not in it. -#}
{% macro has_scope(scope) -%}
    {{ return(execute and not scope.is_cte and load_relation(scope) is not none) }}
{%- endmacro %}
