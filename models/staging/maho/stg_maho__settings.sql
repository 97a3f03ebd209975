-- The only reader of the shop's settings. Their values can be secrets: add a path here only when a model needs it.
select
    scope,
    scope_id,
    path,
    {{ filled_text('value') }} as value
from {{ maho_source(source('maho', 'core_config_data')) }} as core_config_data
where path in ('general/locale/timezone', 'customer/account_share/scope')
