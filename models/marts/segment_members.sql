{{ config(post_hook='{{ audience_views(this, segment_plan()) }}') }}

with segment_memberships as (
    select
        segment_id,
        profile_id,
        entered_at
    from {{ ref('segment_memberships') }}
),

segment_definitions as (
    select
        segment_id,
        segment_name
    from {{ ref('segment_definitions') }}
),

profiles as (
    select
        profile_id,
        profile_type,
        customer_id,
        email,
        first_name,
        last_name,
        website
    from {{ ref('profiles') }}
),

final as (
    select
        segment_memberships.segment_id,
        segment_memberships.profile_id,
        profiles.customer_id,
        segment_definitions.segment_name,
        profiles.profile_type,
        profiles.email,
        profiles.first_name,
        profiles.last_name,
        profiles.website as website_code,
        segment_memberships.entered_at
    from segment_memberships
    inner join segment_definitions
        on segment_memberships.segment_id = segment_definitions.segment_id
    inner join profiles
        on segment_memberships.profile_id = profiles.profile_id
)

select * from final
