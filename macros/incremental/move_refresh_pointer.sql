{#-
    Statement that says of a table which all segments share that it takes into account what this run does; nothing where the run has no
    pointer. It belongs into the transaction that writes the table.
-#}
{% macro move_refresh_pointer(pointers, name, scope) -%}
{%- if scope.pointer is not none -%}
insert into {{ pointers }} as kept (name, pointer, capture_key, as_of)
values (
    {{ sql_literal(name, 'text') }},
    {{ sql_literal(scope.pointer, 'text') }}::pg_snapshot,
    {{ sql_literal(scope.capture_key, 'text') }},
    {{ sql_literal(get_as_of().isoformat(), 'time') }}
)
on conflict (name) do update
set pointer = excluded.pointer, capture_key = excluded.capture_key, as_of = excluded.as_of;
{%- endif -%}
{%- endmacro %}
