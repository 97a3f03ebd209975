{%- set values = {
    'varchar': source('maho', 'catalog_category_entity_varchar'),
    'int': source('maho', 'catalog_category_entity_int'),
    'decimal': source('maho', 'catalog_category_entity_decimal'),
    'datetime': source('maho', 'catalog_category_entity_datetime'),
    'text': source('maho', 'catalog_category_entity_text'),
} -%}
{%- set attributes = shop_attributes(model.columns, values, 'product_lineages.category_id', by_store=true, as_entries=true) -%}

-- As in stg_maho__product_categories, grouped in the outermost query, so that what nobody asks for is not worked out.
select product_lineages.product_id{{ attributes.columns }}
from {{ ref('stg_maho__product_lineages') }} as product_lineages
{{ attributes.joins }}
group by product_lineages.product_id
