{%- set attributes = ref('stg_maho__attributes') -%}
{%- set texts = maho_source(source('maho', 'catalog_category_entity_varchar')) -%}
{%- set id = 'catalog_category_entity.entity_id' -%}

with

categories as (
    select
        catalog_category_entity.entity_id as category_id,
        catalog_category_entity.level,
        catalog_category_entity.path as id_path,
        lower({{ filled_text('url_keys.value') }}) as url_key
    from {{ maho_source(source('maho', 'catalog_category_entity')) }} as catalog_category_entity
    {{ eav_join('url_keys', texts, attributes, 'catalog_category.url_key', id, by_store=true) | indent }}
),

-- Each category with itself and all above it. The tree's root, level 0, is no category.
lineages as (
    select
        categories.category_id,
        ancestors.category_id as ancestor_id,
        ancestors.level as ancestor_level,
        ancestors.url_key as ancestor_url_key
    from categories
    inner join categories as ancestors
        on ancestors.category_id::text = any(string_to_array(categories.id_path, '/'))
    where ancestors.level > 0
)

-- Paths begin below a store's root category, whether it has a url key or not.
select
    category_id,
    array_agg(ancestor_id order by ancestor_level) as lineage_ids,
    min(ancestor_url_key) filter (where ancestor_id = category_id) as url_key,
    case
        when bool_and(ancestor_url_key is not null or ancestor_level = 1)
            then string_agg(ancestor_url_key, '/' order by ancestor_level) filter (where ancestor_level > 1)
    end as url_key_path
from lineages
group by category_id
