{#-
    What there is to do so that every source is captured, as a list of {what, statements}: each is a transaction of its own, so that no two
    tables of the shop are locked at once. What is in place already is not there, so doing it twice is doing it once.
-#}
{% macro capture_statements() -%}
    {%- if not execute -%}{{ return([]) }}{%- endif -%}
    {%- set captured = captured_sources(of_any_plan=true) -%}
    {%- set steps = [{'what': 'the change log', 'statements': change_log_statements()}] -%}
    {%- for state in run_query(capture_states_query(captured.sources)).rows if state.can_have_triggers -%}
        {%- set source = captured.sources | selectattr('name', 'equalto', state.name) | first -%}
        {%- if source.concerns -%}
            {%- set types = fromjson(state.types) if state.types is string else state.types or {} -%}
            {%- set function = capture_function(source, types, state.is_subscribed) -%}
            {%- set mark = [source.declaration, state.columns_hash, local_md5(function)] | join(' ') -%}
            {%- if state.gap is not none or state.installed != mark -%}
                {%- do steps.append({'what': source.name, 'statements': trigger_statements(source, function, mark, state.is_subscribed)}) -%}
            {%- endif -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(steps) }}
{%- endmacro %}


{#- The statements that make the log where it is missing. -#}
{% macro change_log_statements() -%}
    {%- set schema = adapter.quote(capture_schema()) -%}
    {{ return([
        "create schema if not exists " ~ schema,
        "create table if not exists " ~ schema ~ ".change_log (transaction_id xid8 not null default pg_current_xact_id(), "
        ~ "kind text not null, id bigint, email text, source text not null, logged_at timestamptz not null default statement_timestamp())",
        "create index if not exists change_log_transaction_id on " ~ schema ~ ".change_log (transaction_id)",
        "comment on table " ~ schema ~ ".change_log is 'What changed in the tables of the shop, until every refresh has seen it.'",
    ]) }}
{%- endmacro %}


{#-
    The statements that put one table's function and triggers in place. The triggers fire in every session (`enable always`), also in those of
    replication. The function's comment is the mark by which a later look knows what it was made from.
-#}
{% macro trigger_statements(source, function, mark, by_rows) -%}
    {%- set name = capture_function_name(source) -%}
    {%- set statements = drop_trigger_statements(source) + [function, "revoke all on function " ~ name ~ "() from public"] -%}
    {%- set events = {
        'insert': 'new table as new_rows', 'update': 'old table as old_rows new table as new_rows', 'delete': 'old table as old_rows',
    } if not by_rows else {'insert or update or delete': none} -%}
    {%- for event, tables in events.items() -%}
        {%- set trigger = adapter.quote(capture_name('rows' if by_rows else event)) -%}
        {%- do statements.append(
            "create trigger " ~ trigger ~ " after " ~ event ~ " on " ~ source.relation
            ~ (" referencing " ~ tables if tables else "") ~ " for each " ~ ('row' if by_rows else 'statement') ~ " execute function " ~ name ~ "()"
        ) -%}
        {%- do statements.append("alter table " ~ source.relation ~ " enable always trigger " ~ trigger) -%}
    {%- endfor -%}
    {%- set trigger = adapter.quote(capture_name('truncate')) -%}
    {{ return(statements + [
        "create trigger " ~ trigger ~ " after truncate on " ~ source.relation ~ " for each statement execute function " ~ name ~ "()",
        "alter table " ~ source.relation ~ " enable always trigger " ~ trigger,
        "comment on function " ~ name ~ "() is " ~ sql_literal(mark, 'text'),
    ]) }}
{%- endmacro %}


{#- The statements that take one table's triggers away, whichever there are. -#}
{% macro drop_trigger_statements(source) -%}
    {%- set statements = [] -%}
    {%- for ending in ['insert', 'update', 'delete', 'rows', 'truncate'] -%}
        {%- do statements.append("drop trigger if exists " ~ adapter.quote(capture_name(ending)) ~ " on " ~ source.relation) -%}
    {%- endfor -%}
    {{ return(statements) }}
{%- endmacro %}
