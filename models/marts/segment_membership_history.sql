-- depends_on: {{ ref('segment_memberships') }} (which writes the tables below)

with segment_membership_changes as (
    select
        change_id,
        segment_id,
        profile_id,
        change,
        changed_at
    from {{ ref('segment_membership_changes') }}
),

-- Entries and exits of a segment and profile alternate: the change after an entry is its exit.
stays as (
    select
        segment_id,
        profile_id,
        change,
        changed_at as entered_at,
        lead(changed_at) over (partition by segment_id, profile_id order by change_id) as left_at
    from segment_membership_changes
),

final as (
    select
        segment_id,
        profile_id,
        entered_at,
        left_at
    from stays
    where change = 'entered'
)

select * from final
