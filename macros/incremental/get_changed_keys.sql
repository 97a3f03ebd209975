{#-
    The changed keys of an incremental run: {table, counts}, where `counts` says how many there are of each kind; none in a run that looks at
    everybody. `table` is `ref('changed_keys')`, `scope` `ref('refresh_scope')`.
-#}
{% macro get_changed_keys(table, scope) -%}
    {%- if get_refresh_scope(scope).mode == 'full' -%}{{ return(none) }}{%- endif -%}
    {%- set counts = {} -%}
    {%- for row in run_query("select kind, count(*) from " ~ table ~ " group by kind").rows -%}
        {%- do counts.update({row[0]: row[1] | int}) -%}
    {%- endfor -%}
    {{ return({'table': table, 'counts': counts}) }}
{%- endmacro %}


{#- Changed keys of one kind as {query, count}: the query has a column `key`, the id or the address. -#}
{% macro keys_of(changed, kind) -%}
    {%- set column = 'email' if kind == 'email' else 'id' -%}
    {{ return({
        'query': "(select changed_keys." ~ column ~ " as key, changed_keys.is_new from " ~ changed.table ~ " as changed_keys"
            ~ " where changed_keys.kind = " ~ sql_literal(kind, 'text') ~ ")",
        'count': changed.counts.get(kind, 0),
    }) }}
{%- endmacro %}
