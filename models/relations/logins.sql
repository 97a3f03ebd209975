select
    logins.login_id,
    profiles.profile_id,
    logins.logged_in_at
from {{ ref('stg_maho__logins') }} as logins
inner join {{ ref('profiles') }} as profiles
    on logins.customer_id = profiles.customer_id
