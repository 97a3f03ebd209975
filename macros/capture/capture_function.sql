{#-
    The function behind the triggers of one table. It belongs to who installs it and runs with that role's rights, so the shop's writers need
    none in the schema; its search path is fixed, so they can't lead it astray either.
-#}
{% macro capture_function(source, types, by_rows) -%}
{%- set log = adapter.quote(capture_schema()) ~ '.change_log' -%}
create or replace function {{ capture_function_name(source) }}() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $capture$
{%- if by_rows %}
{{ capture_rows_body(source, types, log) }}
{%- else %}
{{ capture_statements_body(source, types, log) }}
{%- endif %}
$capture$
{%- endmacro %}


{#- Its name, in full. -#}
{% macro capture_function_name(source) -%}
    {%- set name = source.schema ~ '_' ~ source.table -%}
    {{ return(adapter.quote(capture_schema()) ~ '.' ~ adapter.quote(name if name | length <= 63 else name[:30] ~ '_' ~ local_md5(name))) }}
{%- endmacro %}


{#-
    One statement of the shop, however many rows it wrote: the rows that it changed in a captured column, whom they concern, and those into
    the log. A statement that concerns more than `capture_bulk_limit` leaves one row that stands for everything.
-#}
{% macro capture_statements_body(source, types, log) -%}
{%- set name = sql_literal(source.name, 'text') -%}
{%- set concerned = concern_rows(source, 'changed', types) -%}
begin
    if tg_op = 'TRUNCATE' then
        insert into {{ log }} (kind, source) values ('everything', {{ name }});
    {%- for operation, changed in {
        'INSERT': 'select * from new_rows', 'DELETE': 'select * from old_rows', 'UPDATE': changed_versions(source, types),
    }.items() if concerned %}
    elsif tg_op = '{{ operation }}' then
        insert into {{ log }} (kind, id, email, source)
        with concerned as materialized (
            select distinct key.kind, key.id, key.email
            from ({{ changed | indent(16) }}) as changed
            cross join lateral (
                values ({{ concerned | join('), (') }})
            ) as key (kind, id, email, applies)
            where key.applies and (key.kind <> 'email' or key.email is not null)
        )
        select kind, id, email, {{ name }}
        from concerned
        where (select count(*) from concerned) <= {{ var('capture_bulk_limit') | int }}
        union all
        select 'everything', null, null, {{ name }}
        where (select count(*) from concerned) > {{ var('capture_bulk_limit') | int }};
    {%- endfor %}
    end if;
    if found then
        {{ wake_watcher() | indent(8) }}
    end if;
    return null;
end
{%- endmacro %}
