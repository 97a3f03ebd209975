{#-
    Before models are made by other code than that of the last full build (`code_fingerprint` says which it is; a bare `dbt build` says
    nothing): what build_state knows of that build holds no longer, until the next full one ends well. `built` is the code of one that
    published and then failed its tests: audits go by it. For on-run-start.
-#}
{% macro forget_other_code() -%}
    {%- set state = load_relation(project_relation('build_state')) if execute and flags.WHICH in ('build', 'run') else none -%}
    {%- if state is not none -%}
delete from {{ state }}
where
    name in ('code', 'built', 'audiences')
    and not exists (
        select 1
        from {{ state }} as kept
        where kept.name in ('code', 'built') and kept.value = {{ sql_literal(var('code_fingerprint'), 'text') }}
    )
    {%- endif -%}
{%- endmacro %}
