select
    visitor_id,
    store_id,
    {{ utc_time('first_visit_at') }} as first_visit_at
from {{ maho_source(source('maho', 'log_visitor')) }} as log_visitor
