{%- set values = {
    'varchar': source('maho', 'customer_entity_varchar'),
    'int': source('maho', 'customer_entity_int'),
    'decimal': source('maho', 'customer_entity_decimal'),
    'datetime': source('maho', 'customer_entity_datetime'),
    'text': source('maho', 'customer_entity_text'),
} -%}
{%- set attributes = shop_attributes(model.columns, values, 'customer_entity.entity_id') -%}

select
    customer_entity.entity_id as customer_id
    {{- attributes.columns }}
from {{ maho_source(source('maho', 'customer_entity')) }} as customer_entity
{{ attributes.joins }}
