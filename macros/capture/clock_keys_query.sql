{#-
    Query of what changed since an instant as far as the clocks in the rows tell, for `change_capture: clocks`: kind, id, email, as in the
    change log. `capture_lookback` goes further back than `since`, for what was committed late or written by another clock.
-#}
{% macro clock_keys_query(since) -%}
{%- set queries = [] -%}
{%- for source in clocked_sources() -%}
    {%- set query -%}
select key.kind, key.id, key.email
from {{ source.relation }} as changed
cross join lateral (
    values ({{ concern_rows(source, 'changed', source.types) | join('), (') }})
) as key (kind, id, email, applies)
where
    changed.{{ adapter.quote(source.clock) }} >= {{ source.since_form | replace('SINCE', since) }}
        - interval {{ sql_literal(var('capture_lookback'), 'text') }}
    and key.applies
    and (key.kind <> 'email' or key.email is not null)
    {%- endset -%}
    {%- do queries.append(query) -%}
{%- endfor -%}
{{ queries | join('\nunion\n') if queries else 'select null::text as kind, null::bigint as id, null::text as email where false' }}
{%- endmacro %}


{#-
    The sources that have a clock in this shop, as `captured_source` describes them, with the `types` of their columns and the form in which
    an instant is compared with the clock: the shop writes UTC without saying so.
-#}
{% macro clocked_sources() -%}
    {%- set found = [] -%}
    {%- if execute -%}
        {%- set sources = [] -%}
        {%- for source in captured_sources().sources if source.clock and source.concerns -%}
            {%- do sources.append(dict(source, columns=[])) -%}
        {%- endfor -%}
        {%- for state in (run_query(capture_states_query(sources)).rows if sources else []) if state.types is not none -%}
            {%- set source = sources | selectattr('name', 'equalto', state.name) | first -%}
            {%- set types = fromjson(state.types) if state.types is string else state.types -%}
            {%- set since_form = {'timestamp': "(SINCE at time zone 'UTC')", 'timestamptz': 'SINCE'}.get(types.get(source.clock)) -%}
            {%- if since_form and concern_rows(source, 'changed', types) -%}
                {%- do found.append(dict(source, types=types, since_form=since_form)) -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(found) }}
{%- endmacro %}
