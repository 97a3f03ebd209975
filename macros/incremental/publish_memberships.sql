{#-
    The one statement that publishes a run. `differences` is the query of segment_memberships, `run` what it publishes: the scope
    (`get_publication_scope`) with the guards of the segments (`guards`), what is suspicious about the shop's tables (`alarms`), and their
    rows (`source_counts`). The other tables are those of models/refresh, models/membership and models/marts that dbt created empty.
-#}
{% macro publish_memberships(target, differences, run) -%}
{%- set tables = publication_tables() -%}
{%- set as_of = sql_literal(get_as_of().isoformat(), 'time') -%}
with recursive differences as materialized (
    {{ differences | indent(4) }}
),

{{ membership_moves_ctes(run) }},

{{ publication_verdicts_ctes(tables, run) }},

{{ keep_arrays_ctes(tables, run) }},

{{ erase_profiles_ctes(tables, as_of, run) }},

{{ publication_run_cte(tables, as_of, run) }},

{{ publish_profiles_ctes(target, tables, as_of, run) }},

{{ publish_segments_ctes(tables, as_of, run) }}

select
    run.run_id,
    (select coalesce(sum(entered_count + left_count), 0) from outcomes) as change_count
from run
{%- endmacro %}


{#- The row of the ledger. -#}
{% macro publication_run_cte(tables, as_of, run) -%}
{%- set looks_at_all = run.mode == 'full' or run.renewed -%}
run as (
    insert into {{ tables.segment_runs }} (
        run_id, invocation_id, mode, why, status, error, as_of, started_at, finished_at, profiles_evaluated, looked_at, profiles_changed,
        entered_count, left_count, erased_count, published_count, held_segments, failed_segments, initiated_by
    )
    select
        (select coalesce(max(earlier.run_id), 0) + 1 from {{ tables.segment_runs }} as earlier),
        {{ sql_literal(invocation_id, 'text') }},
        {{ sql_literal(run.mode, 'text') }},
        {{ sql_literal(run.why, 'text') }},
        case
            when count(*) filter (where status = 'published') > 0 or count(status) = 0 then 'published'
            when count(*) filter (where status = 'held') > 0 then 'held'
            else 'failed'
        end,
        case
            when count(status) > 0 and count(*) filter (where status = 'failed') = count(status)
                then 'every segment failed; the first: ' || min(error)
        end,
        {{ as_of }},
        {{ sql_literal(run_started_at.astimezone(modules.pytz.utc).isoformat(), 'time') }},
        clock_timestamp(),
        (select count(*) from {{ tables.profile_features if looks_at_all else tables.changed_profiles }}),
        {%- if run.mode == 'full' %}
        null::jsonb,
        {%- else %}
        (
            select coalesce(jsonb_object_agg(counted.reason, counted.profiles), '{}')
            from (
                select reasons.reason, count(*) as profiles
                from {{ tables.changed_profiles }} as changes
                cross join unnest(changes.reasons) as reasons (reason)
                group by reasons.reason
            ) as counted
        ),
        {%- endif %}
        (select count(*) from settled where segment_ids <> previous_segment_ids or has_moved),
        coalesce(sum(entered_count), 0),
        coalesce(sum(left_count), 0),
        (select count(*) from erased),
        count(*) filter (where status = 'published'),
        array_agg(segment_name order by segment_id) filter (where status = 'held'),
        array_agg(segment_name order by segment_id) filter (where status = 'failed'),
        {{ sql_literal(var('initiated_by') or none, 'text') }}
    from outcomes
    returning run_id
)
{%- endmacro %}


{#-
    The tables that are read and written by the publication, by name. They are models, so that dbt creates, describes and tests them;
    segment_memberships calls this while it is parsed too, which makes it depend on them.
-#}
{% macro publication_tables() -%}
    {%- set tables = {} -%}
    {%- for name in [
        'profile_identities', 'profiles', 'changed_profiles', 'changed_keys', 'profile_features', 'profile_segments', 'profile_clocks',
        'segment_definitions', 'segment_publications', 'segment_membership_changes', 'segment_runs', 'segment_sizes', 'source_counts',
    ] -%}
        {%- do tables.update({name: ref(name)}) -%}
    {%- endfor -%}
    {{ return(tables) }}
{%- endmacro %}
