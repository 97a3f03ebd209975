select
    event_id,
    -- Left as it is, so that its index can be used: the customer's id, or the visitor's.
    subject_id,
    object_id as product_id,
    store_id,
    subtype = 0 as is_of_customer,
    subtype = 1 as is_of_visitor,
    {{ utc_time('logged_at') }} as viewed_at
from {{ maho_source(source('maho', 'report_event')) }} as report_event
-- 1 is catalog_product_view, a constant of the shop's code.
where event_type_id = 1
