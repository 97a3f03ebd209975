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
    from {{ guard_rows(run) | indent(4) }}
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


{#- The evaluated segments with their guards, as rows; as one literal, whatever their number. -#}
{% macro guard_rows(run) -%}
{%- set rows = [] -%}
{%- for guard in run.guards -%}
    {%- do rows.append({
        'segment_id': guard.id,
        'segment_name': guard.name,
        'max_change_percent': guard.get('max_change_percent'),
        'min_members': guard.get('min_members'),
        'max_members': guard.get('max_members'),
    }) -%}
{%- endfor -%}
jsonb_to_recordset({{ sql_literal(tojson(rows), 'text') }}::jsonb) as considered (
    segment_id integer, segment_name text, max_change_percent numeric, min_members bigint, max_members bigint
)
{%- endmacro %}
