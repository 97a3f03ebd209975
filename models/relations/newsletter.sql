-- One branch for each way to a profile, and no WITH around them: so one profile's rows are found by the shop's own indexes.
select
    subscription_id,
    profile_id,
    status,
    store,
    store_name,
    is_guest,
    changed_at
from (
    select
        subscriptions.*,
        profiles.profile_id,
        false as is_guest
    from {{ ref('stg_maho__subscriptions') }} as subscriptions
    inner join {{ ref('profiles') }} as profiles
        on subscriptions.customer_id = profiles.customer_id

    union all

    select
        subscriptions.*,
        coalesce(profiles.merged_into_profile_id, profiles.profile_id) as profile_id,
        true as is_guest
    from {{ ref('stg_maho__subscriptions') }} as subscriptions
    inner join {{ ref('profiles') }} as profiles
        on subscriptions.email = profiles.email
        and subscriptions.website_id = profiles.website_id
        and profiles.profile_type = 'guest'
    where coalesce(subscriptions.customer_id, 0) = 0
) as owned_subscriptions
