-- Fails if a published count, or the ids kept beside a profile, differ from the memberships.
with counted as (
    select
        segment_id,
        count(*) as member_count
    from {{ ref('segment_memberships') }}
    group by segment_id
),

kept as (
    select
        segment_ids.segment_id,
        count(*) as member_count
    from {{ ref('profile_segments') }}
    cross join unnest(segment_ids) as segment_ids (segment_id)
    group by segment_ids.segment_id
)

select
    segments.segment_name,
    segments.member_count as published,
    counted.member_count as memberships,
    kept.member_count as kept
from {{ ref('segments') }}
left join counted on segments.segment_id = counted.segment_id
left join kept on segments.segment_id = kept.segment_id
where
    segments.member_count <> coalesce(counted.member_count, 0)
    or segments.member_count <> coalesce(kept.member_count, 0)
