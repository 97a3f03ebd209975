{{
    config(
        materialized='table',
        pre_hook="{{ change_log_statements() | join('; ') if execute and var('change_capture') == 'clocks' }}",
    )
}}

{#- What an incremental run goes on from comes after this model, so it is looked up by name. -#}
{%- set tables = ['profile_identities', 'unlogged_product_views', 'profile_features'] -%}
{%- set made = execute and is_made(tables, 'work') and is_made(['profiles'], none) -%}
{%- set captured = capture_key() -%}

{{
    refresh_scope_query(
        plan=segment_plan(),
        definitions=ref('segment_definitions'),
        publications=ref('segment_publications'),
        pointers=ref('refresh_pointers'),
        made=made,
        capture_key=none if captured is none else captured ~ ', guest orders: ' ~ segment_plan().identity.guest_orders,
    )
}}
