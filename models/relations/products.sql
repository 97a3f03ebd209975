with

-- An ancestor of several of a product's categories counts once.
product_lineages as (
    select distinct
        product_categories.product_id,
        lineage_ids.category_id
    from {{ ref('stg_maho__product_categories') }} as product_categories
    inner join {{ ref('stg_maho__categories') }} as categories
        on product_categories.category_id = categories.category_id
    cross join unnest(categories.lineage_ids) as lineage_ids (category_id)
),

-- Joined to one text and split again: aggregating arrays of different lengths is not to be had, and no url key holds a line break.
category_lists as (
    select
        product_lineages.product_id,
        string_to_array(
            string_agg(
                concat_ws(E'\n', categories.category_id, categories.url_key, categories.url_key_path), E'\n'
                order by categories.category_id
            ),
            E'\n'
        ) as category
    from product_lineages
    inner join {{ ref('stg_maho__categories') }} as categories on product_lineages.category_id = categories.category_id
    group by product_lineages.product_id
),

final as (
    select
        products.product_id,
        products.sku,
        products.name,
        products.type,
        category_lists.category,
        products.price
    from {{ ref('stg_maho__products') }} as products
    left join category_lists on products.product_id = category_lists.product_id
)

select * from final
