select
    credit_memos.credit_memo_id as refund_id,
    orders.profile_id,
    credit_memos.order_id,
    credit_memos.grand_total,
    credit_memos.created_at as refunded_at
from {{ ref('stg_maho__credit_memos') }} as credit_memos
inner join {{ ref('orders') }} as orders on credit_memos.order_id = orders.order_id
where credit_memos.state is distinct from 'cancelled'
