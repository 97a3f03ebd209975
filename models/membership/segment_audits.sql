{{ config(materialized='incremental', incremental_strategy='append', full_refresh=false) }}

{{ state_rows(model.columns) }}
