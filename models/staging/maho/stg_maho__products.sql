{%- set attributes = ref('stg_maho__attributes') -%}
{%- set texts = maho_source(source('maho', 'catalog_product_entity_varchar')) -%}
{%- set decimals = maho_source(source('maho', 'catalog_product_entity_decimal')) -%}
{%- set id = 'catalog_product_entity.entity_id' -%}

select
    catalog_product_entity.entity_id as product_id,
    {{ filled_text('catalog_product_entity.sku') }} as sku,
    {{ filled_text('names.value') }} as name,
    {{ filled_text('catalog_product_entity.type_id') }} as type,
    prices.value as price
from {{ maho_source(source('maho', 'catalog_product_entity')) }} as catalog_product_entity
{{ eav_join('names', texts, attributes, 'catalog_product.name', id, by_store=true) }}
{{ eav_join('prices', decimals, attributes, 'catalog_product.price', id, by_store=true) }}
