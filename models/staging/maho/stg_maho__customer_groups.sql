select
    customer_group_id,
    {{ filled_text('customer_group_code') }} as customer_group
from {{ maho_source(source('maho', 'customer_group')) }} as customer_group
