-- depends_on: {{ ref('segment_memberships') }} (which writes the tables below)

with segment_definitions as (
    select
        segment_id,
        segment_name,
        label,
        description,
        owner,
        tags,
        audience,
        definition,
        definition_hash,
        priority,
        is_active
    from {{ ref('segment_definitions') }}
),

segment_publications as (
    select
        segment_id,
        member_count,
        entered_count,
        left_count,
        status,
        coalesce(held_reason, error) as status_reason,
        as_of,
        published_at
    from {{ ref('segment_publications') }}
),

final as (
    select
        segment_definitions.segment_id,
        segment_definitions.segment_name,
        segment_definitions.label,
        segment_definitions.description,
        segment_definitions.owner,
        coalesce(segment_publications.status, 'never_built') as status,
        segment_definitions.definition_hash,
        segment_definitions.tags,
        segment_definitions.audience,
        segment_definitions.definition,
        segment_definitions.priority,
        coalesce(segment_publications.member_count, 0)::bigint as member_count,
        coalesce(segment_publications.entered_count, 0)::bigint as entered_count,
        coalesce(segment_publications.left_count, 0)::bigint as left_count,
        segment_definitions.is_active,
        segment_publications.as_of,
        segment_publications.published_at,
        segment_publications.status_reason
    from segment_definitions
    left join segment_publications
        on segment_definitions.segment_id = segment_publications.segment_id
)

select * from final
