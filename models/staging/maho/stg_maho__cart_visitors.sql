select
    quote_id as cart_id,
    visitor_id
from {{ maho_source(source('maho', 'log_quote')) }} as log_quote
