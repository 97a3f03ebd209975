{%- set spellings =
    "concat_ws(E'\\n', categories.category_id, categories.url_key, nullif(categories.url_key_path, categories.url_key))"
-%}

-- Grouped in the outermost query, where PostgreSQL sees that a product has one row here and leaves out what is not asked
-- for. Joined to one text and split again: arrays of different lengths can't be aggregated, and no url key has a line break.
select
    product_lineages.product_id,
    string_to_array(
        string_agg({{ spellings }}, E'\n' order by categories.category_id), E'\n'
    ) as category,
    string_to_array(
        string_agg({{ spellings }}, E'\n' order by categories.category_id) filter (where product_lineages.is_own), E'\n'
    ) as own_category
from {{ ref('stg_maho__product_lineages') }} as product_lineages
inner join {{ ref('stg_maho__categories') }} as categories on product_lineages.category_id = categories.category_id
group by product_lineages.product_id
