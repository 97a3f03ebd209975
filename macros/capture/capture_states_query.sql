{#-
    Query of what the database says of each source: name, `relation` (its oid, missing where the shop has no such table), `types` (of the
    captured columns, as JSON), `columns_hash`, `is_subscribed`, `is_owned`, `can_have_triggers`, `installed` (the comment of its function), `how` (rows,
    statements, or missing), `gap` (why it is not captured; missing where it is) and `state`, which changes with anything that matters.
-#}
{% macro capture_states_query(sources) -%}
with expected (name, schema_name, table_name, declaration, columns) as (
    values
    {%- for source in sources %}
    ({{ sql_literals([source.name, source.schema, source.table, source.declaration if source.concerns else none], 'text') | join(', ') }}, {{
        sql_array(source.columns, 'text') }}){{ "," if not loop.last }}
    {%- endfor %}
),

found as (
    select
        expected.*,
        pg_class.oid as relation,
        pg_class.relfilenode,
        pg_class.relkind,
        pg_class.relpersistence,
        pg_has_role(pg_class.relowner, 'usage') as is_owned,
        exists (select 1 from pg_subscription_rel where srrelid = pg_class.oid) as is_subscribed,
        exists (select 1 from pg_inherits where pg_class.oid in (inhrelid, inhparent)) as is_part
    from expected
    left join pg_namespace on expected.schema_name = pg_namespace.nspname
    left join pg_class
        on pg_namespace.oid = pg_class.relnamespace
        and expected.table_name = pg_class.relname
),

captured_columns as (
    select
        found.relation,
        jsonb_object_agg(pg_attribute.attname, pg_type.typname) as types,
        md5(string_agg(concat_ws(' ', attname, atttypid, attcollation), ',' order by attname)) as columns_hash
    from found
    inner join pg_attribute on found.relation = pg_attribute.attrelid
    inner join pg_type on pg_attribute.atttypid = pg_type.oid
    where
        pg_attribute.attnum > 0
        and not pg_attribute.attisdropped
        and (cardinality(found.columns) = 0 or pg_attribute.attname = any(found.columns))
    group by found.relation
),

triggers as (
    select
        pg_trigger.tgrelid as relation,
        case when bool_or((pg_trigger.tgtype & 1) = 1) then 'rows' else 'statements' end as how,
        bool_and(pg_trigger.tgenabled = 'A') as is_always_on,
        bit_or((pg_trigger.tgtype & 60)::integer) as events,
        min(obj_description(pg_proc.oid, 'pg_proc')) as installed,
        string_agg(concat_ws(' ', pg_trigger.oid, pg_trigger.xmin, pg_proc.oid, pg_proc.xmin), ',' order by pg_trigger.oid) as state
    from pg_trigger
    inner join pg_proc on pg_trigger.tgfoid = pg_proc.oid
    inner join pg_namespace on pg_proc.pronamespace = pg_namespace.oid
    where pg_namespace.nspname = {{ sql_literal(capture_schema(), 'text') }}
    group by pg_trigger.tgrelid
)

select
    found.name,
    found.relation,
    captured_columns.types,
    captured_columns.columns_hash,
    found.is_subscribed,
    found.is_owned,
    coalesce(found.relkind = 'r' and found.relpersistence = 'p' and not found.is_part, false) as can_have_triggers,
    triggers.installed,
    triggers.how,
    {{ capture_gap() | indent(4) }} as gap,
    concat_ws(' ', found.name, found.relation, found.relfilenode, triggers.state) as state
from found
left join captured_columns on found.relation = captured_columns.relation
left join triggers on found.relation = triggers.relation
{%- endmacro %}


{#- Why a source of `capture_states_query` is not captured. A table that the shop lacks misses nothing. -#}
{% macro capture_gap() -%}
case
    when found.declaration is null then 'its source has no `concerns`'
    when found.relation is null then null
    when found.relkind <> 'r' or found.is_part then 'it is not a plain table'
    when found.relpersistence <> 'p' then 'it is unlogged: a crash of the server would empty it'
    when triggers.relation is null then 'it has no triggers'
    {#- 4 + 8 + 16 + 32: insert, delete, update, truncate. #}
    when triggers.events <> 60 then 'one of its triggers is missing'
    when not triggers.is_always_on then 'one of its triggers is off, or off for replication'
    when found.is_subscribed and triggers.how = 'statements' then 'replication feeds it now, past its triggers'
    when not starts_with(triggers.installed, found.declaration || ' ') then 'its triggers are made for other `concerns` or columns'
    when split_part(triggers.installed, ' ', 2) <> captured_columns.columns_hash then 'its columns are others than when its triggers were made'
end
{%- endmacro %}
