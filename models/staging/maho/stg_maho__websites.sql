select
    core_website.website_id,
    {{ filled_text('core_website.code') }} as website,
    {{ filled_text('core_website.name') }} as website_name,
    coalesce(
        {{ known_time_zone('website_settings.value') }},
        {{ known_time_zone('default_settings.value') }},
        'America/Los_Angeles'
    ) as time_zone,
    coalesce(core_website.is_default = 1, false) as is_default
from {{ maho_source(source('maho', 'core_website')) }} as core_website
left join {{ ref('stg_maho__settings') }} as website_settings
    on website_settings.scope = 'websites'
    and core_website.website_id = website_settings.scope_id
    and website_settings.path = 'general/locale/timezone'
left join {{ ref('stg_maho__settings') }} as default_settings
    on default_settings.scope = 'default'
    and default_settings.scope_id = 0
    and default_settings.path = 'general/locale/timezone'
