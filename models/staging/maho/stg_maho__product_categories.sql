with

product_categories as (
    select
        product_id,
        category_id
    from {{ maho_source(source('maho', 'catalog_category_product')) }} as catalog_category_product
)

select * from product_categories
