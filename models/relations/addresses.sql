select
    addresses.address_id,
    profiles.profile_id,
    addresses.first_name,
    addresses.last_name,
    addresses.company,
    addresses.street,
    addresses.city,
    addresses.region,
    addresses.postcode,
    addresses.country,
    addresses.telephone,
    addresses.is_default_billing,
    addresses.is_default_shipping,
    addresses.created_at
from {{ ref('stg_maho__addresses') }} as addresses
inner join {{ ref('profiles') }} as profiles
    on addresses.customer_id = profiles.customer_id
