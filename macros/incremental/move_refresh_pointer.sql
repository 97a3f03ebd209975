{#-
    Statement that says of a table which all segments share that it takes into account what this run does; nothing where the run has no
    pointer. It belongs into the transaction that writes the table. The features of a full run of all segments are remembered as `full`.
-#}
{% macro move_refresh_pointer(pointers, name, scope) -%}
{%- if scope.pointer is not none -%}
insert into {{ pointers }} as kept (name, pointer, capture_key, as_of, clocks)
values
{%- for kept in [name, 'full'] if kept == name or (name == 'features' and scope.mode == 'full' and not var('segments')) %}
(
    {{ sql_literal(kept, 'text') }},
    {{ sql_literal(scope.pointer, 'text') if kept == name else 'null' }}::pg_snapshot,
    {{ sql_literal(scope.capture_key, 'text') }},
    {{ sql_literal(get_as_of().isoformat(), 'time') }},
    {{ sql_literal(clocks_fingerprint(segment_plan()) if kept == 'clocks' else none, 'text') }}
){{ "," if not loop.last }}
{%- endfor %}
on conflict (name) do update
set pointer = excluded.pointer, capture_key = excluded.capture_key, as_of = excluded.as_of, clocks = excluded.clocks;
{%- endif -%}
{%- endmacro %}
