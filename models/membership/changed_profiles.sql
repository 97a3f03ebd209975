{{ config(materialized='table', indexes=[{'columns': ['profile_id'], 'unique': true}], post_hook='analyze {{ this }}') }}

{%- set plan, tables = segment_plan(), {} -%}
{%- for name in [
    'refresh_scope', 'profile_identities', 'profiles', 'profile_clocks', 'orders', 'carts', 'stg_maho__cart_visitors', 'stg_maho__orders',
    'stg_maho__wishlists', 'stg_maho__addresses', 'stg_maho__category_products',
] -%}{%- do tables.update({name: ref(name)}) -%}{%- endfor -%}
{%- for name, column in product_relations(plan) -%}{%- do tables.update({name: ref(name)}) -%}{%- endfor -%}
{#- The features are made after this model, so they are looked up by name. -#}
{%- do tables.update({'profile_features': project_relation('profile_features')}) -%}
{%- set changed = get_changed_keys(ref('changed_keys'), ref('refresh_scope')) -%}

{{
    changed_profiles_query(plan, changed, tables, get_refresh_scope(ref('refresh_scope')))
    if changed is not none else state_rows(model.columns)
}}
