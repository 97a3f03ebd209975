select
    log_id as login_id,
    customer_id,
    visitor_id,
    {{ utc_time('login_at') }} as logged_in_at
from {{ maho_source(source('maho', 'log_customer')) }} as log_customer
