-- By ids alone, so that what a category that is gone was is known as well: whose products, and above which others.
select distinct
    catalog_category_product.product_id,
    lineage_ids.id::bigint as category_id
from {{ maho_source(source('maho', 'catalog_category_product')) }} as catalog_category_product
left join {{ maho_source(source('maho', 'catalog_category_entity')) }} as catalog_category_entity
    on catalog_category_product.category_id = catalog_category_entity.entity_id
cross join
    unnest(string_to_array(catalog_category_entity.path, '/') || catalog_category_product.category_id::text) as lineage_ids (id)
where lineage_ids.id ~ '^[0-9]{1,18}$'
