-- depends_on: {{ ref('refresh_scope') }}
{{ config(materialized='table', post_hook='analyze {{ this }}') }}

{{ state_rows(model.columns) }}
