{#-
    Query of the rows of `view` that have one of the `keys`, as `keys_of` returns them, in `column`. Few are looked up one by one, which
    reaches the shop's own indexes through the view; for many, the view is read once. `columns` are SQL: of `viewed`, the row of the view, and
    of `keys`.
-#}
{% macro rows_of_keys(columns, view, column, keys) -%}
{%- if keys.count == 0 -%}
{#- A row that is missing has the columns, and nothing to plan: for a view over many tables that takes longer than all else. -#}
select {{ columns | join(', ') }}
from {{ view if view is string or view.is_cte else '(select (null::' ~ view ~ ').*)' }} as viewed, {{ keys.query }} as keys
where false
{%- elif keys.count <= keys.limit -%}
select {{ columns | join(', ') }}
from {{ keys.query }} as keys
cross join lateral (
    select *
    from {{ view }} as every_row
    where every_row.{{ column }} = keys.key
    offset 0
) as viewed
{%- else -%}
select {{ columns | join(', ') }}
from {{ view }} as viewed
inner join {{ keys.query }} as keys on viewed.{{ column }} = keys.key
{%- endif -%}
{%- endmacro %}


{#-
    What stands behind `left join`: the rows of `view` that match, by the expression of each column in `matches`. Of a `few`, they are
    looked up one by one, which reaches the indexes below a view that aggregates; else the view is read once.
-#}
{% macro looked_up(view, alias, matches, few) -%}
{%- set conditions = [] -%}
{%- for column, expression in matches.items() -%}
    {%- do conditions.append(('every_row' if few else alias) ~ '.' ~ column ~ ' = ' ~ expression) -%}
{%- endfor -%}
{%- if few -%}
lateral (
        select *
        from {{ view }} as every_row
        where {{ conditions | join(' and ') }}
        offset 0
    ) as {{ alias }} on true
{%- else -%}
{{ view }} as {{ alias }}
        on {{ conditions | join('\n        and ') }}
{%- endif -%}
{%- endmacro %}
