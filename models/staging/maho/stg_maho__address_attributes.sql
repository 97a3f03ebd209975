{%- set values = {
    'varchar': source('maho', 'customer_address_entity_varchar'),
    'int': source('maho', 'customer_address_entity_int'),
    'decimal': source('maho', 'customer_address_entity_decimal'),
    'datetime': source('maho', 'customer_address_entity_datetime'),
    'text': source('maho', 'customer_address_entity_text'),
} -%}
{%- set attributes = shop_attributes(model.columns, values, 'customer_address_entity.entity_id') -%}

select customer_address_entity.entity_id as address_id{{ attributes.columns }}
from {{ maho_source(source('maho', 'customer_address_entity')) }} as customer_address_entity
{{ attributes.joins }}
