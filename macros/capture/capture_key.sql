{#-
    Text that is the same as long as the change log misses nothing: the cluster, the log, and each captured table with its columns and
    triggers. None where some table that the memberships are made of is not captured, so that only a full run is right. A trigger that was off
    for a while, a table that was swapped or written anew past its triggers, a log that was emptied: each makes it another.
-#}
{% macro capture_key() -%}
    {%- if not execute -%}{{ return(none) }}{%- endif -%}
    {%- set captured = captured_sources() -%}
    {%- if captured.problems -%}{{ return(none) }}{%- endif -%}
    {%- if var('change_capture') == 'clocks' -%}
        {{ return('clocks:' ~ local_md5(tojson(captured.sources | map(attribute='declaration') | list))) }}
    {%- endif -%}
    {%- set key = run_query(
        "select case when bool_and(gap is null) then (select system_identifier from pg_control_system()) || ':' || ("
        ~ "select oid || ':' || relfilenode from pg_class where oid = to_regclass(" ~ sql_literal(change_log() | string, 'text') ~ ")"
        ~ ") || ':' || md5(string_agg(state, ' ' order by name)) end from (" ~ capture_states_query(captured.sources) ~ ") as states"
    ).columns[0].values()[0] -%}
    {{ return(key) }}
{%- endmacro %}
