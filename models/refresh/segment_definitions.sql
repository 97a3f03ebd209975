{{
    config(
        materialized='incremental',
        incremental_strategy='difference',
        unique_key='segment_id',
        full_refresh=false,
        indexes=[{'columns': ['segment_id'], 'unique': true}, {'columns': ['segment_name'], 'unique': true}],
    )
}}

{%- do note_idle_renames(segment_plan(), this) if execute and is_incremental() %}

{{ segment_definitions_query(segment_plan(), this if is_incremental() else none) }}
