-- depends_on: {{ ref('refresh_scope') }}, {{ ref('changed_keys') }}, {{ ref('profiles') }}, {{ ref('profile_clocks') }}
{{ config(materialized='table', indexes=[{'columns': ['profile_id'], 'unique': true}], post_hook='analyze {{ this }}') }}

{{ state_rows(model.columns) }}
