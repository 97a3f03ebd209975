select
    core_store.store_id,
    core_store.website_id,
    -- What comes from the admin's store belongs to the website that the shop treats as its main one.
    case
        when core_store.website_id <> 0 then core_store.website_id
        else (select main_website.website_id from {{ ref('stg_maho__main_website') }} as main_website)
    end as customer_website_id,
    {{ filled_text('core_store.code') }} as store,
    {{ filled_text('core_store.name') }} as store_name,
    coalesce({{ known_time_zone('store_settings.value') }}, websites.time_zone) as time_zone
from {{ maho_source(source('maho', 'core_store')) }} as core_store
left join {{ ref('stg_maho__websites') }} as websites
    on core_store.website_id = websites.website_id
left join {{ ref('stg_maho__settings') }} as store_settings
    on store_settings.scope = 'stores'
    and core_store.store_id = store_settings.scope_id
    and store_settings.path = 'general/locale/timezone'
