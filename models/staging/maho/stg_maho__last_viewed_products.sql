select
    index_id,
    customer_id,
    visitor_id,
    product_id,
    store_id,
    {{ utc_time('added_at') }} as viewed_at
from {{ maho_source(source('maho', 'report_viewed_product_index')) }} as report_viewed_product_index
