{{
    config(
        materialized='incremental',
        incremental_strategy='append',
        full_refresh=false,
        indexes=[{'columns': ['next_change_at']}, {'columns': ['renewed_at']}],
    )
}}

{{ state_rows(model.columns) }}
