{#-
    Statements that make the audiences' schema hold one view per segment of the plan, named like it, and no other segment's, and let the
    readers of `members` into both schemas. Run after each renewal of `members`, in its transaction: dbt replaces that view under another
    name, and readers never miss theirs.
-#}
{% macro audience_views(members, plan) -%}
{%- set schema = adapter.quote(var('audience_schema')) -%}
{%- set grants = config.get('grants') -%}
{#- While dbt parses, a configuration has no values yet. -#}
{%- set readers = grants.select if grants is mapping else [] -%}
create schema if not exists {{ schema }};
{% for role in readers -%}
grant usage on schema {{ schema }}, {{ adapter.quote(members.schema) }} to {{ adapter.quote(role) }};
{% endfor -%}
{% for name in get_stale_audience_views(var('audience_schema'), plan) -%}
drop view {{ schema }}.{{ adapter.quote(name) }};
{% endfor -%}
{% for segment in plan.segments -%}
create or replace view {{ schema }}.{{ adapter.quote(segment.name) }} as
select
    profile_id,
    customer_id,
    segment_name,
    profile_type,
    email,
    first_name,
    last_name,
    website_code,
    entered_at
from {{ members }}
where segment_name = {{ sql_literal(segment.name, 'text') }};
comment on view {{ schema }}.{{ adapter.quote(segment.name) }}
is {{ sql_literal((segment.label or segment.name) ~ (': ' ~ segment.description if segment.description else ''), 'text') }};
{% for role in readers -%}
grant select on {{ schema }}.{{ adapter.quote(segment.name) }} to {{ adapter.quote(role) }};
{% endfor -%}
{% endfor -%}
{%- endmacro %}


{#- Views in the audiences' schema that are ours (they carry the column segment_name) and of no segment of the plan. -#}
{% macro get_stale_audience_views(schema, plan) -%}
    {%- if not execute -%}{{ return([]) }}{%- endif -%}
    {%- set names = plan.segments | map(attribute='name') | list -%}
    {%- set found = run_query(
        "select table_name from information_schema.columns where table_schema = " ~ sql_literal(schema, 'text')
        ~ " and column_name = 'segment_name' order by table_name"
    ).columns[0].values() -%}
    {{ return(found | reject('in', names) | list) }}
{%- endmacro %}
