select
    entity_id as credit_memo_id,
    order_id,
    case state when 1 then 'open' when 2 then 'refunded' when 3 then 'cancelled' end as state,
    base_grand_total as grand_total,
    {{ utc_time('created_at') }} as created_at
from {{ maho_source(source('maho', 'sales_flat_creditmemo')) }} as sales_flat_creditmemo
