{#-
    dbt's materialization `view`, except that a view whose columns stay is replaced where it stands. dbt's own way makes another one and
    drops the old, and with it all views that read it: whoever asks during a build, or after one that failed, would not find them.
-#}
{% materialization view, adapter='postgres' -%}
    {%- set existing = load_cached_relation(this) -%}
    {%- set target = this.incorporate(type='view') -%}

    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}

    {%- if existing is not none and not (existing.is_view and keeps_columns(existing, sql)) -%}
        {%- do adapter.drop_relation(existing) -%}
    {%- endif -%}
    {%- call statement('main') -%}
        create or replace view {{ target }}
        {%- if config.get('contract').enforced %}
        {{ get_assert_columns_equivalent(sql) }}
        {%- endif %} as (
        {{ sql }}
        )
    {%- endcall -%}
    {%- do apply_grants(target, config.get('grants'), should_revoke=should_revoke(existing, full_refresh_mode=True)) -%}
    {%- do persist_docs(target, model) -%}

    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}

    {{ return({'relations': [target]}) }}
{%- endmaterialization %}


{#- Whether a query has all columns of a view, in their order and of their types: PostgreSQL replaces no other. -#}
{% macro keeps_columns(view, query) -%}
    {%- set future = adapter.quote(view.identifier ~ '__columns') -%}
    {%- do run_query("create temporary view " ~ future ~ " as (\n" ~ query ~ "\n)") -%}
    {%- set kept = run_query(
        "with columns as (
            select
                attrelid,
                array_agg(attname || ' ' || format_type(atttypid, atttypmod) order by attnum) as names
            from pg_attribute
            where attnum > 0 and not attisdropped
            group by attrelid
        )
        select future.names[:cardinality(present.names)] = present.names
        from columns as future
        cross join columns as present
        where
            future.attrelid = " ~ sql_literal('pg_temp.' ~ future, 'text') ~ "::regclass
            and present.attrelid = " ~ sql_literal(view | string, 'text') ~ "::regclass"
    ).columns[0].values()[0] -%}
    {%- do run_query("drop view pg_temp." ~ future) -%}
    {{ return(kept) }}
{%- endmacro %}
