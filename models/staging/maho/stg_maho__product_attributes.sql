{%- set values = {
    'varchar': source('maho', 'catalog_product_entity_varchar'),
    'int': source('maho', 'catalog_product_entity_int'),
    'decimal': source('maho', 'catalog_product_entity_decimal'),
    'datetime': source('maho', 'catalog_product_entity_datetime'),
    'text': source('maho', 'catalog_product_entity_text'),
} -%}
{%- set attributes = shop_attributes(model.columns, values, 'catalog_product_entity.entity_id', by_store=true) -%}

select
    catalog_product_entity.entity_id as product_id
    {{- attributes.columns }}
from {{ maho_source(source('maho', 'catalog_product_entity')) }} as catalog_product_entity
{{ attributes.joins }}
