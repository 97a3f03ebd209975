{#- Each evaluated segment with what its guards find: `held_reason`, missing where nothing is wrong or somebody released it. -#}
{% macro judged_ctes(tables, run) -%}
{%- set emptied_from = var('guards').emptied_from -%}
considered as (
    select
        considered.*,
        coalesce(publications.member_count, 0) as members_before,
        coalesce(counts.entered_count, 0) + coalesce(counts.left_count, 0) as changes,
        coalesce(publications.member_count, 0) + coalesce(counts.entered_count, 0) - coalesce(counts.left_count, 0) as members,
        publications.accepted_at is not null as is_accepted
    from {{ guard_rows(run) | indent(4) }} as considered (
        segment_id, segment_name, max_change_percent, min_members, max_members
    )
    left join {{ tables.segment_publications }} as publications on considered.segment_id = publications.segment_id
    left join counts on considered.segment_id = counts.segment_id
),

judged as (
    select
        segment_id,
        segment_name,
        case
            when is_accepted then null
            {%- if run.alarms %}
            when true then {{ sql_literal(run.alarms | join('; '), 'text') }}
            {%- endif %}
            when members_before > 0 and changes * 100 > max_change_percent * members_before
                then {{ counted('changes') }} || ' entries and exits, where its ' || {{ counted('members_before') }}
                    || ' members may change by ' || max_change_percent || ' %'
            when members < min_members
                then {{ counted('members') }} || ' members, where at least ' || {{ counted('min_members') }} || ' are expected'
            when members > max_members
                then {{ counted('members') }} || ' members, where at most ' || {{ counted('max_members') }} || ' are expected'
            {%- if emptied_from %}
            when members = 0 and members_before >= {{ sql_literal(emptied_from, 'number') }}
                then 'none of its ' || {{ counted('members_before') }} || ' members would be left'
            {%- endif %}
        end as held_reason
    from considered
)
{%- endmacro %}


{#- A number for people. -#}
{% macro counted(number) -%}
    {{ return("to_char(" ~ number ~ ", 'FM999,999,999,990')") }}
{%- endmacro %}


{#- The evaluated segments with their guards, as rows. No segment has the number 0, which stands in where there are none. -#}
{% macro guard_rows(run) -%}
(
    values
    {%- for segment in run.guards %}
    (
        {{ segment.id }}, {{ sql_literal(segment.name, 'text') }}, {{ sql_literal(segment.max_change_percent, 'number') }}::numeric,
        {{ sql_literal(segment.min_members, 'number') }}::bigint, {{ sql_literal(segment.max_members, 'number') }}::bigint
    ){{ "," if not loop.last }}
    {%- else %}
    (0, '', null::numeric, null::bigint, null::bigint)
    {%- endfor %}
)
{%- endmacro %}
