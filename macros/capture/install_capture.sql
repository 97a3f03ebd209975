{#- Captures every source: for `dbt run-operation install_capture`. Each table is a transaction of its own. -#}
{% macro install_capture() -%}
    {%- for step in capture_statements() + lookup_index_steps(captured_sources(of_any_plan=true).sources, concurrently=false) -%}
        {%- do run_query("set local lock_timeout = '10s';\n" ~ step.statements | join(';\n') ~ ";\ncommit") -%}
        {%- do log('captured: ' ~ step.what, info=true) -%}
    {%- endfor -%}
{%- endmacro %}


{#- What the command line needs to install the capture, or to say how it is, as JSON. -#}
{% macro capture_inspection() -%}
    {%- if execute -%}
    {%- set captured = captured_sources(of_any_plan=true) -%}
    {%- set unclocked = captured.sources | rejectattr('clock') | map(attribute='name') | list -%}
    {{ return(tojson({
        'mode': var('change_capture'),
        'problems': captured.problems,
        'unclocked': unclocked,
        'schema': capture_schema(),
        'work_schema': generate_schema_name('work', none) | trim,
        'states': capture_states_query(captured.sources),
        'statements': capture_statements(),
        'indexes': lookup_index_steps(captured.sources, concurrently=true),
        'removal': capture_removal_query(),
        'channel': capture_schema(),
        'waiting_lock': waiting_lock(),
    })) }}
    {%- endif -%}
{%- endmacro %}


{#- Takes the capture away, whatever is left of it: for `dbt run-operation remove_capture`. -#}
{% macro remove_capture() -%}
    {%- for statement in run_query(capture_removal_query()).columns[0].values() -%}
        {%- do run_query("set local lock_timeout = '10s';\n" ~ statement ~ ";\ncommit") -%}
    {%- endfor -%}
{%- endmacro %}


{#-
    Query of the statements that take the capture away: the triggers by whatever table has them now, the indexes by their mark, the schema last.
-#}
{% macro capture_removal_query() -%}
{%- set schema = sql_literal(capture_schema(), 'text') -%}
select statement
from (
    select 1 as step, format('drop trigger %I on %s', pg_trigger.tgname, pg_trigger.tgrelid::regclass) as statement
    from pg_trigger
    inner join pg_proc on pg_trigger.tgfoid = pg_proc.oid
    where pg_proc.pronamespace = (select oid from pg_namespace where nspname = {{ schema }})

    union all

    select 2 as step, format('drop index %s', indexrelid::regclass) as statement
    from pg_index
    where obj_description(indexrelid, 'pg_class') = {{ sql_literal(lookup_index_mark(), 'text') }}

    union all

    select 3 as step, format('drop schema %I cascade', nspname) as statement
    from pg_namespace
    where nspname = {{ schema }}
) as steps
order by step, statement
{%- endmacro %}
