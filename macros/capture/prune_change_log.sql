{#-
    Deletes what every pointer has seen from the change log. For on-run-end: pointers move where their tables are written, so this may run, or
    fail, at any time.
-#}
{% macro prune_change_log() -%}
    {%- if execute and flags.WHICH in ('build', 'run') and var('change_capture') == 'triggers' -%}
        {{ return(change_log_pruning()) }}
    {%- endif -%}
{%- endmacro %}


{#-
    The statement that does it; nothing where there is no log or no table with pointers. A segment that is off, held or failed is answered
    for everybody when it comes back, and has no use for the log.
-#}
{% macro change_log_pruning() -%}
    {%- set pointers = [] -%}
    {%- for name, condition in {'refresh_pointers': 'true', 'segment_publications': "is_active and status = 'published'"}.items() -%}
        {%- set table = load_relation(project_relation(name)) -%}
        {%- if table is not none -%}
            {%- do pointers.append("select pointer from " ~ table ~ " where pointer is not null and " ~ condition) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if pointers and load_relation(change_log()) is not none -%}
delete from {{ change_log() }}
where transaction_id < (
    {#- Not min(), which PostgreSQL 14 has not for transactions. #}
    select pg_snapshot_xmin(pointer) as horizon
    from ({{ pointers | join(' union all ') }}) as pointers
    order by horizon
    limit 1
)
    {%- endif -%}
{%- endmacro %}
