{#-
    Text that is the same as long as the change log misses nothing: the cluster, the log, and each captured table with its columns and
    triggers. None where some table that the memberships are made of is not captured, so that only a full run is right. A trigger that was off
    for a while, a table that was swapped or written anew past its triggers, a log that was emptied: each makes it another. Tables that no
    segment needs yet are in it too, so that a segment that begins to need one leaves it as it is.
-#}
{% macro capture_key() -%}
    {%- if not execute -%}{{ return(none) }}{%- endif -%}
    {%- set captured = captured_sources() -%}
    {%- if captured.problems -%}{{ return(none) }}{%- endif -%}
    {%- set of_any_plan = captured_sources(of_any_plan=true).sources -%}
    {%- if var('change_capture') == 'clocks' -%}
        {#- What is written until that instant has come would look as if this run had seen it. -#}
        {%- if get_as_of() > run_started_at -%}{{ return(none) }}{%- endif -%}
        {{ return('clocks:' ~ local_md5(tojson(of_any_plan | map(attribute='declaration') | list))) }}
    {%- endif -%}
    {%- set rows = run_query(capture_key_query(of_any_plan, captured.sources | map(attribute='name') | list)).rows -%}
    {{ return(rows[0].capture_key if rows | length else none) }}
{%- endmacro %}


{#- Query of that text; no row where there is no log. `needed` are the names of the sources without which there is none. -#}
{% macro capture_key_query(sources, needed) -%}
select
    case when count(states.gap) filter (where states.name in ({{ sql_literals(needed, 'text') | join(', ') }})) = 0 then concat_ws(
        ':',
        (select system_identifier from pg_control_system()),
        log.oid,
        log.relfilenode,
        md5(string_agg(coalesce(states.gap, states.state), ' ' order by states.name))
    ) end as capture_key
from pg_class as log
cross join (
    {{ capture_states_query(sources) | indent(4) }}
) as states
where log.oid = to_regclass({{ sql_literal(change_log() | string, 'text') }})
group by log.oid, log.relfilenode
{%- endmacro %}
