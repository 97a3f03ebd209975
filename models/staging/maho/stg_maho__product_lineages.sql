-- An ancestor of several of a product's categories counts once.
select
    catalog_category_product.product_id,
    lineage_ids.category_id,
    bool_or(lineage_ids.category_id = catalog_category_product.category_id) as is_own
from {{ maho_source(source('maho', 'catalog_category_product')) }} as catalog_category_product
inner join {{ ref('stg_maho__categories') }} as categories
    on catalog_category_product.category_id = categories.category_id
cross join unnest(categories.lineage_ids) as lineage_ids (category_id)
group by catalog_category_product.product_id, lineage_ids.category_id
