{#-
    Whether a row of the change log is news: committed when snapshot `until` was taken, and not when some of the `pointers` were. Visible is
    what had committed, in whichever order numbers were given. `log` is the log's alias, `pointers` SQL of a pg_snapshot[], `until` SQL of a
    pg_snapshot. The first condition is implied by the last; it is there for the index. PostgreSQL 14 has no min() of transactions.
-#}
{% macro news_condition(log, pointers, until) -%}
{{ log }}.transaction_id >= (
    select pg_snapshot_xmin(seen.pointer) as horizon from unnest({{ pointers }}) as seen (pointer) order by horizon limit 1
)
and pg_visible_in_snapshot({{ log }}.transaction_id, {{ until }})
and exists (
    select 1
    from unnest({{ pointers }}) as seen (pointer)
    where not pg_visible_in_snapshot({{ log }}.transaction_id, seen.pointer)
)
{%- endmacro %}
