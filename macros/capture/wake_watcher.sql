{#-
    Statements for a capture function that has written to the log: notify whoever waits for changes, and only while somebody does, as a
    notification makes commits wait for each other. Who waits holds a lock, which ends with its session and which, unlike a row, is seen from
    any snapshot.
-#}
{% macro wake_watcher() -%}
if pg_try_advisory_lock_shared({{ waiting_lock() }}) then
    perform pg_advisory_unlock_shared({{ waiting_lock() }});
else
    perform pg_notify({{ sql_literal(capture_schema(), 'text') }}, '');
end if;
{%- endmacro %}


{#- The key of the lock that is held while waiting for changes, as the arguments of the functions for such locks. -#}
{% macro waiting_lock() -%}
    {{ return("hashtext('maho_segments.waiting'), hashtext(" ~ sql_literal(capture_schema(), 'text') ~ ")") }}
{%- endmacro %}
