-- The schema allows several labels for a store; the oldest counts.
select distinct on (option_id)
    option_id,
    {{ filled_text('value') }} as label
from {{ maho_source(source('maho', 'eav_attribute_option_value')) }} as eav_attribute_option_value
where store_id = 0
order by option_id, value_id
