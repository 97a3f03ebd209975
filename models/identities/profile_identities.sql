{{
    config(
        materialized='incremental',
        incremental_strategy='append',
        full_refresh=false,
        indexes=[
            {'columns': ['profile_id'], 'unique': true},
            {'columns': ['customer_id'], 'unique': true},
            {'columns': ['email', 'website_id'], 'unique': true},
            {'columns': ['visitor_id'], 'unique': true},
        ],
        post_hook='analyze {{ this }}',
    )
}}

with

-- Read in place, by each of the three below, instead of being copied first.
known_identities as not materialized (
    {%- if is_incremental() %}
    select
        profile_id,
        customer_id,
        website_id,
        email,
        visitor_id
    from {{ this }}
    {%- else %}
    select
        null::bigint as profile_id,
        null::bigint as customer_id,
        null::integer as website_id,
        null::text as email,
        null::bigint as visitor_id
    where false
    {%- endif %}
),

new_identities as (
    select
        1 as type_rank,
        'customer' as profile_type,
        customers.customer_id::bigint as customer_id,
        null::integer as website_id,
        null::text as email,
        null::bigint as visitor_id
    from {{ ref('stg_maho__customers') }} as customers
    where not exists (
        select 1 from known_identities where known_identities.customer_id = customers.customer_id
    )

    union all

    select
        2 as type_rank,
        'guest' as profile_type,
        null as customer_id,
        guests.website_id,
        guests.email,
        null as visitor_id
    from {{ ref('guests') }} as guests
    where not exists (
        select 1 from known_identities
        where known_identities.email = guests.email and known_identities.website_id = guests.website_id
    )

    union all

    -- Who was logged in all the time has rows of the account only, and never was anybody else.
    select
        3 as type_rank,
        'visitor' as profile_type,
        null as customer_id,
        null as website_id,
        null as email,
        visitors.visitor_id
    from {{ ref('visitors') }} as visitors
    where visitors.has_own_rows and not exists (
        select 1 from known_identities where known_identities.visitor_id = visitors.visitor_id
    )
),

-- Rows are never deleted, so numbers above the highest were never given.
final as (
    select
        (select coalesce(max(profile_id), 0) from known_identities)
            + row_number() over (order by type_rank, customer_id, website_id, email, visitor_id) as profile_id,
        profile_type,
        customer_id,
        website_id,
        email,
        visitor_id
    from new_identities
)

select * from final
