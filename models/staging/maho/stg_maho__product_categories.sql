with

-- An ancestor of several of a product's categories counts once.
product_lineages as (
    select distinct
        catalog_category_product.product_id,
        lineage_ids.category_id
    from {{ maho_source(source('maho', 'catalog_category_product')) }} as catalog_category_product
    inner join {{ ref('stg_maho__categories') }} as categories
        on catalog_category_product.category_id = categories.category_id
    cross join unnest(categories.lineage_ids) as lineage_ids (category_id)
)

-- Grouped in the outermost query, where PostgreSQL sees that a product has one row here and leaves out what is not asked
-- for. Joined to one text and split again: arrays of different lengths can't be aggregated, and no url key has a line break.
select
    product_lineages.product_id,
    string_to_array(
        string_agg(
            concat_ws(E'\n', categories.category_id, categories.url_key, nullif(categories.url_key_path, categories.url_key)),
            E'\n'
            order by categories.category_id
        ),
        E'\n'
    ) as category
from product_lineages
inner join {{ ref('stg_maho__categories') }} as categories on product_lineages.category_id = categories.category_id
group by product_lineages.product_id
