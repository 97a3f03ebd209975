{{
    config(
        materialized='incremental',
        incremental_strategy='difference',
        unique_key='segment_id',
        full_refresh=false,
        indexes=[{'columns': ['segment_id'], 'unique': true}, {'columns': ['segment_name'], 'unique': true}],
    )
}}

{{ segment_definitions_query(segment_plan(), this if is_incremental() else none) }}
