{#-
    The changed keys of an incremental run: {table, counts, total, limit}, where `counts` says how many there are of each kind, and up to `limit`
    are looked up one by one; none in a run that looks at everybody. `table` is `ref('changed_keys')`, `scope` `ref('refresh_scope')`.
-#}
{% macro get_changed_keys(table, scope) -%}
    {%- if get_refresh_scope(scope).mode == 'full' -%}{{ return(none) }}{%- endif -%}
    {%- set counts = {} -%}
    {%- for row in run_query("select kind, count(*) from " ~ table ~ " group by kind").rows -%}
        {%- do counts.update({row[0]: row[1] | int}) -%}
    {%- endfor -%}
    {#- By name: one of those who ask makes it. The server counted it after the last full run. -#}
    {%- set identities = project_relation('profile_identities') -%}
    {%- set profile_count = run_query(
        "select coalesce((select reltuples from pg_class where oid = to_regclass(" ~ sql_literal(identities | string, 'text') ~ ")), 0)"
    ).columns[0].values()[0] | float -%}
    {{ return({
        'table': table,
        'counts': counts,
        'total': counts.values() | sum,
        'limit': [var('lateral_limit'), profile_count * var('lookup_limit_percent') / 100] | max,
    }) }}
{%- endmacro %}


{#- Changed keys of one kind as {query, count, limit}: the query has a column `key`, the id or the address. -#}
{% macro keys_of(changed, kind) -%}
    {%- set column = 'email' if kind == 'email' else 'id' -%}
    {{ return({
        'query': "(select changed_keys." ~ column ~ " as key, changed_keys.is_new from " ~ changed.table ~ " as changed_keys"
            ~ " where changed_keys.kind = " ~ sql_literal(kind, 'text') ~ ")",
        'count': changed.counts.get(kind, 0),
        'limit': changed.limit,
    }) }}
{%- endmacro %}
