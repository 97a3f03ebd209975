select
    eav_attribute.attribute_id,
    {{ filled_text('eav_entity_type.entity_type_code') }} as entity_type,
    {{ filled_text('eav_attribute.attribute_code') }} as attribute_code
from {{ maho_source(source('maho', 'eav_attribute')) }} as eav_attribute
inner join {{ maho_source(source('maho', 'eav_entity_type')) }} as eav_entity_type
    on eav_attribute.entity_type_id = eav_entity_type.entity_type_id
