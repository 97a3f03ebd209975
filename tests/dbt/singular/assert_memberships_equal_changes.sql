-- Fails if the changes, replayed, do not give the memberships: someone is inside without an open stay, or the other way round.
with memberships as (
    select
        segment_id,
        profile_id,
        entered_at
    from {{ ref('segment_memberships') }}
),

open_stays as (
    select
        segment_id,
        profile_id,
        entered_at
    from {{ ref('segment_membership_history') }}
    where left_at is null
)

(select 'without an open stay' as failure, * from memberships except select 'without an open stay', * from open_stays)
union all
(select 'without a membership' as failure, * from open_stays except select 'without a membership', * from memberships)
