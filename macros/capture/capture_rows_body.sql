{#-
    One row of the shop, for tables that logical replication feeds: it fires no triggers of statements. A setting of the transaction counts
    what it has written; beyond `capture_bulk_limit` one row stands for everything, and each row more costs only the look at the setting.
-#}
{% macro capture_rows_body(source, types, log) -%}
{%- set name = sql_literal(source.name, 'text') -%}
{%- set limit = var('capture_bulk_limit') | int -%}
{%- set setting = sql_literal('maho_segments.written_' ~ local_md5(capture_schema()), 'text') -%}
{%- set concerned = concern_rows(source, 'changed', types) -%}
{%- set before, after, old_exact, new_exact = [], [], [], [] -%}
{%- for column in types | sort -%}
    {%- set quoted = adapter.quote(column) -%}
    {%- do old_exact.append(exact_value('old.' ~ quoted, types[column])) -%}
    {%- do new_exact.append(exact_value('new.' ~ quoted, types[column])) -%}
{%- endfor -%}
{%- for column in concern_columns(source, types) -%}
    {%- set quoted = adapter.quote(column) -%}
    {%- do before.append('old.' ~ quoted ~ ' as ' ~ quoted) -%}
    {%- do after.append('new.' ~ quoted) -%}
{%- endfor -%}
declare
    written integer := coalesce(nullif(current_setting({{ setting }}, true), ''), '0')::integer;
    added integer := 0;
begin
    if tg_op = 'TRUNCATE' then
        insert into {{ log }} (kind, source) values ('everything', {{ name }});
        {{ wake_watcher() | indent(8) }}
        return null;
    end if;
    {%- if concerned %}
    if written > {{ limit }} then
        return null;
    end if;
    if tg_op = 'UPDATE' and row({{ old_exact | join(', ') }}) is not distinct from row({{ new_exact | join(', ') }}) then
        return null;
    end if;
    insert into {{ log }} (kind, id, email, source)
    select distinct key.kind, key.id, key.email, {{ name }}
    from (
        select {{ before | join(', ') }} where tg_op <> 'INSERT'
        union all
        select {{ after | join(', ') }} where tg_op <> 'DELETE'
    ) as changed
    cross join lateral (
        values ({{ concerned | join('), (') }})
    ) as key (kind, id, email, applies)
    where key.applies and (key.kind <> 'email' or key.email is not null);
    get diagnostics added = row_count;
    if written + added > {{ limit }} then
        insert into {{ log }} (kind, source) values ('everything', {{ name }});
    end if;
    if added > 0 then
        perform set_config({{ setting }}, (written + added)::text, true);
        {{ wake_watcher() | indent(8) }}
    end if;
    {%- endif %}
    return null;
end
{%- endmacro %}
