{%- set attributes = ref('stg_maho__attributes') -%}
{%- set texts = maho_source(source('maho', 'customer_address_entity_varchar')) -%}
{%- set long_texts = maho_source(source('maho', 'customer_address_entity_text')) -%}
{%- set customer_integers = maho_source(source('maho', 'customer_entity_int')) -%}
{%- set id = 'customer_address_entity.entity_id' -%}
{%- set customer_id = 'customer_address_entity.parent_id' -%}

select
    customer_address_entity.entity_id as address_id,
    customer_address_entity.parent_id as customer_id,
    {{ filled_text('first_names.value') }} as first_name,
    {{ filled_text('last_names.value') }} as last_name,
    {{ filled_text('companies.value') }} as company,
    {{ filled_text('streets.value') }} as street,
    {{ filled_text('cities.value') }} as city,
    {{ filled_text('regions.value') }} as region,
    {{ filled_text('postcodes.value') }} as postcode,
    {{ filled_text('countries.value') }} as country,
    {{ filled_text('telephones.value') }} as telephone,
    coalesce(default_billing.value = customer_address_entity.entity_id, false) as is_default_billing,
    coalesce(default_shipping.value = customer_address_entity.entity_id, false) as is_default_shipping,
    {{ utc_time('customer_address_entity.created_at') }} as created_at
from {{ maho_source(source('maho', 'customer_address_entity')) }} as customer_address_entity
{{ eav_join('first_names', texts, attributes, 'customer_address.firstname', id) }}
{{ eav_join('last_names', texts, attributes, 'customer_address.lastname', id) }}
{{ eav_join('companies', texts, attributes, 'customer_address.company', id) }}
{{ eav_join('streets', long_texts, attributes, 'customer_address.street', id) }}
{{ eav_join('cities', texts, attributes, 'customer_address.city', id) }}
{{ eav_join('regions', texts, attributes, 'customer_address.region', id) }}
{{ eav_join('postcodes', texts, attributes, 'customer_address.postcode', id) }}
{{ eav_join('countries', texts, attributes, 'customer_address.country_id', id) }}
{{ eav_join('telephones', texts, attributes, 'customer_address.telephone', id) }}
{{ eav_join('default_billing', customer_integers, attributes, 'customer.default_billing', customer_id) }}
{{ eav_join('default_shipping', customer_integers, attributes, 'customer.default_shipping', customer_id) }}
