-- depends_on: {{ ref('segment_memberships') }} (which writes the table below)

with profile_identities as (
    select
        profile_id,
        erased_at
    from {{ ref('profile_identities') }}
),

final as (
    select
        profile_id,
        erased_at
    from profile_identities
    where erased_at is not null
)

select * from final
