select
    products.product_id,
    products.sku,
    products.name,
    products.type,
    product_categories.category,
    product_categories.own_category,
    products.price
from {{ ref('stg_maho__products') }} as products
left join {{ ref('stg_maho__product_categories') }} as product_categories
    on products.product_id = product_categories.product_id
