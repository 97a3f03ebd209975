{{ config(materialized='view', schema='work') }}

with

guests as (
    select
        profile_id,
        website_id,
        email
    from {{ ref('profile_identities') }}
    where profile_type = 'guest'
),

customers as (
    select
        customer_id,
        website_id,
        email,
        is_active
    from {{ ref('stg_maho__customers') }}
),

-- 0: one account serves all websites. 1, and when nothing is set: an account serves the website it was made on.
account_sharing as (
    select count(*) > 0 as is_global
    from {{ ref('stg_maho__settings') }}
    where path = 'customer/account_share/scope' and scope = 'default' and value = '0'
),

final as (
    select distinct on (guests.profile_id)
        guests.profile_id,
        customers.customer_id
    from guests
    inner join customers on guests.email = customers.email
    cross join account_sharing
    where account_sharing.is_global or guests.website_id = customers.website_id
    order by
        guests.profile_id asc,
        coalesce(guests.website_id = customers.website_id, false) desc,
        customers.is_active desc,
        customers.customer_id asc
)

select * from final
