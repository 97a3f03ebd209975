{#-
    The one statement that publishes a run. `differences` is the query of segment_memberships; the other tables are those of
    models/membership and models/marts that dbt created empty. A segment whose definition changed since it was last published explains
    its entries and exits by that (`definition`); a profile that became another explains its own (`merged`); one that is gone is erased.
-#}
{% macro publish_memberships(target, differences) -%}
{%- set tables = publication_tables() -%}
{%- set as_of = sql_literal(get_as_of().isoformat(), 'time') -%}
with differences as materialized (
    {{ differences | indent(4) }}
),

{{ membership_moves_ctes(tables) }},

{{ erase_profiles_ctes(tables, as_of) }},

run as (
    insert into {{ tables.segment_runs }} (
        run_id, invocation_id, mode, status, as_of, started_at, finished_at, profiles_evaluated, profiles_changed,
        entered_count, left_count, erased_count
    )
    select
        (select coalesce(max(earlier.run_id), 0) + 1 from {{ tables.segment_runs }} as earlier),
        {{ sql_literal(invocation_id, 'text') }},
        'full',
        'published',
        {{ as_of }},
        {{ sql_literal(run_started_at.astimezone(modules.pytz.utc).isoformat(), 'time') }},
        clock_timestamp(),
        (select count(*) from {{ tables.profile_features }}),
        (select count(*) from differences),
        (select coalesce(sum(entered_count), 0) from counts),
        (select coalesce(sum(left_count), 0) from counts),
        (select count(*) from erased)
    returning run_id
),

{{ publish_profiles_ctes(target, tables, as_of) }},

{{ publish_segments_ctes(tables, as_of) }}

select
    run.run_id,
    (select coalesce(sum(entered_count + left_count), 0) from counts) as change_count
from run
{%- endmacro %}


{#-
    The tables that are read and written by the publication, by name. They are models, so that dbt creates, describes and tests them;
    segment_memberships calls this while it is parsed too, which makes it depend on them.
-#}
{% macro publication_tables() -%}
    {%- set tables = {} -%}
    {%- for name in [
        'profile_identities', 'profiles', 'profile_features', 'profile_segments', 'segment_definitions', 'segment_publications',
        'segment_membership_changes', 'segment_runs', 'segment_sizes',
    ] -%}
        {%- do tables.update({name: ref(name)}) -%}
    {%- endfor -%}
    {{ return(tables) }}
{%- endmacro %}
