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
        post_hook="{{ analyze_after_full(this, ref('refresh_scope')) }}",
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

{#- An incremental run looks for new ones among those that its changed keys name. -#}
{%- set keys, carts = get_changed_keys(ref('changed_keys'), ref('refresh_scope')), ref('stg_maho__cart_visitors') -%}
{%- set changed = keys if is_incremental() else none %}

with

customers as (
    {%- if changed is not none %}
    {{ rows_of_keys(['viewed.customer_id'], ref('stg_maho__customers'), 'customer_id', keys_of(changed, 'customer')) | indent }}
    {%- else %}
    select customer_id
    from {{ ref('stg_maho__customers') }}
    {%- endif %}
),

guests as (
    {%- if changed is not none %}
    {{ rows_of_keys(['viewed.email', 'viewed.website_id'], ref('guests'), 'email', keys_of(changed, 'email')) | indent }}
    {%- else %}
    select
        email,
        website_id
    from {{ ref('guests') }}
    {%- endif %}
),

-- Whether a visitor did anything without being logged in can also change with a cart of theirs.
visitors as (
    {%- if changed is not none %}
    {%- set carts_visitors = led_to(carts, 'cart_id', keys_of(changed, 'cart'), 'visitor_id') %}
    {{ rows_of_keys(['viewed.visitor_id', 'viewed.has_own_rows'], ref('visitors'), 'visitor_id', keys_of(changed, 'visitor')) | indent }}
    union
    {{ rows_of_keys(['viewed.visitor_id', 'viewed.has_own_rows'], ref('visitors'), 'visitor_id', carts_visitors) | indent }}
    {%- else %}
    select
        visitor_id,
        has_own_rows
    from {{ ref('visitors') }}
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
    from customers
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
    from guests
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
    from visitors
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
