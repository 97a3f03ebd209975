{#-
    Whether a row of the change log is news: committed when snapshot `until` was taken, and not when some of the `pointers` were. Visible is
    what had committed, in whichever order numbers were given. `log` is the log's alias, `pointers` SQL of a pg_snapshot[], `until` SQL of a
    pg_snapshot. The first line is implied by the last; it is there for the index.
-#}
{% macro news_condition(log, pointers, until) -%}
{{ log }}.transaction_id >= (select min(pg_snapshot_xmin(seen.pointer)) from unnest({{ pointers }}) as seen (pointer))
and pg_visible_in_snapshot({{ log }}.transaction_id, {{ until }})
and exists (
    select 1
    from unnest({{ pointers }}) as seen (pointer)
    where not pg_visible_in_snapshot({{ log }}.transaction_id, seen.pointer)
)
{%- endmacro %}
