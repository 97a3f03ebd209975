select
    website_id,
    time_zone
from {{ ref('stg_maho__websites') }}
order by website_id = 0 asc, is_default desc, website_id asc
limit 1
