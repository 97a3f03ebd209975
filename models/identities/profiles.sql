-- What its write logs is news to the segments: depends_on: {{ ref('segment_publications') }}
{{
    config(
        materialized='incremental',
        incremental_strategy='guarded_difference',
        unique_key='profile_id',
        full_refresh=false,
        on_schema_change='append_new_columns',
        indexes=[
            {'columns': ['profile_id'], 'unique': true},
            {'columns': ['customer_id']},
            {'columns': ['email', 'website_id']},
            {'columns': ['visitor_id']},
            {'columns': ['(coalesce(merged_into_profile_id, profile_id))']},
        ],
        meta={'evaluated': 'profile_id in (select concerned_profiles.profile_id from concerned_profiles)'},
        pre_hook="{{ make_concerned_profiles(this, get_changed_keys(ref('changed_keys'), ref('refresh_scope'))) }}",
        post_hook=[
            "{{ move_refresh_pointer(ref('refresh_pointers'), 'profiles', get_refresh_scope(ref('refresh_scope'))) }}",
            "{{ analyze_after_full(this, ref('refresh_scope')) }}",
        ],
    )
}}

{%- set joins_guest_orders = sql_literal(joins_guest_orders(), 'boolean') %}

{#- An incremental run works out the rows of `concerned_profiles`; where few, by looking each up in the views that aggregate. -#}
{%- set keys = get_changed_keys(ref('changed_keys'), ref('refresh_scope')) -%}
{%- set changed = keys if is_incremental() else none -%}
{%- set few = changed is not none and changed.total <= changed.limit %}

{%- if changed is not none and not changed.total %}
{{ state_rows(model.columns) }}
{%- else %}

with

-- Each joins the others by a key of its own, so these are read in place instead of being copied first.
profile_identities as not materialized (
    select
        profile_id,
        profile_type,
        customer_id,
        website_id,
        email,
        visitor_id
    from {{ ref('profile_identities') }}
),

wanted_identities as not materialized (
    select *
    from profile_identities
    {%- if changed is not none %}
    where profile_id in (select concerned_profiles.profile_id from concerned_profiles)
    {%- endif %}
),

guest_accounts as {{ 'not materialized ' if few }}(
    select
        guest_accounts.profile_id,
        profile_identities.profile_id as customer_profile_id
    from {{ ref('guest_accounts') }} as guest_accounts
    inner join profile_identities on guest_accounts.customer_id = profile_identities.customer_id
),

customer_profiles as (
    select
        profile_identities.profile_id,
        profile_identities.customer_id,
        null::bigint as visitor_id,
        customers.website_id,
        customers.customer_group_id,
        null::bigint as merged_into_profile_id,
        profile_identities.profile_type,
        customers.email,
        customers.first_name,
        customers.last_name,
        customers.gender,
        customers.gender_id,
        stores.store,
        stores.store_name,
        customers.is_active,
        customers.birth_date,
        customers.created_at
    from wanted_identities as profile_identities
    inner join {{ ref('stg_maho__customers') }} as customers on profile_identities.customer_id = customers.customer_id
    left join {{ ref('stg_maho__stores') }} as stores on customers.store_id = stores.store_id
),

-- A guest whose orders an account has claimed has no rows left, nor any to keep apart, but is known to be that customer.
guest_profiles as (
    select
        profile_identities.profile_id,
        null::bigint as customer_id,
        null::bigint as visitor_id,
        profile_identities.website_id,
        0 as customer_group_id,
        case
            when {{ joins_guest_orders }} or guests.email is null then guest_accounts.customer_profile_id
        end as merged_into_profile_id,
        profile_identities.profile_type,
        profile_identities.email,
        guests.first_name,
        guests.last_name,
        guests.gender,
        guests.gender_id,
        guests.store,
        guests.store_name,
        true as is_active,
        guests.birth_date,
        guests.created_at
    from wanted_identities as profile_identities
    left join {{ looked_up(
        ref('guests'), 'guests', {'email': 'profile_identities.email', 'website_id': 'profile_identities.website_id'}, few
    ) }}
    left join {{ looked_up('guest_accounts', 'guest_accounts', {'profile_id': 'profile_identities.profile_id'}, few) }}
    where
        profile_identities.profile_type = 'guest'
        and (guests.email is not null or guest_accounts.profile_id is not null)
),

visitor_profiles as (
    select
        profile_identities.profile_id,
        null::bigint as customer_id,
        profile_identities.visitor_id,
        visitors.website_id,
        0 as customer_group_id,
        coalesce(
            logged_in.profile_id,
            guest_accounts.customer_profile_id,
            checked_out.profile_id
        ) as merged_into_profile_id,
        profile_identities.profile_type,
        null::text as email,
        null::text as first_name,
        null::text as last_name,
        null::text as gender,
        null::integer as gender_id,
        visitors.store,
        visitors.store_name,
        true as is_active,
        null::date as birth_date,
        visitors.created_at
    from wanted_identities as profile_identities
    inner join {{ looked_up(ref('visitors'), 'visitors', {'visitor_id': 'profile_identities.visitor_id'}, few) }}
    left join profile_identities as logged_in on visitors.customer_id = logged_in.customer_id
    left join profile_identities as checked_out
        on visitors.guest_email = checked_out.email
        and visitors.guest_website_id = checked_out.website_id
    left join {{ looked_up('guest_accounts', 'guest_accounts', {'profile_id': 'checked_out.profile_id'}, few) }}  -- noqa: LT02
        and {{ joins_guest_orders }}  -- noqa: LT02
    -- Known from before, but with rows of an account alone that is gone: who meets the shop now would not know of such a visitor.
    where
        visitors.has_own_rows
        or coalesce(logged_in.profile_id, guest_accounts.customer_profile_id, checked_out.profile_id) is not null
),

all_profiles as (
    select * from customer_profiles
    union all
    select * from guest_profiles
    union all
    select * from visitor_profiles
),

final as (
    select
        all_profiles.profile_id,
        all_profiles.customer_id,
        all_profiles.visitor_id,
        all_profiles.website_id::integer as website_id,
        all_profiles.customer_group_id::integer as customer_group_id,
        all_profiles.merged_into_profile_id,
        all_profiles.profile_type,
        all_profiles.email,
        all_profiles.first_name,
        all_profiles.last_name,
        all_profiles.gender,
        all_profiles.gender_id::text as gender_id,
        websites.website,
        websites.website_name,
        all_profiles.store,
        all_profiles.store_name,
        customer_groups.customer_group,
        coalesce(websites.time_zone, main_website.time_zone) as time_zone,
        all_profiles.is_active,
        all_profiles.birth_date,
        all_profiles.created_at
    from all_profiles
    left join {{ ref('stg_maho__websites') }} as websites on all_profiles.website_id = websites.website_id
    left join {{ ref('stg_maho__main_website') }} as main_website on true
    left join {{ ref('stg_maho__customer_groups') }} as customer_groups
        on all_profiles.customer_group_id = customer_groups.customer_group_id
)

select * from final
{%- endif %}
