{#-
    The changed keys of an incremental run: {table, counts, total, limit}, where `counts` says how many there are of each kind, and up to `limit`
    are looked up one by one; none in a run that looks at everybody. `table` is `ref('changed_keys')`, `scope` `ref('refresh_scope')`.
-#}
{% macro get_changed_keys(table, scope) -%}
    {%- if not has_scope(scope) -%}{{ return(none) }}{%- endif -%}
    {#-
        One statement, as many models ask. The identities by name: one of those who ask makes them. The server counted them after the last
        full run.
    -#}
    {%- set found = run_query(
        "select
            (select jsonb_object_agg(kinds.kind, kinds.keys)::text from (select kind, count(*) as keys from " ~ table ~ " group by kind) as kinds),
            coalesce((select reltuples from pg_class where oid = to_regclass("
        ~ sql_literal(project_relation('profile_identities') | string, 'text') ~ ")), 0)
        from " ~ scope ~ " where mode <> 'full' and invocation_id = " ~ sql_literal(invocation_id, 'text')
    ).rows -%}
    {%- if not found | length -%}{{ return(none) }}{%- endif -%}
    {%- set counts = fromjson(found[0][0] or '{}') -%}
    {{ return({
        'table': table,
        'counts': counts,
        'total': counts.values() | sum,
        'limit': [var('lateral_limit'), (found[0][1] | float) * var('lookup_limit_percent') / 100] | max,
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
