select
    item_id as cart_item_id,
    quote_id as cart_id,
    parent_item_id,
    product_id,
    {{ filled_text('sku') }} as sku,
    {{ filled_text('name') }} as name,
    {{ filled_text('product_type') }} as product_type,
    qty,
    base_price as price,
    base_row_total as row_total,
    {{ utc_time('created_at') }} as created_at,
    {{ utc_time('updated_at') }} as updated_at
from {{ maho_source(source('maho', 'sales_flat_quote_item')) }} as sales_flat_quote_item
