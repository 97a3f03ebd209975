select
    newsletter_subscriber.subscriber_id as subscription_id,
    -- 0 says that the address has no account; left as it is, so that its index can be used.
    newsletter_subscriber.customer_id,
    {{ website_of_store(stores='stores', main_website=ref('stg_maho__main_website')) }} as website_id,
    case when newsletter_subscriber.store_id is not null then stores.store end as store,
    case when newsletter_subscriber.store_id is not null then stores.store_name end as store_name,
    {{ normalized_email('newsletter_subscriber.subscriber_email') }} as email,
    case newsletter_subscriber.subscriber_status
        when 1 then 'subscribed'
        when 2 then 'not_active'
        when 3 then 'unsubscribed'
        when 4 then 'unconfirmed'
    end as status,
    {{ utc_time('newsletter_subscriber.change_status_at') }} as changed_at
from {{ maho_source(source('maho', 'newsletter_subscriber')) }} as newsletter_subscriber
-- The subscriptions of a deleted store view stay, without a store: they belong to the main website then.
left join {{ ref('stg_maho__stores') }} as stores
    on coalesce(newsletter_subscriber.store_id, 0) = stores.store_id
