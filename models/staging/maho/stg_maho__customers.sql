{%- set attributes = ref('stg_maho__attributes') -%}
{%- set texts = maho_source(source('maho', 'customer_entity_varchar')) -%}
{%- set integers = maho_source(source('maho', 'customer_entity_int')) -%}
{%- set dates = maho_source(source('maho', 'customer_entity_datetime')) -%}
{%- set id = 'customer_entity.entity_id' -%}

select
    customer_entity.entity_id as customer_id,
    customer_entity.website_id,
    customer_entity.store_id,
    customer_entity.group_id as customer_group_id,
    genders.value as gender_id,
    {{ normalized_email('customer_entity.email') }} as email,
    {{ filled_text('first_names.value') }} as first_name,
    {{ filled_text('last_names.value') }} as last_name,
    gender_labels.label as gender,
    coalesce(customer_entity.is_active, 1) = 1 as is_active,
    birth_dates.value::date as birth_date,
    {{ utc_time('customer_entity.created_at') }} as created_at
from {{ maho_source(source('maho', 'customer_entity')) }} as customer_entity
{{ eav_join('first_names', texts, attributes, 'customer.firstname', id) }}
{{ eav_join('last_names', texts, attributes, 'customer.lastname', id) }}
{{ eav_join('birth_dates', dates, attributes, 'customer.dob', id) }}
{{ eav_join('genders', integers, attributes, 'customer.gender', id) }}
left join {{ ref('stg_maho__option_labels') }} as gender_labels
    on genders.value = gender_labels.option_id
