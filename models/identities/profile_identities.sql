-- depends_on: {{ ref('changed_keys') }}
{{
    config(
        materialized='incremental',
        incremental_strategy='append',
        full_refresh=false,
        on_schema_change='append_new_columns',
        indexes=[
            {'columns': ['profile_id'], 'unique': true},
            {'columns': ['customer_id'], 'unique': true},
            {'columns': ['email', 'website_id'], 'unique': true},
            {'columns': ['visitor_id'], 'unique': true},
        ],
        post_hook='analyze {{ this }}',
    )
}}

{%- set nobody -%}
(
        select
            null::bigint as profile_id,
            null::bigint as customer_id,
            null::integer as website_id,
            null::text as email,
            null::bigint as visitor_id
        where false
    )
{%- endset -%}
{%- set known_identities = this if is_incremental() else nobody -%}

with

new_identities as (
    select
        1 as type_rank,
        'customer' as profile_type,
        customers.customer_id::bigint as customer_id,
        null::integer as website_id,
        null::text as email,
        null::bigint as visitor_id
    from {{ ref('stg_maho__customers') }} as customers
    left join {{ known_identities }} as known_identities on customers.customer_id = known_identities.customer_id
    where known_identities.profile_id is null

    union all

    select
        2 as type_rank,
        'guest' as profile_type,
        null as customer_id,
        guests.website_id,
        guests.email,
        null as visitor_id
    from {{ ref('guests') }} as guests
    left join {{ known_identities }} as known_identities
        on guests.email = known_identities.email
        and guests.website_id = known_identities.website_id
    where known_identities.profile_id is null

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
    left join {{ known_identities }} as known_identities on visitors.visitor_id = known_identities.visitor_id
    where visitors.has_own_rows and known_identities.profile_id is null
),

-- Rows are never deleted, only blanked when who they stood for is erased: numbers above the highest were never given.
final as (
    select
        row_number() over (order by type_rank, customer_id, website_id, email, visitor_id)
        + (select coalesce(max(known_identities.profile_id), 0) from {{ known_identities }} as known_identities) as profile_id,
        profile_type,
        customer_id,
        website_id,
        email,
        visitor_id,
        null::timestamp with time zone as erased_at
    from new_identities
)

select * from final
