{{ config(materialized='view', schema='work') }}

with

-- What the shop has of addresses without an account. The lower the rank, the more such a row knows of its person. Read twice,
-- and not copied first: so one address's rows are found by the shop's own indexes.
guest_rows as not materialized (
    select
        customer_email as email,
        website_id,
        store,
        store_name,
        customer_first_name as first_name,
        customer_last_name as last_name,
        customer_gender_id as gender_id,
        customer_birth_date as birth_date,
        ordered_at as seen_at,
        1 as source_rank,
        order_id as row_id
    from {{ ref('stg_maho__orders') }}
    where customer_id is null and customer_email is not null

    union all

    select
        customer_email as email,
        website_id,
        store,
        store_name,
        customer_first_name as first_name,
        customer_last_name as last_name,
        null as gender_id,
        null as birth_date,
        created_at as seen_at,
        2 as source_rank,
        cart_id as row_id
    from {{ ref('stg_maho__carts') }}
    where coalesce(customer_id, 0) = 0 and customer_email is not null

    union all

    select
        email,
        website_id,
        store,
        store_name,
        null as first_name,
        null as last_name,
        null as gender_id,
        null as birth_date,
        changed_at as seen_at,
        3 as source_rank,
        subscription_id as row_id
    from {{ ref('stg_maho__subscriptions') }}
    where coalesce(customer_id, 0) = 0 and email is not null
),

first_seen as (
    select distinct on (email, website_id)
        email,
        website_id,
        store,
        store_name,
        seen_at as created_at
    from guest_rows
    order by email, website_id, seen_at, source_rank, row_id
),

best_known as (
    select distinct on (email, website_id)
        email,
        website_id,
        first_name,
        last_name,
        gender_id,
        birth_date
    from guest_rows
    -- A row without a time is older than all others.
    order by email asc, website_id asc, source_rank asc, seen_at desc nulls last, row_id desc
),

final as (
    select
        first_seen.website_id,
        best_known.gender_id,
        first_seen.email,
        best_known.first_name,
        best_known.last_name,
        gender_labels.label as gender,
        first_seen.store,
        first_seen.store_name,
        best_known.birth_date,
        first_seen.created_at
    from first_seen
    left join best_known
        on first_seen.email = best_known.email
        and first_seen.website_id = best_known.website_id
    left join {{ ref('stg_maho__option_labels') }} as gender_labels
        on best_known.gender_id = gender_labels.option_id
)

select * from final
